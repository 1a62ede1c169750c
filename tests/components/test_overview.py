"""What the overview says, from frames made by hand."""

from typing import Any

import pandas as pd
import pytest

from dashboard.components import overview
from dashboard.components.overview import Figure, Standing
from dashboard.data.queries.decomposition import Checked
from dashboard.data.queries.doubts import Doubts
from dashboard.data.queries.progress import FIGURE_COLUMNS
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.settings import Settings

NOW = Period(2016, 3)
NOTHING = Checked((), (), 0, 0)
CORE = ["V01", "V02", "V03"]


def told(indicator: str, period: str = "2016Q3", **cells: Any) -> dict[str, Any]:
    """A row of progress.trend; what is not named is absent."""
    empty = dict.fromkeys(FIGURE_COLUMNS)
    known = {"light": "none", "reported": 0, "expected": 1, "source": "none"}
    return empty | known | {"indicator": indicator, "period": period} | cells


def child(unit: str, indicator: str | None, light: str | None, reported: int | None) -> Any:
    """A row of progress.of_children."""
    cells = {"light": light, "reported": reported}
    return told("", **cells) | {"unit": unit, "name": f"{unit}镇", "indicator": indicator}


def figures(settings: Settings, *rows: dict[str, Any], at: Period = NOW) -> dict[str, Figure]:
    return overview.figures(settings.catalogue, rows, at)


def test_every_indicator_has_a_figure_even_without_rows(settings: Settings) -> None:
    found = figures(settings)
    assert list(found) == [entry.code for entry in settings.catalogue.indicators]
    assert all(f.value is None and f.text == "未填报" and f.goal == "—" for f in found.values())
    assert {f.status for f in found.values()} == {"○ 无法判断"}


def test_a_figure_is_that_of_the_focus_period(settings: Settings) -> None:
    found = figures(
        settings,
        told("V01", "2016Q2", value=3, target=10, light="red"),  # last quarter: the course only
        told("V01", value=8, target=10, scheduled=7.5, rate=0.8, light="green", reported=1),
    )["V01"]
    assert (found.value, found.target, found.scheduled, found.rate) == (8, 10, 7.5, 0.8)
    assert (found.light, found.reported, found.expected) == (Light.GREEN, 1, 1)
    assert (found.text, found.goal, found.scheduled_text) == ("8", "10", "7.5")
    assert (found.course, found.change) == ((3.0, 8.0), 5)
    assert found.status == "● 达到序时"


def test_a_target_without_a_report_is_not_zero(settings: Settings) -> None:
    found = figures(
        settings,
        told("V01", "2016Q2", value=3, target=10),  # an older figure does not stand in
        told("V01", target=10, scheduled=7.0),  # the target alone: nobody reported
    )["V01"]
    assert (found.value, found.text, found.goal, found.scheduled_text) == (
        None,
        "未填报",
        "10",
        "7",
    )
    assert found.change is None
    assert found.light is Light.NONE


def test_zero_is_a_report(settings: Settings) -> None:
    found = figures(settings, told("V01", value=0, target=0, scheduled=0.0, light="green"))["V01"]
    assert (found.text, found.goal, found.scheduled_text) == ("0", "0", "0")


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("V01", None),  # cumulative: January begins anew, the fall says nothing
        ("V02", -30),  # a stock: the fall is one
    ],
)
def test_a_change_over_new_year(code: str, change: int | None, settings: Settings) -> None:
    rows = told(code, "2016Q4", value=40), told(code, "2017Q1", value=10)
    assert figures(settings, *rows, at=Period(2017, 1))[code].change == change


def test_a_change_over_a_missing_quarter_is_none(settings: Settings) -> None:
    rows = told("V02", "2016Q1", value=40), told("V02", value=30)  # no 2016Q2
    assert figures(settings, *rows)["V02"].change is None


def test_money_and_its_schedule_in_wan(settings: Settings) -> None:
    found = figures(
        settings,
        # 1,234.5678 万元: four digits stand without decimals; 149.99 with two.
        told("V03", value=1_234_567_800, target=149_990_000, scheduled=1_234_500_000.0),
    )["V03"]
    assert (found.text, found.goal, found.scheduled_text) == ("1,235", "149.99", "1,234.5")
    assert found.course == (1234.5678,)


