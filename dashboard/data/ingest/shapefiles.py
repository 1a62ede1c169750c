"""Boundaries from a shapefile: its parts in one zip, or the .shp with the rest beside it."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import shapefile  # type: ignore[import-untyped]

SUFFIXES = (".shp", ".zip")
CODE = "代码"
"""The field of the .dbf that names the unit, as in GeoJSON."""
COMPANIONS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml")
"""What lies beside a .shp and is read with it, or not needed."""
File = tuple[str, bytes]
"""A file's name and content."""
_NEEDED, _OPTIONAL = (".shp", ".shx", ".dbf", ".prj"), (".cpg",)
_MOST_BYTES = 200 * 1024 * 1024
_GEOGRAPHIC = re.compile(r'^\s*GEO(?:GCS|GCRS|DCRS)\s*\[\s*"([^"]*)"', re.IGNORECASE)
_NAMED = re.compile(r'"([^"]*)"')
_ACCEPTED = re.compile(r"WGS[_ ]?(19)?84|CGCS[_ ]?2000|China.*2000", re.IGNORECASE)


class NotAShapefile(ValueError):
    """The message is a Chinese sentence."""


def gather(files: Sequence[Path | File]) -> list[Path | File]:
    """The files with each shapefile's parts as one: a .shp stands for what lies beside it.

    Of uploaded files, the .shp becomes a zip with the others of its name.
    """
    shapes = {_place(file) for file in files if _suffix(_name(file)) == ".shp"}
    uploaded = {(_place(f), _suffix(f[0])): f[1] for f in files if isinstance(f, tuple)}
    gathered: list[Path | File] = []
    for file in files:
        suffix = _suffix(_name(file))
        if suffix in COMPANIONS and _place(file) in shapes:
            continue
        if isinstance(file, tuple) and suffix == ".shp":
            own = {kind: data for (place, kind), data in uploaded.items() if place == _place(file)}
            file = file[0], _zipped(own)
        gathered.append(file)
    return gathered


def _name(file: Path | File) -> str:
    return file[0] if isinstance(file, tuple) else file.name


def _place(file: Path | File) -> tuple[str, str]:
    path = PurePath(file[0]) if isinstance(file, tuple) else file
    return ("" if isinstance(file, tuple) else str(path.parent)), path.stem


def pack(path: Path) -> bytes:
    """A shapefile's parts from the folder in which its .shp lies, as one zip."""
    parts = {}
    for suffix in (*_NEEDED, *_OPTIONAL):
        for part in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
            # One part too large is not read: without it, the rest is refused.
            if part.exists() and part.stat().st_size <= _MOST_BYTES:
                parts[suffix] = part.read_bytes()
                break
    return _zipped(parts)


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (*_NEEDED, *_OPTIONAL):
            if suffix in parts:
                # Without the time of day: the same parts are the same file.
                archive.writestr(zipfile.ZipInfo(f"boundary{suffix}"), parts[suffix])
    return packed.getvalue()


def features(content: bytes) -> list[dict[str, Any]]:
    """GeoJSON features (code and geometry) of the one shapefile in a zip. Raises NotAShapefile."""
    parts = _parts(content)
    _check_system(parts[".prj"])
    names: list[str] = []
    for encoding in _encodings(parts.get(".cpg")):
        try:
            found, names = _read(parts, encoding)
        except (UnicodeDecodeError, shapefile.dbfFileException):
            continue
        except (
            shapefile.ShapefileException,
            ValueError,
            LookupError,
            OSError,
            struct.error,
        ) as error:
            raise NotAShapefile("shapefile已损坏,无法读取") from error
        if found is not None:
            return found
    if names:
        raise NotAShapefile(f"属性表(.dbf)中没有字段“{CODE}”,现有字段:{'、'.join(names)}")
    raise NotAShapefile("属性表(.dbf)已损坏或文字编码无法识别,请另存为UTF-8")


def _read(parts: dict[str, bytes], encoding: str) -> tuple[list[dict[str, Any]] | None, list[str]]:
    """Features, or None where no field is 代码 in this encoding; and the names of the fields.

    No other field is read: one that is cut within a character would be no text in any encoding.
    """
    with shapefile.Reader(
        shp=io.BytesIO(parts[".shp"]),
        shx=io.BytesIO(parts[".shx"]),
        dbf=io.BytesIO(parts[".dbf"]),
        encoding=encoding,
    ) as reader:
        names = [field.name for field in reader.fields if field.name != "DeletionFlag"]
        if CODE not in names:
            return None, names
        if reader.numShapes != reader.numRecords:
            raise NotAShapefile(f"有{reader.numShapes}个图形、{reader.numRecords}行属性,应一样多")
        return [
            {"properties": {CODE: both.record[0]}, "geometry": _geometry(both.shape)}
            for both in reader.iterShapeRecords(fields=[CODE])
        ], names


def _geometry(shape: Any) -> dict[str, Any] | None:
    """GeoJSON; None for a record that was never drawn."""
    return None if shape.shapeType == shapefile.NULL else dict(shape.__geo_interface__)


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
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
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
