"""Administrative division codes (统计用区划代码): 6 digits to the district, 9 town, 12 village."""

import re

_CODE = re.compile(r"[0-9]{6}([0-9]{3}){0,2}")
_DISTRICT_DIGITS = 6


def is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def district_of(code: str) -> str:
    """The district that a unit lies in. A unit above the district (市, 省, 国) is its own."""
    return code[:_DISTRICT_DIGITS]


def above_by_code(code: str) -> list[str]:
    """Codes of the town, district, city and province above, were parents to go by digits.

    A guess that spares questions; who needs to be sure looks at the parent that the unit names.
    """
    ends = [end for end in (9, _DISTRICT_DIGITS) if end < len(code)]
    return [*(code[:end] for end in ends), f"{code[:4]}00", f"{code[:2]}0000"]


def prefix_of(unit_code: str) -> str:
    """How the codes of a unit and of all below it begin, at any level."""
    is_below = len(unit_code) > len(district_of(unit_code))
    return unit_code if is_below else subtree_prefix(unit_code)


def subtree_prefix(district_code: str) -> str:
    """How the codes of all districts under a unit begin: 320412 for a district, 3204 for its city,
    32 for its province, nothing for the nation."""
    while district_code.endswith("00"):
        district_code = district_code[:-2]
    return district_code
