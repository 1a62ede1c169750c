"""Tables and charts of a bulletin, by the names under which the wording puts them in."""

from collections.abc import Callable
from decimal import Decimal

from dashboard.briefing.content import (
    Align,
    Attachment,
    Block,
    Cell,
    Chart,
    Column,
    FigureUsed,
    Series,
    Table,
)
from dashboard.briefing.facts import Facts, Row
from dashboard.config_models import IndicatorEntry
from dashboard.figures import figure, rate
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.periods import Period, span
from dashboard.policy.progress import Light

NOT_TOLD = "未填报"
_FORMATS = {
    "count": "#,##0",
    "money": "#,##0.00",
    "money_yuan": "#,##0.00",
    "ratio": "0.0",
    "score": "0.0",
}
_MOST_INDICATORS = 6


class BlockMaker:
    """Makes blocks and attachments of one bulletin; `told` grows with every figure put in."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.told: list[FigureUsed] = []
        self._catalogue = facts.settings.catalogue
        self._lines = facts.settings.policy.village_lines
        self._makers: dict[tuple[str, str], Callable[[], Block | None]] = {
            ("表", "排名"): self._short_ranking,
            ("表", "核心指标"): self._core,
            ("图", "完成率"): self._rates,
        }

    def make(self, kind: str, name: str) -> Block | None:
        """Raises KeyError for a name that is neither here nor an indicator's code."""
        if kind == "图" and name in self._catalogue.by_code:
            return self._course(self._catalogue[name])
        return self._makers[kind, name]()

    def attachments(self) -> tuple[Attachment, ...]:
        """附件1 目标任务分解完成情况表, 附件2 排名表, 附件3 未达标村名单; those with rows."""
        made = (
            Attachment(title="目标任务分解完成情况表", table=self._decomposition(), landscape=True),
            Attachment(title="排名表", table=self._ranking()),
            Attachment(title="未达标村名单", table=self._short_villages()),
        )
        return tuple(attachment for attachment in made if attachment.table.rows)

    def _core(self) -> Table | None:
        """The core indicators of the unit itself."""
        rows = [
            (
                Cell(text=entry.name),
                Cell(text=entry.unit),
                self._figure(entry, row, "target"),
                self._figure(entry, row, "value"),
                _rate(row),
                Cell(text=_status(row), light=_light(row)),
            )
            for entry in self._catalogue.core
            for row in [self.facts.now.get(entry.code)]
            if row is not None
        ]
        heads = ("全年目标", "实际", "完成率", "状态")
        columns = (
            Column(head="指标", align=Align.LEFT, width=34),
            Column(head="单位", align=Align.CENTER, width=6),
            *(Column(head=head, width=12) for head in heads[:2]),
            Column(head=heads[2], width=10, number_format="0.0%"),
            Column(head=heads[3], align=Align.CENTER, width=14),
        )
        return Table(title="核心指标完成情况", columns=columns, rows=tuple(rows)) if rows else None

    def _decomposition(self) -> Table:
        """Units by the core indicators that weigh most: target, actual, completion."""
        heaviest = sorted(self._catalogue.core, key=lambda entry: -entry.weight)[:_MOST_INDICATORS]
        entries = [entry for entry in self._catalogue.core if entry in heaviest]
        columns = [Column(head="单位", align=Align.LEFT, width=14)]
        for entry in entries:
            group = f"{entry.short}({entry.unit})"
            shown = _FORMATS[entry.quantity]
            columns += [
                Column(head="目标", group=group, number_format=shown),
                Column(head="实际", group=group, number_format=shown),
                Column(head="完成率", group=group, number_format="0.0%"),
            ]
        focus = self.facts.focus.unit
        if not self.facts.now and not self.facts.children:
            return Table(title="", columns=(), rows=())
        units = {focus.code: f"{focus.name}合计", **self.facts.names}
        rows = []
        for code, name in units.items():
            cells = [Cell(text=name)]
            for entry in entries:
                row = self._row_of(code, entry.code)
                cells += [
                    self._figure(entry, row, "target", code),
                    self._figure(entry, row, "value", code),
                    _rate(row),
                ]
            rows.append(tuple(cells))
        return Table(
            title="目标任务分解完成情况表",
            columns=tuple(columns),
            rows=tuple(rows),
            footnote="空格为未下达目标或没有数据;比率为分子之和除以分母之和。",
            total_row=True,
        )

    def _row_of(self, unit: str, indicator: str) -> Row | None:
        if unit == self.facts.focus.unit.code:
            return self.facts.now.get(indicator)
        return self.facts.children.get((unit, indicator))

    def _short_ranking(self) -> Table | None:
        table = self._ranking(whole=False)
        return table if table.rows else None

    def _ranking(self, *, whole: bool = True) -> Table:
        board = self.facts.standing.board
        columns = [
            Column(head="名次", align=Align.CENTER, width=8),
            Column(head="单位", align=Align.LEFT, width=14),
            Column(head="得分", width=10, number_format="0.00"),
            Column(head="比上季度", width=10, number_format="+0.00;-0.00;0.00"),
            Column(head="名次变化", align=Align.CENTER, width=10),
        ]
        if whole:
            columns += [
                Column(head="扣分", width=8, number_format="0.0"),
                Column(head="可能名次", align=Align.CENTER, width=12),
            ]
        rows = []
        for place in board.places:
            moved = place.moved
            cells = [
                Cell(text=f"{'并列' if place.is_tied else ''}{place.rank}"),
                Cell(text=place.name),
                _number(round(place.points, 2), "{:.2f}"),
                Cell(text="—")
                if place.gained is None
                else _number(round(place.gained, 2), "{:+.2f}"),
                Cell(text="首次" if moved is None else _moved(moved)),
            ]
            if whole:
                last = f"—{place.high}" if place.high != place.low else ""
                cells += [
                    _number(round(place.penalty, 1), "{:.1f}"),
                    Cell(text=f"{place.low}{last}"),
                ]
            rows.append(tuple(cells))
        apart = "、".join(f"{each.name}({each.reason})" for each in board.apart)
        return Table(
            title="综合得分排名",
            unit_note="单位:分",
            columns=tuple(columns),
            rows=tuple(rows),
            footnote=f"未参加排名:{apart}。" if apart else "",
        )

    def _short_villages(self) -> Table:
        """Villages that are not at the year's line, the poorest first; then who did not report."""
        line = self.facts.settings.policy.threshold("village_target_2016")
        rows = [
            row
            for row in self.facts.villages or ()
            if row["total_fen"] is None or not line.holds(int(row["total_fen"]))
        ]
        ordered = sorted(
            rows, key=lambda r: (r["total_fen"] is None, r["total_fen"] or 0, r["village"])
        )
        words = f"{line.wording}{wan_text(line.fen, 0)}万元"
        return Table(
            title="未达标村名单",
            unit_note="单位:万元",
            columns=(
                Column(head="镇(街道)", align=Align.LEFT, width=14),
                Column(head="村", align=Align.LEFT, width=14),
                Column(head="本年累计", width=14, number_format="#,##0.00"),
                Column(head="上年全年", width=14, number_format="#,##0.00"),
                Column(head="经济一般村", align=Align.CENTER, width=12),
            ),
            rows=tuple(self._village(row) for row in ordered),
            footnote=f"列入本表的为本年累计尚未{words}的村;未填报的村列在最后。",
        )

    def _village(self, row: Row) -> tuple[Cell, ...]:
        town = self.facts.names.get(row["town"], self.facts.focus.unit.name)
        return (
            Cell(text=town),
            Cell(text=row["name"]),
            self._money(row["total_fen"]),
            self._money(row["last_year_fen"]),
            Cell(text="是" if row["weak"] == 1 else "否"),
        )

    def _money(self, fen: int | None) -> Cell:
        if fen is None:
            return Cell(text=NOT_TOLD)
        return Cell(text=wan_text(int(fen), 2, self._lines), number=int(fen) / FEN_A_WAN)

    def _rates(self) -> Chart | None:
        """How far each core indicator with a target has come."""
        told = [
            (entry, row)
            for entry in self._catalogue.core
            for row in [self.facts.now.get(entry.code)]
            if row is not None and row["rate"] is not None and row["target"]
        ]
        if not told:
            return None
        values = tuple(round(float(row["rate"]) * 100, 1) for _, row in told)
        texts = tuple(rate(float(row["rate"])).removesuffix("%") for _, row in told)
        names = tuple(entry.short for entry, _ in told)
        return Chart(
            mark="bar",
            title="核心指标完成了全年目标的多少",
            unit="%",
            categories=names,
            series=(Series(name="完成率", values=values, texts=texts),),
            alt="、".join(f"{name}{text}%" for name, text in zip(names, texts, strict=True)) + "。",
        )

    def _course(self, entry: IndicatorEntry) -> Chart | None:
        """An indicator quarter by quarter."""
        first = Period(self.facts.settings.district.first_year, 1)
        quarters = list(span(first, self.facts.focus.period))
        rows = [self.facts.courses.get((entry.code, str(quarter))) for quarter in quarters]
        values = [None if row is None else row["value"] for row in rows]
        if all(value is None for value in values):
            return None
        lines = self._lines if entry.quantity == "money" else ()
        texts = tuple(NOT_TOLD if v is None else figure(int(v), entry, lines) for v in values)
        names = tuple(quarter.short_label for quarter in quarters)
        return Chart(
            mark="bar" if entry.cumulative else "line",
            title=f"{entry.name}逐季变化",
            unit=entry.unit,
            categories=names,
            series=(
                Series(
                    name=entry.short,
                    values=tuple(
                        None if v is None else float(Decimal(int(v)) / entry.scale) for v in values
                    ),
                    texts=texts,
                ),
            ),
            alt="、".join(f"{name}{text}" for name, text in zip(names, texts, strict=True)) + "。",
        )

    def _figure(
        self, entry: IndicatorEntry, row: Row | None, measure: str, unit: str | None = None
    ) -> Cell:
        found = None if row is None else row[measure]
        if found is None:
            return Cell(text="" if measure == "target" else NOT_TOLD)
        text = figure(int(found), entry, self._lines if entry.quantity == "money" else ())
        used = FigureUsed(
            indicator=entry.code,
            unit_code=unit or self.facts.focus.unit.code,
            measure="target" if measure == "target" else "value",
            value=int(found),
            text=text,
        )
        if used not in self.told:
            self.told.append(used)
        return Cell(text=text, number=float(Decimal(int(found)) / entry.scale))


def _rate(row: Row | None) -> Cell:
    if row is None or row["rate"] is None:
        return Cell(text="")
    done = float(row["rate"])
    return Cell(text=rate(done), number=done, light=_light(row))


def _light(row: Row) -> str:
    return "" if row["light"] == Light.NONE.value else str(row["light"])


def _status(row: Row) -> str:
    light = Light(row["light"])
    return f"{light.glyph}{light.label}"


def _number(value: float, pattern: str) -> Cell:
    return Cell(text=pattern.format(value), number=value)


def _gained(points: float | None) -> Cell:
    return Cell(text="—") if points is None else _number(round(points, 2), "{:+.2f}")


def _moved(places: int) -> str:
    if not places:
        return "不变"
    return f"{'升' if places > 0 else '降'}{abs(places)}位"
