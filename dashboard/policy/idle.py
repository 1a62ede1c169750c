"""How long a login lasts that nobody uses: what stands on an unwatched screen is for anyone.

Source: OWASP ASVS 5, V7.3 (inactivity timeout).
"""

from datetime import datetime, timedelta

WARNING = timedelta(minutes=2)
"""Before the end the screen says so."""
MEETING = timedelta(hours=4)
"""A page that is projected is watched without a click; longer than any meeting is forgotten."""
_PARTS = 10


def time_left(seen_at: datetime, now: datetime, limit: timedelta) -> timedelta:
    """Until the login ends, counted from when it was used last; zero or less: it has ended."""
    return seen_at + limit - now


def is_worth_noting(seen_at: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether this use should be written down: seldom enough to cost nothing, often enough that
    a login ends at most a tenth of its limit too early."""
    return now - seen_at >= limit / _PARTS
