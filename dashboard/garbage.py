"""Garbage is collected while nobody looks.

A whole collection holds up every viewer of a process for as long as it lasts, and lasts the longer
the more is kept: a third of a second with what some hundred looks keep (docs/performance.md). So
what is kept is set aside between looks, and later collections pass it by.
"""

import gc
import time

_ENOUGH = 3
"""Collections of young objects since the last whole one: some twenty thousand more objects."""
_WHOLE_EVERY_S = 600.0
"""What was set aside and is garbage since is found only by looking through all of it."""

_looked_through = time.monotonic()


def set_aside() -> None:
    """Leave what is loaded by now, libraries above all, out of later collections."""
    gc.collect()
    gc.freeze()


def at_rest() -> None:
    """Collect what looks have left behind, and set aside what they keep."""
    global _looked_through  # noqa: PLW0603 (there is one collector)
    if gc.get_count()[2] < _ENOUGH:
        return
    if time.monotonic() - _looked_through > _WHOLE_EVERY_S:
        gc.unfreeze()
        _looked_through = time.monotonic()
    set_aside()
