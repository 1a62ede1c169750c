"""Which Chinese fonts this machine has: where there is none it is said, never printed as boxes."""

from functools import lru_cache

import typst

from dashboard.briefing import standard

_NONE = (
    "服务器上没有中文字体，无法生成图表和PDF。请安装一种中文字体"
    "（如 Debian 的 fonts-noto-cjk），或安装方正小标宋、仿宋、楷体、黑体。"
)


class NoChineseFont(RuntimeError):
    """No font with Chinese characters is installed on the server."""

    def __init__(self, said: str = _NONE) -> None:
        super().__init__(said)


@lru_cache(maxsize=1)
def installed() -> typst.Fonts:
    """All fonts of the machine, looked for once: the search reads every font file."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)


def family(named: str) -> str:
    """The family to use for a font of the standard: itself under one of its names, or a stand-in.

    Raises NoChineseFont where the machine has none that could stand in.
    """
    there = set(installed().families())
    last = standard.SANS_LAST if named == standard.HEI_FONT else standard.SERIF_LAST
    for candidate in (*standard.STACKS[named], *last):
        if candidate in there:
            return candidate
    raise NoChineseFont


def is_stand_in(named: str) -> bool:
    """Whether another design stands in for a font of the standard on this machine."""
    return family(named) not in standard.STACKS[named]
