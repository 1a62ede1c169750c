"""Files that pages show or offer (/media/…) are for those who are logged in.

Streamlit serves them to whoever knows the address. Addresses are hashes of the content, but one
that was copied from a browser's history would open without a login.
"""

import asyncio
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import settings as config
from dashboard.data import sessions
from dashboard.data.store import StoreAway, connect

_AGAIN, _MOST, _SECONDS = "again", 2, 1.0


class MediaGate:
    """Lets /media through for an open session; `icon` is what the login page itself shows."""

    def __init__(self, app: ASGIApp, icon: Path) -> None:
        self._app = app
        self._icon = icon.read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_media = scope["type"] == "http" and str(scope["path"]).startswith("/media/")
        if not is_media or await run_in_threadpool(_is_inside, _token(scope)):
            await self._app(scope, receive, send)
            return
        answer = await self._icon_or_none(scope, receive) or await _later(scope)
        await answer(scope, receive, send)

    async def _icon_or_none(self, scope: Scope, receive: Receive) -> Response | None:
        """The icon where that is what was asked for; nothing else leaves this function."""
        body = b""

        async def collect(message: Message) -> None:
            nonlocal body
            if len(body) <= len(self._icon):
                body += message.get("body", b"")

        await self._app(scope, receive, collect)
        return Response(self._icon, media_type="image/png") if body == self._icon else None


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            found = SimpleCookie(value.decode("latin-1")).get(sessions.COOKIE)
            if found is not None:
                return found.value
    return ""


def _is_inside(token: str) -> bool:
    if not token:
        return False
    try:
        return sessions.opens(connect().for_a_look(), config.load().district.root_unit, token)
    except StoreAway:
        return False


async def _later(scope: Scope) -> Response:
    """Asked again in a second: after a login pictures are asked for before the browser has taken
    the cookie. Then refused."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get(_AGAIN, ["0"])[0]
    tries = int(asked) if asked.isdecimal() else _MOST
    if tries >= _MOST:
        return PlainTextResponse("请先登录。", 403)
    await asyncio.sleep(_SECONDS)
    return RedirectResponse(f"{scope['path']}?{_AGAIN}={tries + 1}", 307)
