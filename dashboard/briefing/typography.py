"""How texts are set in an official document: full-width punctuation, titles broken by sense."""

import math
import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from unicodedata import east_asian_width

_FULL = {ord(char): ord(char) + 0xFEE0 for char in ",:;?!"}
_CHINESE = r"[\u3007\u3400-\u9fff\u3001\u3002\u300a-\u3011\u3014\u3015\u2018-\u201d\uff00-\uff5e]"
_BRACKETED = re.compile(r"\(([^()\n]*)\)")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_POINT = re.compile(rf"(?<={_CHINESE})[,:;?!]|[,:;?!](?={_CHINESE})")


def full_width(text: str) -> str:
    """Punctuation beside Chinese characters as Chinese print has it; figures stay as they are.

    "镇(街道):12,345" becomes "镇（街道）：12,345". A pair of brackets goes over together.
    """

    def bracket(match: re.Match[str]) -> str:
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        inside = match.group(1)
        if re.search(_CHINESE, before + inside + after):
            return f"（{inside}）"
        return match.group()

    return _POINT.sub(lambda match: match.group().translate(_FULL), _BRACKETED.sub(bracket, text))


def printable(text: str) -> str:
    """The text without the control characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)


def one_line(text: str) -> str:
    """The text printable and on one line: for titles, cells and lists, which break by width."""
    return re.sub("[\t\n\r\u0085\u2028\u2029]+", " ", printable(text))


def width(text: str) -> float:
    """The width in full-width characters; a half-width one counts one half."""
    return sum(1.0 if east_asian_width(char) in "WFA" else 0.5 for char in text)


# Words behind and before which a title may be broken. A run of characters that are in none of them
# is kept whole: a word that is not here makes the choice of breaks smaller, and is never split.
_WORDS = (
    *(
        "关于",
        "全省",
        "全市",
        "全区",
        "全县",
        "全镇",
        "扶贫开发",
        "扶贫",
        "脱贫攻坚",
        "脱贫",
        "推进",
    ),
    *("工作", "领导小组", "办公室", "人民政府", "委员会", "农村", "低收入农户", "经济一般村"),
    *(
        "村级集体经济",
        "村集体经济",
        "村集体",
        "年收入",
        "帮扶",
        "进展",
        "情况",
        "通报",
        "实例",
        "讲评",
    ),
    *(
        "更正",
        "完成",
        "达标",
        "未达标村",
        "名单",
        "目标任务",
        "目标",
        "任务",
        "分解",
        "排名",
        "考核",
    ),
    *("督查", "整改", "资金", "项目", "落实", "问题", "季度"),
)
_PIECE = re.compile(
    r"(?P<whole>《[^》]*》|（[^）]*）|〔[^〕]*〕[0-9]*号?|[0-9]+年(?:度|上半年|第?[一二三四1-4]季度)?"
    r"|第[一二三四五六七八九十0-9]+(?:季度|期|号)|[A-Za-z0-9.,%]+|"
    + "|".join(sorted(_WORDS, key=len, reverse=True))
    + r"|[\u4e00-\u9fff]{2}[省市区县])|."
)
_STAYS_BEHIND = re.compile(r"[的了和与及表、，。：；！？）》〕”’%]")
_GOES_AHEAD = re.compile(r"(?:关于|对|和|与|及|第|（|《|〔|“|‘)$")


def _chunks(text: str) -> list[str]:
    """The pieces between which a line may end."""
    chunks: list[str] = []
    joined = False
    for match in _PIECE.finditer(text):
        known, piece = match["whole"] is not None, match.group()
        stays = _STAYS_BEHIND.match(piece) is not None
        if chunks and (stays or (joined and not known) or _GOES_AHEAD.search(chunks[-1])):
            chunks[-1] += piece
        else:
            chunks.append(piece)
        joined = not known and not stays
    return chunks


def _fitting(chunks: list[str], limit: float) -> Iterator[str]:
    """The chunks, one that is longer than a line cut where the line ends."""
    for chunk in chunks:
        while width(chunk) > limit:
            cut = next(at for at in range(len(chunk), 0, -1) if width(chunk[:at]) <= limit)
            yield chunk[:cut]
            chunk = chunk[cut:]
        yield chunk


_TITLE_CHUNKS = 16
"""Of more pieces no title is made: ways to break them are then too many to be compared."""


def _filled(chunks: list[str], limit: float) -> list[str]:
    """Each line as full as it can be."""
    lines = [""]
    for chunk in chunks:
        if width(lines[-1] + chunk) > limit:
            lines.append("")
        lines[-1] += chunk
    return lines


def _ugliness(lines: list[str], limit: float) -> float:
    """0 is best. Lines of one length make a box, a short one in the middle an hourglass."""
    widths = [width(line) for line in lines]
    if max(widths) > limit:
        return math.inf
    mean = sum(widths) / len(widths)
    box = sum(20.0 for one, two in pairwise(widths) if abs(one - two) < 1)
    hourglass = sum(
        1000.0
        for one, two, three in zip(widths, widths[1:], widths[2:], strict=False)
        if two < min(one, three)
    )
    heavy_foot = 0.5 if widths[-1] > widths[0] else 0.0
    return sum((one - mean) ** 2 for one in widths) + box + hourglass + heavy_foot


def title_lines(text: str, limit: float) -> tuple[str, ...]:
    """A title in as few lines as fit `limit` full-width characters, in the shape of a trapezoid or
    a rhombus, broken only between words (GB/T 9704-2012, 7.3.1).
    """
    chunks = list(_fitting(_chunks(text), limit))
    if len(chunks) > _TITLE_CHUNKS:
        return tuple(_filled(chunks, limit))
    for many in range(max(1, math.ceil(width(text) / limit)), len(chunks) + 1):
        breaks = [
            (0, *places, len(chunks)) for places in combinations(range(1, len(chunks)), many - 1)
        ]
        broken = [["".join(chunks[one:two]) for one, two in pairwise(places)] for places in breaks]
        best = min(broken, key=lambda lines: _ugliness(lines, limit))
        if _ugliness(best, limit) < math.inf:
            return tuple(best)
    return tuple(chunks)
