"""The measures of an official document, for every layout of paper: GB/T 9704-2012.

Lengths are millimetres, type sizes points. Word and PDF are laid out by these and by nothing else.
"""

from typing import Final

MM_TO_PT: Final = 72 / 25.4

# 5.1-5.2: A4, type area 156 x 225 mm, 37 mm above it and 28 mm on the binding side.
PAPER: Final = (210.0, 297.0)
TOP, LEFT, RIGHT, BOTTOM = 37.0, 28.0, 26.0, 35.0
TYPE_AREA: Final = (PAPER[0] - LEFT - RIGHT, PAPER[1] - TOP - BOTTOM)

# 5.2.3: 22 lines of 28 characters fill the type area.
LINES, CHARACTERS = 22, 28
LINE_PITCH: Final = 28.95
"""Points from line to line: 579 twentieths, the largest whole number that 22 times still fits."""

# 7.2: the red head.
HEAD_BELOW_TOP: Final = 35.0
RULE_BELOW_NUMBER: Final = 4.0
RED: Final = "FF0000"

# 7.5: the dashes beside the page number are 7 mm below the type area.
PAGE_NUMBER_BELOW: Final = 7.0

SIZE_2: Final = 22.0
SIZE_3: Final = 16.0
SIZE_4: Final = 14.0
SIZE_SMALL_4: Final = 12.0
SIZE_5: Final = 10.5
SIZE_SMALL_5: Final = 9.0
TABLE_SIZES: Final = (SIZE_SMALL_4, SIZE_5, SIZE_SMALL_5)
"""The standard leaves tables open; the largest of these is taken that the columns have room for."""

# 7.2.4, 7.3.1-7.3.3, 7.5: names as offices have the fonts installed, then what may stand in.
TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
KAI_FONT: Final = "楷体_GB2312"
HEI_FONT: Final = "黑体"
SONG_FONT: Final = "宋体"

_SERIF: Final = (
    *("SimSun", "宋体", "STSong", "Songti SC", "Noto Serif CJK SC", "Noto Serif SC"),
    *("Source Han Serif SC", "Source Han Serif CN", "AR PL SungtiL GB", "AR PL UMing CN"),
)
_SANS: Final = (
    *("SimHei", "黑体", "STHeiti", "Heiti SC", "Microsoft YaHei", "PingFang SC"),
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
)
STACKS: Final[dict[str, tuple[str, ...]]] = {
    TITLE_FONT: (TITLE_FONT, "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "FZXiaoBiaoSong-B05"),
    BODY_FONT: (BODY_FONT, "FangSong_GB2312", "FangSong", "仿宋", "STFangsong", "Fangsong SC"),
    KAI_FONT: (
        *(KAI_FONT, "KaiTi_GB2312", "KaiTi", "楷体", "STKaiti", "Kaiti SC"),
        *("AR PL KaitiM GB", "AR PL UKai CN"),
    ),
    HEI_FONT: _SANS,
    SONG_FONT: _SERIF,
}
"""Family names by which a machine may have each font; English and Chinese, best first."""
SERIF_LAST: Final = (*_SERIF, *_SANS)
"""What serves where a machine has none of a stack."""
SANS_LAST: Final = (*_SANS, *_SERIF)