CHILDREN = [
    # A: one green of two judged; H06 is no core indicator here and does not count.
    child("A", "V01", "green", 1),
    child("A", "V02", "red", 1),
    child("A", "H06", "red", 1),
    # B: all green.
    child("B", "V01", "green", 1),
    child("B", "V02", "none", 0),
    # C: half green as A, but its other light is yellow: before A.
    child("C", "V01", "green", 1),
    child("C", "V03", "yellow", 1),
    # D: only lights that say nothing: not ranked.
    child("D", "V01", "none", 0),
    # E: as A in all: after it by its code.
    child("E", "V01", "green", 1),
    child("E", "V02", "red", 1),
    # F: nothing in the store at all: not ranked.
    child("F", None, None, None),
]


def test_standings_best_first() -> None:
    assert overview.standings(CHILDREN, CORE) == [
        Standing("B", "B镇", 1, 0, 0),
        Standing("C", "C镇", 1, 1, 0),
        Standing("A", "A镇", 1, 0, 1),
        Standing("E", "E镇", 1, 0, 1),
    ]


def test_no_children_no_standings(settings: Settings) -> None:
    assert overview.standings([], CORE) == []
    assert overview.unreported([], settings.catalogue) == []


@pytest.mark.parametrize(
    ("count", "kept"),
    [
        (0, []),
        (8, [0, 1, 2, 3, 4, 5, 6, 7]),  # twice four: all, none of them twice
        (9, [0, 1, 2, 3, 5, 6, 7, 8]),  # one too many: the middle goes
    ],
)
def test_ends(count: int, kept: list[int]) -> None:
    row = [Standing(str(n), f"{n}镇", 1, 0, 0) for n in range(count)]
    assert [int(standing.code) for standing in overview.ends(row)] == kept


def test_who_sent_nothing_in(settings: Settings) -> None:
    children = [
        child("A", "V03", "none", 1),  # income of its villages came in
        child("B", "V08", "none", 1),  # a reported indicator came in
        child("B", "V03", "none", 0),
        child("C", "V03", "none", 0),  # expected, and nothing came
        child("D", "G07", "none", 1),  # the register of tasks goes on by itself: no report
        child("E", "H01", "none", 1),  # so does that of households
        child("F", "G01", "none", 1),  # a stock told once holds on: no report of this quarter
        child("G", None, None, None),  # nothing at all
    ]
    late = overview.unreported(children, settings.catalogue)
    assert late == [(code, f"{code}镇") for code in "CDEFG"]


def test_on_schedule_counts_core_indicators_that_can_be_judged(settings: Settings) -> None:
    now = figures(
        settings,
        told("V01", light="green", value=1),
        told("V02", light="red", value=1),
        told("V03", light="yellow", value=1),
        told("V04", light="none", value=1),  # no target: not in the denominator
        told("H06", light="green", value=1),  # not core
    )
    assert not settings.catalogue["H06"].core
    assert overview.on_schedule(now) == (1, 3)


def test_nothing_to_notice(settings: Settings) -> None:
    quiet = figures(
        settings,
        told("V01", value=9, light="green"),
        told("V08", value=0, light="red"),  # red, but not core
        told("G07", value=0),  # no task is late
        told("H07", value=0),  # nobody fell back
    )
    assert not settings.catalogue["V08"].core
    assert overview.notices(quiet, [], NOTHING, [Standing("B", "B镇", 1, 1, 0)]) == []


