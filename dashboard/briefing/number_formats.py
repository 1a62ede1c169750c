"""Number formats of office files, such that a number reads as the bulletin's text has it."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from dashboard.figures import DOUBT

_NUMBER: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9,]+)(?P<decimals>\.[0-9]+)?(?P<rate>%?)")


def bare(text: str) -> str:
    """A figure's text without the marks behind it (not all reported; waits to be checked)."""
    return text.rstrip(f"*{DOUBT}")


def of_text(text: str) -> str:
    """The format in which a number reads like this text: "7,166" "#,##0"; else "General"."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return "General"
    pattern = "#,##0" if "," in match["whole"] or len(match["whole"]) <= 3 else "0"
    if match["decimals"]:
        pattern += "." + "0" * (len(match["decimals"]) - 1)
    pattern += match["rate"]
    return f"+{pattern};-{pattern};{pattern}" if match["sign"] == "+" else pattern


def of_texts(texts: Sequence[str]) -> str:
    """The format that most of the texts read like."""
    told = Counter(of_text(bare(text)) for text in texts)
    told.pop("General", None)
    return told.most_common(1)[0][0] if told else "General"


def decimals(pattern: str) -> int:
    """How many decimals a format shows."""
    match = re.search(r"\.(0+)", pattern)
    return len(match.group(1)) if match else 0


def formatted(value: float, pattern: str) -> str:
    """A number as an office program shows it in one of the formats made here."""
    if pattern == "General":
        return f"{value:.10g}"
    exact = Decimal(str(value)) * (100 if pattern.endswith("%") else 1)
    step = Decimal(1).scaleb(-decimals(pattern))
    shown = exact.quantize(step, ROUND_HALF_UP)
    text = f"{shown:,}" if "," in pattern else str(shown)
    plus = "+" if pattern.startswith("+") and shown > 0 else ""
    return plus + text + ("%" if pattern.endswith("%") else "")
