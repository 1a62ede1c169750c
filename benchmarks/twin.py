"""A Streamlit page that shows what was recorded of another: the same widgets on constant data.

`?show=NAME` names a recording in the folder TWIN_FOLDER; without it the page is blank.
"""

import os
from pathlib import Path

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

_LENGTH = 4


def _messages(recorded: bytes) -> list[ForwardMsg]:
    found, at = [], 0
    while at < len(recorded):
        size = int.from_bytes(recorded[at : at + _LENGTH], "big")
        message = ForwardMsg()
        message.ParseFromString(recorded[at + _LENGTH : at + _LENGTH + size])
        found.append(message)
        at += _LENGTH + size
    return found


st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
shown = st.query_params.get("show")
if shown:
    run = get_script_run_ctx()
    assert run is not None  # noqa: S101 (a page has one)
    for one in _messages((Path(os.environ["TWIN_FOLDER"]) / Path(shown).name).read_bytes()):
        run.enqueue(one)
