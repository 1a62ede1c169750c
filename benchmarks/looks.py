"""One look at a page over a websocket, as a browser has it: asked for, then everything received."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import jwt
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.util import calc_hash
from websockets.asyncio.client import ClientConnection, connect

from dashboard.data import accounts, sessions
from dashboard.data.store import Store
from dashboard.policy.access import Role

KEY = "0" * 64
_WELL, _FAILED, _CUT_OFF = 0, 1, 2
"""How a script ends; cut off, another run follows at once and is waited for."""
_LOGIN, _TROUBLE = "密码", "编号"
"""What stands on the login form, and in the sentence in place of a page that failed."""


@dataclass
class Look:
    """What came of a look: the messages that draw the page, and what is wrong with it."""

    deltas: list[ForwardMsg] = field(default_factory=list)
    wrong: str = ""


def token(store: Store, name: str) -> str:
    """The login of an account made for this run."""
    found = accounts.find(store, "320412", name)
    if found is None:
        accounts.add(store, "320412", name, Role.OFFICE, "320412", must_change=False)
        found = accounts.find(store, "320412", name)
    assert found is not None  # noqa: S101 (just made)
    until = (datetime.now(UTC) + timedelta(days=1)).timestamp()
    claims = {"username": name, "exp_date": until, sessions.NUMBER: found.session_number}
    made = jwt.encode(claims, KEY, algorithm="HS256")
    sessions.begin(store, made)
    return made


def session(port: int, login: str) -> connect:
    """A browser's connection, on loopback."""
    return connect(
        f"ws://127.0.0.1:{port}/_stcore/stream",
        additional_headers={"Cookie": f"{sessions.COOKIE}={login}"},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
        compression=None,
    )


async def look(socket: ClientConnection, path: str, unit: str, period: str) -> Look:
    """A change of focus. A login form, an error in place of the page, and an empty page are wrong:
    they would be quick."""
    message = BackMsg()
    message.rerun_script.query_string = f"unit={unit}&period={period}"
    message.rerun_script.page_script_hash = calc_hash(path or "overview")
    await socket.send(message.SerializeToString())
    seen = Look()
    async for data in socket:
        answer = ForwardMsg()
        answer.ParseFromString(bytes(data))  # type: ignore[arg-type]
        kind = answer.WhichOneof("type")
        if kind == "delta":
            seen.deltas.append(answer)
            seen.wrong = seen.wrong or _wrong(answer)
        if kind == "script_finished" and answer.script_finished in (_WELL, _FAILED):
            if answer.script_finished == _FAILED:
                seen.wrong = "the script does not compile"
            if len(seen.deltas) < _FEW:
                seen.wrong = seen.wrong or "an empty page"
            return seen
    seen.wrong = "the connection ended"
    return seen


_FEW = 10


def _wrong(answer: ForwardMsg) -> str:
    element = answer.delta.new_element
    kind = element.WhichOneof("type")
    if kind == "exception":
        return "an exception"
    if kind == "text_input" and element.text_input.label == _LOGIN:
        return "the login form"
    if kind == "alert" and _TROUBLE in element.alert.body:
        return "an error in place of the page"
    return ""
