"""Office files are zip archives: the same content gives the same bytes, whenever it is written."""

import io
import zipfile
from typing import BinaryIO, Final

_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can tell: parts bear none of their own."""


def timeless(written: BinaryIO) -> bytes:
    """The archive's bytes, with nothing in them of when they were written."""
    again = io.BytesIO()
    with (
        zipfile.ZipFile(written) as source,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name, _WHEN), source.read(name), zipfile.ZIP_DEFLATED)
    return again.getvalue()
