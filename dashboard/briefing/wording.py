"""The office's wording: config/bulletin/*.j2, one sentence a line, filled in within a sandbox.

What a line may be is explained at the top of those files. A sentence whose figure is missing is
left out and noted; a broken line is named with its file and number.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

from jinja2 import StrictUndefined, Template, TemplateError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from dashboard.briefing.content import Block, Omitted, Paragraph, Section
from dashboard.briefing.ledger import Ledger, Missing
from dashboard.figures import DOUBT, DOUBT_NOTE
from dashboard.settings import ConfigError

HEADS = ("标题", "主送", "抄送", "印发", "署名", "引言")
_ATTACHMENTS = "附件"
_MESSAGE, _EACH, _END = "要点", "每个", "完"
_TEMPLATED = re.compile(r"\{[{%].*?[%}]\}")
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_MARK = re.compile(r"\[(?P<kind>图|表|每个|完)[:\uff1a]?(?P<name>[^\[\]]*)\]")
# Plain text: every renderer escapes for its own format.
_SANDBOX = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


class Speaker(Protocol):
    """Who fills in sentences: `words` are what they may name, `each` the speakers of a loop."""

    @property
    def words(self) -> Mapping[str, Any]: ...

    def each(self, name: str) -> "Sequence[Speaker]":
        """Raises KeyError for a loop that there is not."""
        ...


Blocks = Callable[[str, str], Block | None]
"""Makes the table or chart of a name ("表", "排名"), None where there is nothing to show.

Raises KeyError for a name that there is not.
"""


@dataclass(frozen=True)
class Line:
    number: int
    text: str


@dataclass(frozen=True)
class Loop:
    number: int
    name: str
    lines: "tuple[Line | Loop, ...]"


@dataclass
class Written:
    """What came of a wording: head lines, sections, and sentences left out."""

    heads: dict[str, str] = field(default_factory=dict)
    attachments: str = ""
    sections: list[Section] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)


def write(path: Path, speaker: Speaker, ledger: Ledger, blocks: Blocks) -> Written:
    """Read a wording and fill it in. Raises ConfigError with file and line for a broken one."""
    lines = read(path)
    writer = _Writer(path.name, ledger, blocks)
    writer.lines(lines, speaker)
    return writer.finished()


def read(path: Path) -> tuple[Line | Loop, ...]:
    """A wording's lines, remarks taken out, loops nested. Raises ConfigError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"缺少通报文字 {path.name}(应在目录 {path.parent})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"通报文字 {path.name} 不是UTF-8编码,请另存为UTF-8") from None
    # A remark over several lines keeps its line breaks, so that numbers stay those of the file.
    bare = _REMARK.sub(lambda remark: "\n" * remark[0].count("\n"), text)
    given = list(enumerate(bare.split("\n"), start=1))
    before = text.split("\n")
    # A line that held nothing but a remark does not end a paragraph.
    rest = [
        Line(number, line.strip())
        for number, line in given
        if line.strip() or not before[number - 1].strip()
    ]
    for line in rest:
        if not _MARK.fullmatch(line.text):
            _compiled(path.name, line)
    nested = _nested(path.name, rest, None)
    return tuple(nested)


def _nested(file: str, rest: list[Line], opened: Line | None) -> list[Line | Loop]:
    """Takes lines off `rest` up to the end of the loop that was opened, or of the file."""
    found: list[Line | Loop] = []
    while rest:
        line = rest.pop(0)
        mark = _MARK.fullmatch(line.text)
        if mark and mark["kind"] == _EACH:
            inner = _nested(file, rest, line)
            found.append(Loop(line.number, mark["name"].strip(), tuple(inner)))
        elif mark and mark["kind"] == _END:
            if opened is None:
                raise _broken(file, line.number, f"多了一个[{_END}]")
            return found
        else:
            found.append(line)
    if opened is not None:
        raise _broken(file, opened.number, f"{opened.text}之后缺少[{_END}]")
    return found


def _broken(file: str, number: int, why: str) -> ConfigError:
    return ConfigError(f"通报文字 {file} 第{number}行:{why}")


def _compiled(file: str, line: Line) -> Any:
    try:
        return _template(line.text)
    except TemplateError as error:
        raise _broken(
            file, line.number, f"写法有误,请检查 {{{{ }}}} 和 {{% %}} 是否成对({error})"
        ) from None


@lru_cache(maxsize=1024)
def _template(text: str) -> Template:
    """A line of the wording, translated once: it is the same for every unit and quarter."""
    return _SANDBOX.from_string(text)


