"""A bulletin of (unit, quarter), built from queries, rules and the office's wording.

Source: 武发〔2016〕68号 四(五) (每季度组织情况通报或实例讲评).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from pathlib import Path

from dashboard.briefing import charts, lists, tables
from dashboard.briefing.content import Attachment, Block, Bulletin, Kind, Omitted, Table
from dashboard.briefing.differences import Correction, against, corrected
from dashboard.briefing.facts import Facts, gather
from dashboard.briefing.known import known
from dashboard.briefing.ledger import Ledger
from dashboard.briefing.telling import Teller
from dashboard.briefing.wording import Written, write
from dashboard.config_models import IndicatorEntry
from dashboard.data.store import Store
from dashboard.data.units import Focus
from dashboard.policy.access import Viewer
from dashboard.settings import ConfigError, Settings

FOLDER = "bulletin"
WORDINGS = {Kind.BULLETIN: "bulletin.j2", Kind.CASES: "cases.j2"}
_LANDSCAPE_FROM = 100
"""Half-width characters of a table that an upright page does not hold."""


def draft(
    store: Store,
    viewer: Viewer | None,
    focus: Focus,
    settings: Settings,
    kind: Kind = Kind.BULLETIN,
    now: datetime | None = None,
    corrects: Bulletin | None = None,
) -> Bulletin:
    """A draft, without number and date. `now` is when its figures were read (UTC).

    Every figure in it is in `figures`; a sentence whose figure is missing is in `omitted`. Where
    nobody has reported for the quarter it has neither sections nor figures. With `corrects`, it
    corrects that issue and says in what. Raises NotAllowed where the viewer may not see the unit,
    NothingToTell for a village, ConfigError for a broken wording.
    """
    at = (now or datetime.now(UTC)).replace(microsecond=0)  # documents keep no finer time
    return compose(gather(store, viewer, focus, settings), kind, at, corrects)


def compose(facts: Facts, kind: Kind, at: datetime, corrects: Bulletin | None = None) -> Bulletin:
    """The draft that says what is known. Raises ConfigError."""
    if corrects is not None:
        return _written(facts, kind, at, corrects)
    path = _wording(facts, kind)
    stamp = path.stat().st_mtime_ns if path.exists() else 0
    return _kept(_Asked(id(facts), kind, stamp, facts)).model_copy(update={"cut_off": at})


@dataclass(frozen=True)
class _Asked:
    """A draft of these facts (by what they are, not by what they say; the key holds them) in the
    wording as it stood."""

    identity: int
    kind: Kind
    stamp: int
    facts: Facts = field(compare=False)


@lru_cache(maxsize=32)
def _kept(asked: _Asked) -> Bulletin:
    """All who look at the same figures read the same draft; when they were read is said anew."""
    return _written(asked.facts, asked.kind, _NEVER, None)


_NEVER = datetime.fromtimestamp(0, UTC)


def _wording(facts: Facts, kind: Kind) -> Path:
    return facts.settings.folder / FOLDER / WORDINGS[kind]


def _written(facts: Facts, kind: Kind, at: datetime, corrects: Bulletin | None) -> Bulletin:
    every = known(facts)
    ledger = Ledger(every)
    correction = None
    if corrects is not None:
        changed = tuple(against(corrects, facts, every))
        kind, correction = corrects.kind, Correction(corrects.document_number, changed)
    blocks = Blocks(facts, ledger, correction)
    path = _wording(facts, kind)
    written = write(path, Teller(facts, ledger, correction), ledger, blocks.make)
    attachments = blocks.attachments(written.attachments, path.name)
    made = _bulletin(facts, kind, at, written)
    if corrects is None and not facts.has_reports:
        subject = f"{facts.focus.unit.name}{facts.focus.period.label}"
        nothing = Omitted(sentence=made.title, missing=f"{subject}的填报数据")
        return made.model_copy(update={"sections": (), "omitted": (nothing,)})
    of = correction.document_number if correction else ""
    told = {"attachments": attachments, "figures": ledger.figures, "corrects": of}
    return made.model_copy(update=told)


def _bulletin(facts: Facts, kind: Kind, at: datetime, written: Written) -> Bulletin:
    heads, district, focus = written.heads, facts.settings.district, facts.focus
    return Bulletin(
        kind=kind,
        unit_code=focus.unit.code,
        unit_name=focus.unit.name,
        period=str(focus.period),
        title=heads["标题"],
        issuer=district.issuer,
        document_prefix=district.document_prefix,
        year=focus.period.year,
        number=0,
        recipients=heads["主送"],
        opening=heads["引言"],
        sections=tuple(written.sections),
        attachments=(),
        cut_off=at,
        issued_on=None,
        signatory=heads["署名"],
        copies_to=heads["抄送"],
        printed_by=heads["印发"],
        is_demo=facts.is_demo,
        as_of=focus.as_of,
        figures=(),
        omitted=tuple(written.omitted),
    )


def numbered(given: Bulletin, year: int, number: int, issued_on: date) -> Bulletin:
    """The draft as it is published: with its number and date."""
    return given.model_copy(update={"year": year, "number": number, "issued_on": issued_on})


class Blocks:
    """Tables and charts by the names under which the wording puts them in."""

    def __init__(self, facts: Facts, ledger: Ledger, correction: Correction | None = None) -> None:
        self._facts, self._ledger, self._correction = facts, ledger, correction
        self._makers: dict[tuple[str, str], Callable[[Facts, Ledger], Block | None]] = {
            ("表", "核心指标"): tables.core,
            ("表", "排名"): lists.ranking,
            ("表", "资金"): lists.funds,
            ("图", "综合得分"): charts.scores,
            ("图", "收入来源"): charts.sources,
        }

    def make(self, kind: str, name: str) -> Block | None:
        """Raises KeyError for a name that is neither here nor an indicator's code."""
        entries: dict[str, IndicatorEntry] = self._facts.settings.catalogue.by_code
        if kind == "图" and name in entries:
            return charts.course(self._facts, self._ledger, entries[name])
        return self._makers[kind, name](self._facts, self._ledger)

    def attachments(self, wanted: str, file: str) -> tuple[Attachment, ...]:
        """Those that the wording's line 附件 asks for, in its order; those without rows go.

        Raises ConfigError for one that there is not.
        """
        made: list[Attachment] = []
        for asked in filter(str.strip, wanted.split(";")):
            name, *codes = asked.split()
            table = self._maker(name, codes, file)(self._facts, self._ledger)
            if table is not None:
                wide = sum(column.width for column in table.columns) >= _LANDSCAPE_FROM
                made.append(Attachment(title=table.title, table=table, landscape=wide))
        return tuple(made)

    def _maker(
        self, name: str, codes: list[str], file: str
    ) -> Callable[[Facts, Ledger], Table | None]:
        unknown = [c for c in codes if c not in self._facts.settings.catalogue.by_code]
        if unknown:
            raise ConfigError(f"通报文字 {file} 的“附件”:指标目录中没有{'、'.join(unknown)}")
        if name == "分解表" and codes:
            return partial(tables.decomposition, codes=codes)
        fixed: dict[str, Callable[[Facts, Ledger], Table | None]] = {
            "排名表": lists.ranking,
            "未达标村": lists.short_villages,
            "更正对照表": lambda _facts, _ledger: corrected(self._correction),
        }
        if name not in fixed:
            raise ConfigError(
                f"通报文字 {file} 的“附件”:没有“{name}”,有:分解表 指标代码…、{'、'.join(fixed)}"
            )
        return fixed[name]
