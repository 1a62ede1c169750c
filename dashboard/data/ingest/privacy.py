"""Refuse files with personal data outright. A problem names the column, never the value.

Source: blueprint of the programme's registers (no name, identity number or phone of a household);
《个人信息保护法》; 武发〔2016〕68号 三(一) (公开, 公正, 供社会各界查询).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from dashboard.data.ingest.cells import normal
from dashboard.data.ingest.problems import Problem
from dashboard.data.ingest.read import RawSheet, Reading

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
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)([1-9]\d{5})((?:19|20)\d{2})(\d{2})(\d{2})\d{3}([\dXx])(?![\dXx])")
_OLD_IDENTITY = re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(\d{2})(\d{2})\d{3}(?!\d)")
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖"
    "龚文殷庄储恽承是巢"
)
_NAME = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}")
_FEWEST_NAMES = 3
_SHARE_OF_NAMES = 0.6
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def check(reading: Reading) -> list[Problem]:
    """What in this file is, or looks like, personal data of a person."""
    problems = list(_by_head(reading))
    for name, rows in reading.all_cells:
        if any(_is_personal_number(value) for row in rows for value in row):
            message = "有像身份证号或手机号的内容,整个文件拒收,未保存任何内容;请删除后重新导入"
            problems.append(Problem(reading.file, message, name))
    for sheet in reading.sheets:
        problems.extend(_by_names(sheet))
    return problems


def _by_head(reading: Reading) -> Iterable[Problem]:
    for name, rows in reading.all_cells:
        for row in rows[:12]:
            for value in row:
                word = normal(value) if isinstance(value, str) else ""
                if len(word) <= 12 and any(part in word for part in _HEAD_WORDS):
                    message = f"有列“{word}”,属于个人信息,整个文件拒收,未保存任何内容;请删除该列"
                    yield Problem(reading.file, message, name)


def _by_names(sheet: RawSheet) -> Iterable[Problem]:
    if not sheet.spec.is_personal and sheet.spec.name not in ("目标", "任务"):
        return
    for column in sheet.spec.columns:
        if column.options or column.field in ("category", "cause", "organisation", "department"):
            continue
        values = [row.cells[column.head].value for row in sheet.rows if column.head in row.cells]
        if _looks_like_names(values):
            message = "这一列像是人员姓名,整个文件拒收,未保存任何内容;请改填编号或职务"
            yield sheet.problem(message, head=column.head)


def _looks_like_names(values: Sequence[Any]) -> bool:
    words = [v.strip() for v in values if isinstance(v, str) and v.strip()]
    names = [word for word in words if _NAME.fullmatch(word) and not word.endswith(_OFFICES)]
    return len(names) >= _FEWEST_NAMES and len(names) >= _SHARE_OF_NAMES * len(words)


_OFFICES = ("长", "书记", "主任", "委员", "干事", "科员", "专员", "会计", "村", "镇", "局")


def _is_personal_number(value: Any) -> bool:
    if isinstance(value, bool | date) or value is None:
        return False
    said = normal(value)
    if isinstance(value, int | float):
        return bool(_MOBILE.fullmatch(said)) or _is_identity(said)
    return bool(_MOBILE.search(said)) or _is_identity(said)


def _is_identity(said: str) -> bool:
    for match in _IDENTITY.finditer(said):
        number = match[0].upper()
        total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
        if _is_day(match[3], match[4]) and _CHECKS[total % 11] == number[17]:
            return True
    return any(_is_day(m[1], m[2]) for m in _OLD_IDENTITY.finditer(said))


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31
