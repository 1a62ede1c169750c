"""Whom this server made a file or a picture for, so that nobody else opens its address.

By content: an address says what is in a file, not whose it is. Whoever was given the same content
may open it. Bounded, and forgotten after a day, as a login is.
"""

import hashlib
import threading

from cachetools import TTLCache

_MOST, _SECONDS = 65_536, 86_400
_LOCK = threading.Lock()
_GIVEN: TTLCache[tuple[str, bytes], bool] = TTLCache(_MOST, _SECONDS)


def give(username: str, content: bytes) -> bytes:
    """The content, noted as made for this account."""
    with _LOCK:
        _GIVEN[username, _digest(content)] = True
    return content


def was_given(username: str, content: bytes) -> bool:
    """Whether this content was made for this account."""
    with _LOCK:
        return (username, _digest(content)) in _GIVEN


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
