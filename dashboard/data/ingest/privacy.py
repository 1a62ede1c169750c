"""Refuse files with personal data outright. A problem names the column, never the value.

Source: blueprint of the programme's registers (no name, identity number or phone of a household);
《个人信息保护法》; 武发〔2016〕68号 三(一) (公开, 公正, 供社会各界查询).
"""

from collections.abc import Callable, Iterator, Mapping

from dashboard.data.ingest.cells import normal
from dashboard.data.ingest.grid import Grid
from dashboard.data.ingest.heads import HEAD_ROWS, Heads
from dashboard.data.ingest.personal import any_personal_number, is_name, is_short_han
from dashboard.data.ingest.problems import Problem, letter
from dashboard.data.ingest.read import INSTRUCTIONS, Reading
from dashboard.data.ingest.sheets import Column, Sheet

_HEAD_WORDS = (
    "姓名",
    "户主",
    "联系人",
    "家庭成员",
    "身份证",
    "证件号",
    "电话",
    "手机",
    "联系方式",
    "银行卡",
    "银行账号",
    "银行帐号",
    "家庭住址",
    "门牌",
)
_LONGEST_HEAD = 20
_NUMBERS = "有像身份证号或手机号的内容,整个文件拒收,未保存任何内容;请删除后重新导入"
_NAMES = "这一列像是人员姓名,整个文件拒收,未保存任何内容;请删除该列,或改填编号、职务"


def check(reading: Reading) -> list[Problem]:
    """What in this file is, or looks like, personal data of a person."""
    problems: list[Problem] = []
    for grid, spec, heads in reading.looked_at:
        if any_personal_number(value for _, value in grid.values()):
            problems.append(Problem(reading.file, _NUMBERS, grid.name))
        if normal(grid.name) != INSTRUCTIONS:
            problems.extend(_by_head(reading.file, grid))
            problems.extend(_by_names(reading.file, grid, spec, heads))
    return problems


def _by_head(file: str, grid: Grid) -> Iterator[Problem]:
    """Heads that ask for personal data. Only the word itself is said: a name may follow it."""
    for number in sorted(grid.rows)[:HEAD_ROWS]:
        for cell in grid.rows[number].values():
            head = normal(cell.value) if isinstance(cell.value, str) else ""
            word = next((word for word in _HEAD_WORDS if word in head), None)
            if word is not None and len(head) <= _LONGEST_HEAD:
                message = f"有列“{word}”,属于个人信息,整个文件拒收,未保存任何内容;请删除该列"
                yield Problem(file, message, grid.name)


def _by_names(file: str, grid: Grid, spec: Sheet | None, heads: Heads | None) -> Iterator[Problem]:
    columns = {column.head: column for column in spec.columns} if spec else {}
    by_column = heads.by_column if heads else {}
    for place, texts in grid.texts_below(heads.bottom if heads else 0).items():
        head = by_column.get(place)
        if spec is not None and head in spec.helpers:
            continue
        test = _test(spec, columns.get(head) if head else None, head)
        if test(texts):
            yield Problem(file, _NAMES, grid.name, None, letter(place), head)


Texts = Mapping[str, int]
"""What stands in a column, and how often."""
Test = Callable[[Texts], bool]


def _test(spec: Sheet | None, column: Column | None, head: str | None) -> Test:
    """How a column is told to hold names: the more freely it may be filled in, the sooner."""
    if spec is None:
        return _mostly_names
    if column is None:
        # Nobody asked for this column: nothing speaks for its words being anything else.
        return _persons if head and head.endswith("人") else _any_names
    if column.options or (spec.table, column.field) == ("unit", "name"):
        return _never
    if column.field in ("post", "number", "household", "subject"):
        return _any_name
    if column.field in _VOCABULARIES:
        return _only_names
    return _mostly_names


_VOCABULARIES = {
    *("name", "kind", "category", "cause", "organisation", "department"),
    *("source", "purpose", "status", "audit_state"),
}
"""Words that come back row after row, or names of organisations."""


def _never(_texts: Texts) -> bool:
    return False


def _any_name(texts: Texts) -> bool:
    return any(is_name(text) for text in texts if not text.isascii())


def _any_names(texts: Texts) -> bool:
    """Among the texts of a column without a purpose, one in two is a name."""
    names = sum(often for text, often in texts.items() if is_name(text))
    return bool(texts) and 2 * names >= sum(texts.values())


def _persons(texts: Texts) -> bool:
    """Under a head that asks for a person (经办人), anything short that is no post is a name."""
    return any(map(is_short_han, texts))


def _mostly_names(texts: Texts) -> bool:
    """Names do not come back: three different ones, and most of what is there."""
    return _share(texts, fewest=3, share=0.6)


def _only_names(texts: Texts) -> bool:
    return _share(texts, fewest=3, share=0.8)


def _share(texts: Texts, fewest: int, share: float) -> bool:
    different = {text.strip() for text in texts}
    names = sum(map(is_name, different))
    return names >= fewest and names >= share * len(different)
