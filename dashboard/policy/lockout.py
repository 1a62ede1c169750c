"""How long a door stays shut after wrong passwords: longer with each one."""

from datetime import timedelta

ACCOUNT, ORIGIN = "account", "origin"
FREE = {ACCOUNT: 5, ORIGIN: 30}
"""Wrong passwords that cost nothing: on one account, and from one address, which a whole building
may share."""
KEPT = {ACCOUNT: timedelta(hours=24), ORIGIN: timedelta(hours=1)}
"""After so long without a further one they are forgotten."""
_FIRST, _LONGEST = timedelta(minutes=1), timedelta(hours=1)


def shut_for(kind: str, failures: int) -> timedelta:
    """From the last wrong password on: 1 minute after the fifth, then 2, 4 … up to an hour."""
    beyond = failures - FREE[kind]
    if beyond < 0:
        return timedelta()
    # Beyond six doublings it is the longest anyhow; the power must not run away.
    return min(_FIRST * (1 << min(beyond, 10)), _LONGEST)
