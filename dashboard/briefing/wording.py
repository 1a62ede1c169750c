"""The office's wording: config/bulletin/*.j2, one sentence a line, in a sandbox.

Lines that begin a bulletin name its parts (标题:, 主送: …); "## " begins a section, "要点:" is its
message, "# " a heading of level 2, "[表:…]" and "[图:…]" put in what blocks.py makes, an empty line
ends a paragraph, "{#" a remark. A sentence whose figure is missing is left out and noted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from dashboard.briefing.content import Block, FigureUsed, Omitted, Paragraph, Section
from dashboard.briefing.telling import Missing, Teller
from dashboard.settings import ConfigError

HEADS = ("标题", "主送", "抄送", "印发", "署名", "引言")
_MESSAGE = "要点"
_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
Blocks = Callable[[str, str], Block | None]
"""Makes the table or chart of a name: ("表", "排名"); None where there is nothing to show."""


@dataclass
class Written:
    """A bulletin's wording: its head lines, sections, what was told and what was left out."""

    heads: dict[str, str] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    figures: list[FigureUsed] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)


def write(path: Path, teller: Teller, blocks: Blocks) -> Written:
    """Read a wording and fill it in. Raises ConfigError with file and line for a broken one."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, UnicodeDecodeError):
        raise ConfigError(f"通报文字 {path.name} 不存在或不是UTF-8编码") from None
    return _Writer(path, teller, blocks).write(lines)


class _Writer:
    def __init__(self, path: Path, teller: Teller, blocks: Blocks) -> None:
        self._path, self._teller, self._blocks = path, teller, blocks
        self._written = Written()
        self._heading: str | None = None
        self._message = ""
        self._made: list[Block] = []
        self._sentences: list[str] = []

    def write(self, lines: list[str]) -> Written:
        for number, line in enumerate(lines, start=1):
            self._line(line.strip(), number)
        self._end_section()
        missing = [name for name in HEADS if not self._written.heads.get(name)]
        if missing:
            raise ConfigError(f"通报文字 {self._path.name} 缺少“{missing[0]}:”一行")
        return self._written

    def _line(self, line: str, number: int) -> None:
        head, _, rest = line.partition(":")
        if line.startswith("{#"):
            return
        if not line:
            self._end_paragraph()
        elif line.startswith("## "):
            self._end_section()
            self._heading, self._message = self._rendered(line[3:].strip(), number), ""
        elif self._heading is None:
            self._head(head, rest, number)
        elif line.startswith("# "):
            self._end_paragraph()
            self._made.append(Paragraph(text=line[2:].strip(), level=2))
        elif head == _MESSAGE:
            self._message = self._message or self._rendered(rest.strip(), number) or ""
        elif line.startswith("[") and line.endswith("]"):
            self._end_paragraph()
            self._block(line[1:-1], number)
        else:
            said = self._rendered(line, number)
            if said:
                self._sentences.append(said)

    def _head(self, head: str, rest: str, number: int) -> None:
        if head not in HEADS:
            raise self._broken(number, f"第一节之前只能有{'、'.join(HEADS)}")
        self._written.heads[head] = self._rendered(rest.strip(), number) or ""

    def _block(self, named: str, number: int) -> None:
        kind, _, name = named.partition(":")
        try:
            made = self._blocks(kind, name)
        except KeyError:
            raise self._broken(number, f"没有名为“{named}”的图表") from None
        if made is None:
            self._written.omitted.append(Omitted(sentence=f"[{named}]", missing="没有数据"))
        else:
            self._made.append(made)

    def _rendered(self, text: str, number: int) -> str | None:
        """The sentence, or None where it is left out; only then do its figures not count."""
        before = len(self._teller.told)
        try:
            said = _ENVIRONMENT.from_string(text).render(self._teller.words).strip()
        except Missing as gone:
            del self._teller.told[before:]
            self._written.omitted.append(Omitted(sentence=text, missing=str(gone)))
            return None
        except (TemplateError, TypeError, ValueError) as error:
            raise self._broken(number, str(error)) from None
        self._written.figures += self._teller.told[len(self._written.figures) :]
        return said

    def _broken(self, number: int, why: str) -> ConfigError:
        return ConfigError(f"通报文字 {self._path.name} 第{number}行有误:{why}")

    def _end_paragraph(self) -> None:
        if self._sentences:
            self._made.append(Paragraph(text="".join(self._sentences)))
        self._sentences = []

    def _end_section(self) -> None:
        self._end_paragraph()
        blocks = tuple(_without_empty_headings(self._made))
        if self._heading is not None and blocks:
            message = self._message or self._heading
            self._written.sections.append(
                Section(heading=self._heading, message=message, blocks=blocks)
            )
        self._made = []


def _without_empty_headings(blocks: list[Block]) -> Iterator[Block]:
    """A heading under which every sentence was left out goes too."""
    for block, following in zip_longest(blocks, blocks[1:]):
        is_heading = isinstance(block, Paragraph) and block.level
        ends = following is None or (isinstance(following, Paragraph) and following.level)
        if not (is_heading and ends):
            yield block
