"""Boundaries from a shapefile: its parts in one zip, or the .shp with the rest beside it."""

import io
import re
import struct
import zipfile
from pathlib import Path, PurePath
from typing import Any

import shapefile  # type: ignore[import-untyped]

SUFFIXES = (".shp", ".zip")
_NEEDED, _OPTIONAL = (".shp", ".shx", ".dbf", ".prj"), (".cpg",)
_MOST_BYTES = 200 * 1024 * 1024
_GEOGRAPHIC = re.compile(r'^\s*GEO(?:GCS|GCRS|DCRS)\s*\[\s*"([^"]*)"', re.IGNORECASE)
_NAMED = re.compile(r'"([^"]*)"')
_ACCEPTED = re.compile(r"WGS[_ ]?(19)?84|CGCS[_ ]?2000|China.*2000", re.IGNORECASE)


class NotAShapefile(ValueError):
    """The message is a Chinese sentence."""


def pack(path: Path) -> bytes:
    """A shapefile's parts from the folder in which its .shp lies, as one zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (*_NEEDED, *_OPTIONAL):
            for part in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
                if part.exists():
                    archive.write(part, f"{path.stem}{suffix}")
                    break
    return packed.getvalue()


def features(content: bytes) -> list[dict[str, Any]]:
    """GeoJSON features of the one shapefile in a zip. Raises NotAShapefile."""
    parts = _parts(content)
    _check_system(parts[".prj"])
    for encoding in _encodings(parts.get(".cpg")):
        try:
            with shapefile.Reader(
                shp=io.BytesIO(parts[".shp"]),
                shx=io.BytesIO(parts[".shx"]),
                dbf=io.BytesIO(parts[".dbf"]),
                encoding=encoding,
            ) as reader:
                found = reader.__geo_interface__
        except (UnicodeDecodeError, shapefile.dbfFileException):
            continue
        except (
            shapefile.ShapefileException,
            ValueError,
            IndexError,
            OSError,
            struct.error,
        ) as error:
            raise NotAShapefile("shapefile已损坏,无法读取") from error
        return [dict(feature) for feature in found["features"]]
    raise NotAShapefile("属性表(.dbf)已损坏或文字编码无法识别,请另存为UTF-8")


def _parts(content: bytes) -> dict[str, bytes]:
    """The files of the shapefile by suffix."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise NotAShapefile("请将.shp、.shx、.dbf、.prj一起打包为一个zip文件") from None
    with archive:
        wanted = (*_NEEDED, *_OPTIONAL)
        inside = [info for info in archive.infolist() if _suffix(info.filename) in wanted]
        if sum(info.file_size for info in inside) > _MOST_BYTES:
            raise NotAShapefile("解压后超过200兆字节,请先简化或拆分")
        shapes = [info for info in inside if _suffix(info.filename) == ".shp"]
        if len(shapes) != 1:
            raise NotAShapefile(f"zip中应只有一个.shp文件,现有{len(shapes)}个")
        stem = PurePath(shapes[0].filename).with_suffix("")
        own = [i for i in inside if PurePath(i.filename).with_suffix("") == stem]
        try:
            found = {_suffix(info.filename): archive.read(info) for info in own}
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise NotAShapefile("zip文件已损坏或已加密,无法读取") from error
    missing = [suffix for suffix in _NEEDED if suffix not in found]
    if missing:
        raise NotAShapefile(f"缺少{'、'.join(missing)}文件")
    return found


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def _check_system(projection: bytes) -> None:
    text = projection.decode("utf-8", errors="replace")
    match = _GEOGRAPHIC.match(text)
    if match is None or not _ACCEPTED.search(match[1]):
        named = _NAMED.search(text)
        name = named[1][:60] if named else "不明"
        raise NotAShapefile(f"坐标系为“{name}”,应为经纬度(度)的CGCS2000或WGS84")


def _encodings(declared: bytes | None) -> list[str]:
    """What the .cpg says, else what such files are in as a rule."""
    given = (declared or b"").decode("ascii", errors="ignore").strip().lower()
    names = {"": [], "936": ["gb18030"], "gbk": ["gb18030"], "gb2312": ["gb18030"]}
    return [*names.get(given, [given] if given in ("utf-8", "utf8") else []), "utf-8", "gb18030"]