class _Writer:
    """Puts lines together into paragraphs and sections."""

    def __init__(self, file: str, ledger: Ledger, blocks: Blocks) -> None:
        self._file, self._ledger, self._blocks = file, ledger, blocks
        self._written = Written()
        self._heading: str | None = None
        self._message = ""
        self._made: list[Block] = []
        self._sentences: list[str] = []

    def lines(self, lines: Sequence[Line | Loop], speaker: Speaker) -> None:
        for line in lines:
            if isinstance(line, Loop):
                self._loop(line, speaker)
            else:
                self._line(line, speaker)

    def finished(self) -> Written:
        self._end_section()
        for name in HEADS:
            if not self._written.heads.get(name):
                raise ConfigError(f"通报文字 {self._file} 缺少“{name}:”一行,或其中的数没有")
        return self._written

    def _loop(self, loop: Loop, speaker: Speaker) -> None:
        try:
            each = speaker.each(loop.name)
        except KeyError:
            raise _broken(self._file, loop.number, f"没有“{loop.name}”可以逐个说") from None
        except Missing as gone:
            self._omit(f"[{_EACH}:{loop.name}]", gone)
            return
        for one in each:
            self.lines(loop.lines, one)

    def _line(self, line: Line, speaker: Speaker) -> None:
        text = line.text
        head, colon, rest = text.replace("\uff1a", ":", 1).partition(":")
        mark = _MARK.fullmatch(text)
        if not text:
            self._end_paragraph()
        elif text.startswith("## "):
            self._end_section()
            self._heading = self._rendered(Line(line.number, text[3:].strip()), speaker)
        elif self._heading is None:
            self._head(Line(line.number, rest.strip()), head, speaker)
        elif text.startswith("# "):
            self._end_paragraph()
            said = self._rendered(Line(line.number, text[2:].strip()), speaker)
            if said:
                self._made.append(Paragraph(text=said, level=2))
        elif colon and head == _MESSAGE:
            said = self._rendered(Line(line.number, rest.strip()), speaker)
            self._message = self._message or said or ""
        elif mark:
            self._end_paragraph()
            self._block(line, mark["kind"], mark["name"].strip())
        else:
            self._sentences.append(self._rendered(line, speaker) or "")

    def _head(self, line: Line, name: str, speaker: Speaker) -> None:
        said = self._rendered(line, speaker) or ""
        if name == _ATTACHMENTS:
            self._written.attachments = said
        elif name in HEADS:
            self._written.heads[name] = said
        else:
            allowed = "、".join((*HEADS, _ATTACHMENTS))
            raise _broken(self._file, line.number, f"第一节(##)之前只能写{allowed}")

    def _block(self, line: Line, kind: str, name: str) -> None:
        try:
            with self._ledger.sentence():
                made = self._blocks(kind, name)
        except KeyError:
            raise _broken(self._file, line.number, f"没有名为“{name}”的{kind}") from None
        if made is None:
            self._written.omitted.append(Omitted(sentence=line.text, missing="没有数据"))
        else:
            self._made.append(made)

    def _rendered(self, line: Line, speaker: Speaker) -> str | None:
        """The sentence, or None where it is left out."""
        try:
            with self._ledger.sentence():
                said = _compiled(self._file, line).render(speaker.words)
        except Missing as gone:
            self._omit(line.text, gone)
            return None
        except UndefinedError as error:
            raise _broken(self._file, line.number, f"没有这一项,请检查拼写({error})") from None
        except SecurityError as error:
            raise _broken(self._file, line.number, f"不允许的写法({error})") from None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise _broken(self._file, line.number, f"写法有误({error})") from None
        return str(said).strip()

    def _omit(self, sentence: str, gone: Missing) -> None:
        # For the office, which has not written the template: what would have stood there is a gap.
        said = _TEMPLATED.sub("…", sentence)
        self._written.omitted.append(Omitted(sentence=said, missing=str(gone)))

    def _end_paragraph(self) -> None:
        said = "".join(self._sentences)
        if said:
            self._made.append(Paragraph(text=said))
        self._sentences = []

    def _end_section(self) -> None:
        self._end_paragraph()
        blocks = tuple(_without_empty_headings(self._made))
        blocks = tuple(_with_note(blocks, DOUBT in self._message))
        if self._heading and blocks:
            made = Section(
                heading=self._heading, message=self._message or self._heading, blocks=blocks
            )
            self._written.sections.append(made)
        self._made, self._message = [], ""


def _with_note(blocks: Sequence[Block], is_said: bool) -> Iterator[Block]:
    """What the marks in a section's text mean: behind the first text that bears one, so that both
    are on one slide. `is_said`: the section's message bears one, which stands above all.

    Tables and charts say themselves what theirs mean.
    """
    waits = is_said or any(_bears_mark(block) for block in blocks)
    for block in blocks:
        yield block
        is_text = isinstance(block, Paragraph) and not block.level
        if waits and is_text and (is_said or _bears_mark(block)):
            yield Paragraph(text=DOUBT_NOTE)
            waits = False


def _bears_mark(block: Block) -> bool:
    return isinstance(block, Paragraph) and DOUBT in block.text


def _without_empty_headings(blocks: Sequence[Block]) -> Iterator[Block]:
    """A heading under which every sentence was left out goes too."""
    for block, following in zip_longest(blocks, blocks[1:]):
        is_heading = isinstance(block, Paragraph) and block.level
        ends = following is None or (isinstance(following, Paragraph) and following.level)
        if not (is_heading and ends):
            yield block
