"""Money: exact on the way in, never on the wrong side of a line on the way out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.policy.money import FEN_A_WAN, FEN_A_YUAN, fen_from, wan_text, yuan_text

amounts = st.integers(-(10**13), 10**13)
LINES = tuple(wan * FEN_A_WAN for wan in (120, 150, 200))


@given(amounts, st.sampled_from([FEN_A_YUAN, FEN_A_WAN]))
def test_fen_round_trip(fen: int, unit: int) -> None:
    assert fen_from(Decimal(fen) / unit, unit) == fen


@given(amounts, st.sampled_from([FEN_A_YUAN, FEN_A_WAN]), st.integers(1, 90))
def test_finer_than_a_fen_is_refused(fen: int, unit: int, places: int) -> None:
    # The digits are written out: Decimal arithmetic would round those beyond its precision away.
    whole = 2 if unit == FEN_A_YUAN else 6
    digits = f"{abs(fen):018d}"
    text = f"{digits[:-whole]}.{digits[-whole:]}" + "0" * (places - 1) + "1"
    with pytest.raises(ValueError, match="金额应精确到分"):
        fen_from(Decimal(text), unit)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1E12", "1E999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="12位整数"):
        fen_from(Decimal(text), FEN_A_WAN)


def test_the_largest_amount_fits_the_store() -> None:
    assert fen_from(Decimal("999999999999.999999"), FEN_A_WAN) == 10**18 - 1


def _read(text: str) -> int:
    """What a person reads off a screen, in fen."""
    return int(Decimal(text.replace(",", "")) * FEN_A_WAN)


@given(
    st.one_of(
        amounts,
        # near a line, where rounding is dangerous
        st.builds(int.__add__, st.sampled_from(LINES), st.integers(-20_000, 20_000)),
    ),
    st.integers(0, 3),
    st.lists(st.one_of(st.sampled_from(LINES), amounts), max_size=4),
)
def test_shown_figure_lies_on_the_side_of_the_exact_one(
    fen: int, places: int, lines: list[int]
) -> None:
    shown = _read(wan_text(fen, places, lines))
    for line in lines:
        assert (shown < line, shown == line) == (fen < line, fen == line)
    assert abs(shown - fen) * 2 <= FEN_A_WAN // 10**places


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (150_000_000, "150.00"),  # exactly on the line
        (149_999_900, "149.9999"),  # 1,499,999 yuan: rounded it would be 150.00
        (149_999_999, "149.999999"),  # one fen below needs all six places
        (149_990_000, "149.99"),  # two places tell it apart already
        (150_000_100, "150.0001"),  # one yuan above
        (1_234_500_000, "1,234.50"),  # far from any line; separators
        (0, "0.00"),
        (-1, "0.00"),  # never -0.00
    ],
)
def test_in_wan(fen: int, text: str) -> None:
    assert wan_text(fen, lines=LINES) == text


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (980_000, "9,800"),  # whole yuan without decimals
        (980_050, "9,800.50"),
        (999_999, "9,999.99"),  # one fen below the household line stays below it
        (5, "0.05"),
        (-105, "-1.05"),
    ],
)
def test_in_yuan(fen: int, text: str) -> None:
    assert yuan_text(fen) == text


@given(amounts)
def test_yuan_text_is_exact(fen: int) -> None:
    assert Decimal(yuan_text(fen).replace(",", "")) * FEN_A_YUAN == fen
