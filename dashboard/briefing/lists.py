"""Lists of a bulletin: the ranking, the villages that are short of the line, the year's funds."""

from collections.abc import Sequence

from dashboard.briefing import ledger as names
from dashboard.briefing.content import Align, Cell, Column, Table
from dashboard.briefing.facts import NOT_TOLD, Facts, Village
from dashboard.briefing.known import line_income
from dashboard.briefing.ledger import Ledger, named
from dashboard.briefing.tables import NONE, doubt_note
from dashboard.briefing.words import siblings_of
from dashboard.data.queries.doubts import VILLAGE_INCOME
from dashboard.figures import rate
from dashboard.policy.money import FEN_A_WAN, wan_text
from dashboard.policy.rounding import apportioned


def ranking(facts: Facts, ledger: Ledger) -> Table | None:
    """附件2: places and points, how they moved, what was taken off, how sure the place is."""
    board = facts.board
    if not board.places:
        return None
    before = named(names.SCORE, facts.focus.period.previous(), facts.focus.period)
    rows = []
    for place in board.places:
        code, tied = place.code, "并列" if place.is_tied else ""
        rank = ledger.tell(names.RANK, code, f"{tied}{place.rank}")
        score = ledger.tell(names.SCORE, code, f"{place.points:.2f}")
        gained = Cell(text=NONE)
        if place.gained is not None:
            ledger.tell(before, code, f"{place.points - place.gained:.2f}")
            # As the two shown scores differ, so that the columns can be checked by hand.
            change = round(round(place.points, 2) - round(place.points - place.gained, 2), 2)
            gained = Cell(text=f"{change + 0:+.2f}", number=change)
        rows.append(
            (
                Cell(text=rank, number=None if tied else place.rank),
                Cell(text=place.name + facts.doubt_of_score(code)),
                Cell(text=score, number=round(place.points, 2)),
                gained,
                Cell(text=_moved(place.moved)),
                Cell(text=f"{place.penalty:.1f}", number=round(place.penalty, 1)),
                Cell(text=_span(place.low, place.high)),
            )
        )
    columns = (
        Column(head="名次", align=Align.CENTER, width=8, number_format="0"),
        Column(head=siblings_of(facts), align=Align.LEFT, width=14),
        Column(head="综合得分", width=10, number_format="0.00"),
        Column(head="得分增减", width=10, number_format="+0.00;-0.00;0.00"),
        Column(head="名次升降", align=Align.CENTER, width=10),
        Column(head="其中扣分", width=10, number_format="0.0"),
        Column(head="可能名次", align=Align.CENTER, width=10),
    )
    apart = "".join(f"{each.name}{each.reason},未参加排名。" for each in board.apart)
    sure = "可能名次:各项权重小幅变动时,名次在此范围内。"
    return Table(
        title="综合得分排名表",
        unit_note="单位:分",
        columns=columns,
        rows=tuple(rows),
        footnote=sure + apart + doubt_note(rows),
    )


def short_villages(facts: Facts, ledger: Ledger) -> Table | None:
    """附件3: villages that are not at the year's line, the poorest first, then the unreported."""
    line = facts.line
    if line is None or not facts.villages:
        return None
    short = [
        v for v in facts.villages if v.amount_fen is None or not line.threshold.holds(v.amount_fen)
    ]
    short.sort(key=lambda v: (v.amount_fen is None, v.amount_fen or 0, v.code))
    has_towns = any(village.town for village in short)
    columns = [
        Column(head="村", align=Align.LEFT, width=16),
        Column(head="本年累计", width=14, number_format="#,##0.00"),
        Column(head="距标准", width=14, number_format="#,##0.00"),
        Column(head="上年全年", width=14, number_format="#,##0.00"),
    ]
    if has_towns:
        columns.insert(0, Column(head="镇(街道)", align=Align.LEFT, width=14))
    standard = f"{line.threshold.wording}{wan_text(line.threshold.fen, 0)}万元"
    running = "" if facts.focus.period.closes_year else "本年累计为年初至季末数,非全年数。"
    rows = [_village(facts, ledger, village, has_towns=has_towns) for village in short]
    return (
        Table(
            title="未达标村名单",
            unit_note="单位:万元",
            columns=tuple(columns),
            rows=tuple(rows),
            footnote=f"标准:{line.threshold.concept}{standard}(恰为标准的未达标)。{running}"
            f"未填报的村列在最后。{doubt_note(rows)}",
        )
        if rows
        else None
    )


