"""How often one address may ask for what is open to everybody.

Counted in this process alone: behind nginx each browser stays with one (deploy/nginx).
"""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

PAGES = RateLimitItemPerMinute(60)
DOCUMENTS = RateLimitItemPerMinute(20)
TOO_OFTEN = "访问太频繁,请一分钟后再试。"

# Forgets an address a minute after its last visit.
_LIMITER = MovingWindowRateLimiter(MemoryStorage())


def allowed(item: RateLimitItemPerMinute, origin: str | None) -> bool:
    """Count a visit; whether it is within the limit. An address that is not known is one of all."""
    return _LIMITER.hit(item, type(item).__name__, str(item.amount), origin or "unknown")
