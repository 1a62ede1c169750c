"""Administrative division codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.codes import district_of, is_code, prefix_of

digits = st.text("0123456789", min_size=0, max_size=14)


@given(digits)
def test_a_code_has_six_nine_or_twelve_digits(text: str) -> None:
    assert is_code(text) == (len(text) in (6, 9, 12))


@pytest.mark.parametrize(
    "text",
    [
        "32041a",  # a letter
        "320412 ",  # a blank
        "320412\n",  # a line's end that $ would let through
        "３２０４１２",  # full-width digits would be another key in the store
        "-20412",
    ],
)
def test_what_is_no_code(text: str) -> None:
    assert not is_code(text)


@given(st.text("0123456789", min_size=6, max_size=6), st.sampled_from(["", "104", "104201"]))
def test_a_unit_lies_in_the_district_of_its_first_six_digits(district: str, rest: str) -> None:
    assert is_code(district + rest)
    assert district_of(district + rest) == district


@pytest.mark.parametrize(
    ("unit", "prefix"),
    [
        ("000000", ""),
        ("320000", "32"),
        ("320400", "3204"),
        ("320412", "320412"),
        ("320412100", "320412100"),  # its code ends in noughts, and it is a town
        ("320412104201", "320412104201"),
    ],
)
def test_how_the_codes_below_a_unit_begin(unit: str, prefix: str) -> None:
    assert prefix_of(unit) == prefix