def _village(
    facts: Facts, ledger: Ledger, village: Village, *, has_towns: bool
) -> tuple[Cell, ...]:
    name, lines = line_income(facts), facts.settings.policy.village_lines
    last = named(name, facts.focus.period.year_end(1), facts.focus.period)
    cells = [Cell(text=village.town)] if has_towns else []
    amounts = [Cell(text=NOT_TOLD), Cell(text=NONE)]
    if village.amount_fen is not None and facts.line is not None:
        told = ledger.tell(name, village.code, wan_text(village.amount_fen, 2, lines))
        gap = facts.line.threshold.fen - village.amount_fen
        # A gap of one fen is not shown as 0.00, nor one of nothing as more.
        amounts = [
            Cell(
                text=told + facts.doubt(village.code, VILLAGE_INCOME),
                number=village.amount_fen / FEN_A_WAN,
            ),
            Cell(text=wan_text(gap, 2, (0,)), number=gap / FEN_A_WAN),
        ]
    before = Cell(text=NONE)
    if ledger.value(last, village.code) is not None and village.last_year_fen is not None:
        told = ledger.tell(last, village.code, wan_text(village.last_year_fen, 2, lines))
        before = Cell(text=told, number=village.last_year_fen / FEN_A_WAN)
    return (*cells, Cell(text=village.name), *amounts, before)


def funds(facts: Facts, ledger: Ledger) -> Table | None:
    """The year's special funds by purpose, the whole first; rounded, the parts still add up."""
    if not facts.funds:
        return None
    unit = facts.focus.unit.code
    parts = ["", *(f"·{row['purpose']}" for row in facts.funds)]
    amounts = {
        name: [ledger.value(name + part, unit) or 0 for part in parts]
        for name in (names.ARRANGED, names.ALLOCATED, names.SPENT)
    }
    shown = {name: _adding_up(found) for name, found in amounts.items()}
    rows = []
    for at, part in enumerate(parts):
        cells = [Cell(text=part.removeprefix("·") or "合计")]
        for name, found in shown.items():
            text = ledger.tell(name + part, unit, wan_text(found[at]))
            cells.append(Cell(text=text, number=found[at] / FEN_A_WAN))
        cells.append(_rate_cell(amounts[names.ALLOCATED][at], amounts[names.ARRANGED][at]))
        rows.append(tuple(cells))
    heads = ("安排", "拨付", "支出")
    columns = (
        Column(head="用途", align=Align.LEFT, width=18),
        *(Column(head=head, width=12, number_format="#,##0.00") for head in heads),
        Column(head="拨付率", width=10, number_format="0.0%"),
    )
    return Table(
        title="专项资金安排和使用情况",
        unit_note="单位:万元",
        columns=columns,
        rows=tuple(rows),
        total_row=True,
    )


def _adding_up(amounts: Sequence[int]) -> list[int]:
    """A whole and its parts, in fen, rounded to hundredths of 万元 so that the parts add up."""
    whole, *parts = amounts
    step = FEN_A_WAN // 100
    steps = (whole + step // 2) // step
    return [steps * step, *(share * step for share in apportioned(parts, steps))]


def _rate_cell(part: int, of: int) -> Cell:
    return Cell(text=rate(part / of), number=part / of) if of else Cell(text=NONE)


def _moved(places: int | None) -> str:
    if places is None:
        return NONE
    return "不变" if places == 0 else f"{'升' if places > 0 else '降'}{abs(places)}位"


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}至{high}"
