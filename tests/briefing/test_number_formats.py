"""Number formats: a number reads in the file as the bulletin's text has it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.briefing import number_formats


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("7,166", "#,##0"),
        ("60", "#,##0"),
        ("2016", "0"),  # no separator where the text has none
        ("149.9999", "#,##0.0000"),
        ("65.9%", "#,##0.0%"),
        ("+5.56", "+#,##0.00;-#,##0.00;#,##0.00"),
        ("-1.5", "#,##0.0"),
        ("未填报", "General"),
        ("", "General"),
    ],
)
def test_the_format_follows_the_text(text: str, pattern: str) -> None:
    assert number_formats.of_text(text) == pattern


@given(st.decimals(-(10**9), 10**9, places=2))
def test_a_number_in_the_format_of_its_text_reads_as_the_text(value: object) -> None:
    text = f"{value:,}"
    pattern = number_formats.of_text(text)
    assert number_formats.formatted(float(str(value)), pattern) == text


def test_most_texts_decide() -> None:
    assert number_formats.of_texts(("未填报", "1,500", "149.9999", "12")) == "#,##0"
    assert number_formats.of_texts(("未填报",)) == "General"
