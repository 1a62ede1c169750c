"""The cookie of a login, set by the server itself: with the answer to a picture on the page.

A page's run answers over a websocket, which sets no cookies. The library has the browser set them
by a component: open to every script on the page, and answered with one more run of every page that
is opened, in which a press of that very moment is lost. So a run hands out an errand instead, an
address that is good once and for some minutes and says nothing: whoever asks for it is given the
cookie, and a picture of nothing.
Source: OWASP ASVS 5 V3.3 (HttpOnly, Secure, SameSite).
"""

import secrets
import threading
from datetime import timedelta

from cachetools import TTLCache
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard.data import sessions

PLACE = "login-cookie"
PATH = f"/{PLACE}/{{errand}}"
_MOST, _GOOD_FOR = 4096, timedelta(minutes=10)
_LOCK = threading.Lock()
_WAITING: TTLCache[str, str] = TTLCache(_MOST, _GOOD_FOR.total_seconds())
"""Tokens by errand, in the process that runs the page: its other requests come here too."""
_NOTHING = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01"
_NOTHING += b"\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def hand_out(token: str) -> str:
    """An errand that gives the browser this token as its login; an empty one takes it back."""
    errand = secrets.token_urlsafe(24)
    with _LOCK:
        _WAITING[errand] = token
    return errand


def is_waiting(errand: str) -> bool:
    """Whether nobody has asked for it yet, and it is still good."""
    with _LOCK:
        return errand in _WAITING


async def serve(request: Request) -> Response:
    """The cookie and a picture; 404 where there is no such errand, or another site sends for it."""
    token = None
    if request.headers.get("sec-fetch-site", "same-origin") == "same-origin":
        with _LOCK:
            token = _WAITING.pop(request.path_params["errand"], None)
    if token is None:
        return PlainTextResponse("没有这个地址。", 404)
    answer = Response(_NOTHING, media_type="image/gif", headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        sessions.COOKIE,
        token,
        max_age=int(sessions.LONGEST.total_seconds()) if token else 0,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer
