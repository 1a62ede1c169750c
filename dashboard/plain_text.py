"""Text that a spreadsheet shows and does not run.

Excel, WPS and LibreOffice take a cell of a CSV file for a formula by its first character; East
Asian versions take the full-width signs too, and some skip white space before it.
Source: OWASP, CSV Injection.
"""

_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_SKIPPED = " \t\r\n\v\f\u00a0\u3000\ufeff\u200b"


def harmless(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet might run it."""
    is_run = text.lstrip(_SKIPPED).startswith(_SIGNS) or text[:1] in ("\t", "\r", "\n")
    return f"'{text}" if is_run else text
