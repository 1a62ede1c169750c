"""Published bulletins as files for everybody: /documents/2016/3.pdf. Nothing else is served."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from dashboard import settings as config
from dashboard.briefing import render
from dashboard.briefing.content import Bulletin, from_json
from dashboard.components import downloads, visits
from dashboard.data import bulletins
from dashboard.data.store import StoreAway, connect

PATH = "/documents/{year:int}/{number:int}.{suffix}"
_OFFERED = ("html", "pdf")


def serve(request: Request) -> Response:
    """The file, or a sentence: 404 for what has not been published, 429 for who asks too often.

    Not async: it lays out a document, in a thread of its own.
    """
    origin = request.client.host if request.client else None
    if not visits.allowed(visits.DOCUMENTS, origin):
        return PlainTextResponse(visits.TOO_OFTEN, 429, {"Retry-After": "60"})
    suffix = request.path_params["suffix"]
    try:
        found = _published(request.path_params["year"], request.path_params["number"])
    except StoreAway:
        return PlainTextResponse("数据库暂时无法访问,请稍后重试。", 503)
    if found is None or suffix not in _OFFERED:
        return PlainTextResponse("没有这份通报。", 404)
    form = render.FORMATS[suffix]
    name = quote(downloads.safe(render.file_name(found, suffix)))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(form.render(found), media_type=form.mime, headers=headers)


def _published(year: int, number: int) -> Bulletin | None:
    root = config.load().district.root_unit
    for issue in bulletins.published(connect(), root):
        if issue.number == number:
            found = from_json(issue.content)
            if found.year == year:
                return found
    return None