def test_notices_most_pressing_first(settings: Settings) -> None:
    weighty = ["V01", "V02", "V03", "V04"]
    weights = [settings.catalogue[code].weight for code in weighty]
    assert weights == sorted(weights, reverse=True), "else the order below proves nothing"
    now = figures(
        settings,
        # Four red ones, the lightest first: three are told, by weight.
        *[told(c, value=1_000_000, scheduled=2e6, light="red") for c in reversed(weighty)],
        told("G07", value=1234),
        told("H07", value=2),
    )
    ranks = [
        Standing("A", "A镇", 5, 0, 0),  # nothing red: not told, though last but three
        Standing("B", "B镇", 3, 0, 2),
        Standing("C", "C镇", 2, 0, 3),
        Standing("D", "D镇", 1, 0, 4),
    ]
    found = overview.notices(now, [("E", "E镇"), ("F", "F镇")], NOTHING, ranks)
    texts = [notice.text for notice in found]
    assert texts[0] == "2个单位未填报:E镇、F镇"
    assert [text.split("明显滞后")[0] for text in texts[1:4]] == [
        settings.catalogue[code].name for code in weighty[:3]
    ]
    assert texts[4:6] == ["逾期任务1,234项", "本年返贫2户"]
    assert texts[6:] == ["D镇:5项中4项明显滞后", "C镇:5项中3项明显滞后"]
    assert [(notice.path, notice.unit) for notice in found[6:]] == [("unit", "D"), ("unit", "C")]
    assert texts[3] == "村集体年收入明显滞后:1.00万元,序时2万元"


def test_notices_mark_what_waits_to_be_checked(settings: Settings) -> None:
    weak = next(
        code
        for code in overview.crossing_indicators(settings.catalogue)
        if not settings.catalogue[code].cumulative
    )
    waiting = Doubts(frozenset({("R", "V02"), ("R", "G07"), ("B", "V01"), ("B1", weak)}))
    rows = [
        told("V02", value=5, scheduled=2.0, light="red"),
        told("V01", value=1, scheduled=2.0, light="red"),
        told("G07", value=3),
        told("H07", value=2),
    ]
    now = overview.figures(settings.catalogue, rows, NOW, (), waiting.of("R"))
    ranks = overview.standings(
        [child(unit, code, "red", 1) for unit in "BC" for code in CORE], CORE, waiting
    )
    changed = pd.DataFrame(
        [
            {"village": f"B{at}", "name": f"第{at}村", "indicator": weak, "before": 0, "now": 1}
            for at in (1, 2)
        ]
    )
    crossed = overview.crossings(settings.catalogue, settings.policy, changed, waiting)
    said = [one.text for one in overview.notices(now, [], NOTHING, ranks, crossed)]
    units = {code: settings.catalogue[code].unit for code in ("V01", "V02")}
    assert any(text.endswith(f":5{units['V02']}◇,序时2{units['V02']}") for text in said)
    assert any(text.endswith(f":1{units['V01']},序时2{units['V01']}") for text in said)
    assert "逾期任务3项◇" in said and "本年返贫2户" in said
    assert "B镇:3项中3项明显滞后◇" in said and "C镇:3项中3项明显滞后" in said
    assert said[-1].startswith("2个村◇新成为") and said[-1].endswith(":第1村、第2村")


def core(settings: Settings, *rows: dict[str, Any]) -> list[Figure]:
    return overview.core_figures(figures(settings, *rows))


def test_the_core_table(settings: Settings) -> None:
    yearly = next(e for e in settings.catalogue.core if e.cadence == "year")
    table = overview.core_table(
        core(
            settings,
            told("V01", value=8, target=10, scheduled=7.5, rate=0.8, light="green"),
            told("V02", target=5, scheduled=5.0),  # a target, and nobody reported
            told("H06", value=1, target=2, light="red"),  # not core: not in the table
        )
    )
    assert len(table) == len(settings.catalogue.core)
    rows = table.set_index("指标")
    first = rows.loc["超150万元村(村)"]
    assert [first[head] for head in ("实际", "全年目标", "序时", "完成率", "状态")] == [
        "8",
        "10",
        "7.5",
        80.0,
        "● 达到序时",
    ]
    assert list(rows.loc["一般村剩余(村)"][["实际", "全年目标", "序时"]]) == ["未填报", "5", "5"]
    assert pd.isna(rows.loc["一般村剩余(村)"]["完成率"])
    # What is told at the year's end is not late in autumn.
    assert rows.loc[f"{yearly.short}({yearly.unit})"]["实际"] == "年底填报"
