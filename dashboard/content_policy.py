"""The Content-Security-Policy that fits Streamlit: what a page may load and run, all from here.

Each directive is as tight as every page still works under (tests/browser/test_content_policy.py):
- script-src: Streamlit's own files, and the scripts inside its index page by their hashes. `blob:`
  for components that bring their script as text (the question whether the browser can draw maps).
- style-src: Streamlit writes its theme into style elements while it runs.
- connect-src: the websocket; `data:` for the map's empty style, `blob:` for tables to download.
- frame-src, frame-ancestors: no page has a frame inside, nor is one itself.
Source: OWASP ASVS 5 V3.4.
"""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit

_INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
_SCRIPT = re.compile(r"<script(?P<how>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)


@cache
def _hashes() -> str:
    """Of the scripts that stand in Streamlit's index page."""
    found = _SCRIPT.finditer(_INDEX.read_text(encoding="utf-8"))
    inline = [one["text"] for one in found if "src=" not in one["how"]]
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()) for text in inline]
    return " ".join(f"'sha256-{digest.decode()}'" for digest in digests)


@cache
def policy() -> str:
    """The header's value."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {_hashes()}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )
