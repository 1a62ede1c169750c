"""Garbage is collected when there is some, not after every look: docs/performance.md."""

import gc

from streamlit import config

from dashboard import warm


def test_no_look_ends_with_a_whole_collection() -> None:
    """What Streamlit does by itself; the runner of these tests never does, a server would."""
    assert config.get_option("runner.postScriptGC") is False


def test_what_is_loaded_is_not_looked_through_again() -> None:
    before = gc.get_freeze_count()
    try:
        warm.set_aside()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
