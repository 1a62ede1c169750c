"""The web server: Streamlit as an ASGI app with health routes and headers, served by uvicorn."""

from contextlib import suppress
from pathlib import Path
from socket import socket

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import login_cookie, logs, public_documents, sign_on_server, warm
from dashboard import settings as config
from dashboard.briefing import preview
from dashboard.content_policy import policy
from dashboard.data.store import connect
from dashboard.media_gate import MediaGate

_ICON = Path(__file__).parent / "components" / "icon.png"
_SCRIPT = Path(__file__).parents[1] / "streamlit_app.py"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)


class _Closed:
    """Streamlit's own way for programs to drive it is off; that it is there is not told either."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope.get("path", "")).startswith("/_stcore/agent"):
            await PlainTextResponse("没有这个地址。", 404)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _Headers:
    """Adds the security headers to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = policy().encode()
                own = (*_HEADERS, (b"content-security-policy", said))
                message["headers"] = [*message.get("headers", []), *own]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


async def _healthz(_request: Request) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})


def readyz(_request: Request) -> JSONResponse:
    """The store answers. Not async: it waits for a database, in a thread of its own."""
    ready = connect().answers()
    status = "ready" if ready else "store unavailable"
    return JSONResponse({"status": status}, status_code=200 if ready else 503)


def application() -> st.App:
    """The ASGI application."""
    return st.App(
        _SCRIPT,
        routes=[
            Route("/healthz", _healthz),
            Route("/readyz", readyz),
            Route(public_documents.PATH, public_documents.serve),
            Route(login_cookie.PATH, login_cookie.serve),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(_Closed),
            Middleware(MediaGate, icon=_ICON),
        ],
    )


class _Server(uvicorn.Server):
    """Ends what it has started: uvicorn leaves by the signal that told it to, and after that
    nothing of Python's own is done any more."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await super().shutdown(sockets)
        preview.end()


def serve(host: str, port: int) -> None:
    """Serve until stopped."""
    # What errors.py logs is looked up by its number and its time.
    logs.begin()
    sign_on_server.prepare(config.load(), connect())
    warm.begin()
    how = uvicorn.Config(
        application(), host=host, port=port, log_level="warning", log_config=None, access_log=False
    )
    with suppress(KeyboardInterrupt):
        _Server(how).run()
