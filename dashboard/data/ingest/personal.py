"""What looks like a person: identity numbers, phones, names. Shapes only; nothing is looked up.

Identity numbers: GB 11643-1999. Names: a surname and one or two characters; what ends like a post,
a place or an organisation is none.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Any

from dashboard.data.ingest.cells import exact

_MOBILE = re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
_LANDLINE = re.compile(r"(?<![\w-])(?:\(0\d{2,3}\)|0\d{2,3}-)\d{7,8}(?!\d)")
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}[\s-]?(?:19|20)\d{2}(\d{2})(\d{2})[\s-]?\d{3}[\dXx](?![\dXx])"
)
_OLD_IDENTITY = re.compile(r"(?<!\d)([1-9]\d{5})\d{2}(\d{2})(\d{2})\d{3}(?!\d)")
# 18 and 15 digits as a spreadsheet writes a number that long into a CSV file.
_POWER = re.compile(r"([1-9])\.(\d{2,})E\+(17|14)", re.IGNORECASE)
_SHORTEST = 11
"""Of all the shapes above but _POWER."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_DIGITS_KEPT = 15
"""A number in a sheet keeps 15 digits: of an identity number's 18 the last three become 0."""

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖"
    "龚文殷庄储恽承是巢肖翟樊凌颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐梅莫辛管祝左涂谷祁时舒"
    "耿牟卜詹关苗费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房"
    "边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫嵇荆诸虞宣缪支裘宗应惠邴糜松封羿芮汲井仲伊仇栾暴厉戎符束卓蔺屠"
    "蒙乐茅狄鲜闻濮冀农晏慕艾容暨居衡步满匡寇广师巩厍晁勾敖冷訾阚那简空曾母沙养丰红竺盖益桓公计奚谈宫"
)
_TWO_SURNAMES = "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|东方|端木|南宫|西门|申屠"
_NAME = re.compile(rf"(?:(?:{_TWO_SURNAMES})|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}}")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_POST = re.compile(
    r"(?:常务|常委|文书|文教|文卫|文宣|武装|金融|党|高级|专职|应|计).*"
    r"|.*(?:长|书记|主任|委|员|干事|干部|助理|会计|出纳|工程师|经理|董事|代表|负责人|主席|组|办|科|股|处|室|局|站"
    r"|所|部|队|学院|学校|厂|村|镇|乡|街道|区|市|中心|公司|银行|协会|合作社|联社|户|类型|经费|资金|收入|工程|项目"
    r"|计划|方案|文件)"
)
"""Posts, places, organisations and kinds that begin like a surname."""
_BETWEEN_NAMES = re.compile(r"[、,;/|\n]+")


def is_personal(value: Any) -> bool:
    """Must not be repeated in a sentence: a personal number, or the shape of a name."""
    return is_personal_number(value) or is_name(value)


def any_personal_number(values: Iterable[Any]) -> bool:
    """Whether one of them is. A large file has a number of its own in every row."""
    return any(
        is_personal_number(value)
        for value in values
        # What is not ASCII may stand for more.
        if type(value) is not str or len(value) >= _SHORTEST or not value.isascii() or "+" in value
    )


def is_personal_number(value: Any) -> bool:
    """An identity number or a phone, as text or as a number (rounded by the sheet or not)."""
    if isinstance(value, bool | date) or value is None:
        return False
    if isinstance(value, int | float):
        if not 1e10 <= value < 1e18 or value != int(value):
            return False
        # As the sheet shows it: a float's last digits beyond fifteen are noise, 0101 may be 0100.
        said = f"{exact(value):f}" if isinstance(value, float) else str(value)
        return _MOBILE.fullmatch(said) is not None or _is_identity(said) or _is_rounded(said)
    said = str(value)
    if sum(map(str.isdigit, said)) < 4:
        return False
    said = unicodedata.normalize("NFKC", said).strip()
    power = _POWER.fullmatch(said)
    if power and _province(power[1] + power[2]):
        return True
    return (
        _MOBILE.search(said) is not None
        or _LANDLINE.search(said) is not None
        or _is_identity(said)
        or (said.isdigit() and said.endswith("000") and _is_rounded(said))
    )


def _is_identity(said: str) -> bool:
    for match in _IDENTITY.finditer(said):
        number = re.sub(r"[\s-]", "", match[0]).upper()
        total = sum(int(d) * w for d, w in zip(number[:17], _WEIGHTS, strict=True))
        if _is_day(match[1], match[2]) and _CHECKS[total % 11] == number[17]:
            return True
    return any(_province(m[1]) and _is_day(m[2], m[3]) for m in _OLD_IDENTITY.finditer(said))


def _is_rounded(said: str) -> bool:
    """18 digits typed as a number: what the sheet kept has a region and a day of birth in it."""
    if len(said) != 18:
        return False
    kept = said[:_DIGITS_KEPT]
    return _province(kept) and kept[6:8] in ("19", "20") and _is_day(kept[10:12], kept[12:14])


def _province(said: str) -> bool:
    return _PROVINCE.match(said) is not None


def _is_day(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def is_name(value: Any) -> bool:
    """One or several names and nothing else: 张某, 李某某、王某."""
    return _all_parts(value, _NAME)


def is_short_han(value: Any) -> bool:
    """Two to four characters that are no post: a name where a head asks for a person."""
    return _all_parts(value, _HAN)


def is_post(said: str) -> bool:
    return _POST.fullmatch(said) is not None


def _all_parts(value: Any, shape: re.Pattern[str]) -> bool:
    if not isinstance(value, str) or len(value) > 60 or value.isascii():
        return False
    # What stands in brackets behind a name is not looked at; two characters are often set apart.
    said = re.sub(r"\([^()]*\)$", "", unicodedata.normalize("NFKC", value).strip())
    parts = [part for part in _BETWEEN_NAMES.split(said) if part.strip()]
    return bool(parts) and all(
        _is(re.sub(r"[\s·]", "", part), shape) or all(_is(word, shape) for word in part.split())
        for part in parts
    )


def _is(word: str, shape: re.Pattern[str]) -> bool:
    return shape.fullmatch(word) is not None and not is_post(word)
