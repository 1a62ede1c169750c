"""Files that pages show or offer (/media/…) are for those they were made for.

Streamlit serves them to whoever knows the address. Addresses are hashes of the content, but one
that was copied from a browser's history would open without a login, or with somebody else's.
"""

import asyncio
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import handed_out
from dashboard import settings as config
from dashboard.data import sessions
from dashboard.data.store import StoreAway, connect

_AGAIN, _MOST, _SECONDS = "again", 2, 1.0
_NOT_WHOLE = (b"range", b"if-range", b"if-none-match", b"if-modified-since", b"accept-encoding")
"""Headers that would have a part of a file answered, or nothing, or the file compressed."""


class MediaGate:
    """Lets /media through for an open session of the account that a file was made for; `icon` is
    what the login page itself shows."""

    def __init__(self, app: ASGIApp, icon: Path) -> None:
        self._app = app
        self._icon = icon.read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not str(scope["path"]).startswith("/media/"):
            await self._app(scope, receive, send)
            return
        answer = await self._found(scope, receive)
        content = b"".join(message.get("body", b"") for message in answer)
        is_open = content == self._icon
        if not is_open:
            username = await run_in_threadpool(_whose, _token(scope))
            is_open = username is not None and handed_out.was_given(username, content)
        if is_open:
            for message in answer:
                await send(message)
            return
        await (await _later(scope))(scope, receive, send)

    async def _found(self, scope: Scope, receive: Receive) -> list[Message]:
        """What Streamlit would answer; all of it, as only the whole tells whose it is."""
        answer: list[Message] = []

        async def collect(message: Message) -> None:
            answer.append(message)

        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_WHOLE]
        await self._app({**scope, "headers": headers}, receive, collect)
        return answer


def _token(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"cookie":
            found = SimpleCookie(value.decode("latin-1")).get(sessions.COOKIE)
            if found is not None:
                return found.value
    return ""


def _whose(token: str) -> str | None:
    if not token:
        return None
    try:
        return sessions.whose(connect().for_a_look(), config.load().district.root_unit, token)
    except StoreAway:
        return None


async def _later(scope: Scope) -> ASGIApp:
    """Asked again in a second: after a login pictures are asked for before the browser has taken
    the cookie. Then refused."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get(_AGAIN, ["0"])[0]
    tries = int(asked) if asked in {str(number) for number in range(_MOST)} else _MOST
    if tries >= _MOST:
        return PlainTextResponse("请先登录。", 403)
    await asyncio.sleep(_SECONDS)
    return RedirectResponse(f"{scope['path']}?{_AGAIN}={tries + 1}", 307)
