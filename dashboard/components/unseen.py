"""Drawing before anybody looks: outside the run of a page there is neither a theme nor an address.

What is made then is made as for a light page outside a meeting, which is how most first looks are.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_unseen: ContextVar[bool] = ContextVar("unseen", default=False)
is_unseen = _unseen.get
"""Whether what is drawn is for nobody yet."""


@contextmanager
def drawing() -> Iterator[None]:
    """Until its end charts are drawn for nobody."""
    before = _unseen.set(True)
    try:
        yield
    finally:
        _unseen.reset(before)
