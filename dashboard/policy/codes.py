"""Administrative division codes (统计用区划代码): 6 digits to the district, 9 town, 12 village."""

import re

_CODE = re.compile(r"[0-9]{6}([0-9]{3}){0,2}")
_DISTRICT_DIGITS = 6


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def district_of(code: str) -> str:
    """The district that a unit lies in. A unit above the district (市, 省, 国) is its own."""
    return code[:_DISTRICT_DIGITS]
