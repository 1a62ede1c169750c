"""A published bulletin against the store as it is today."""

from datetime import UTC, date, datetime

from sqlalchemy import select, update

from dashboard.briefing.build import draft, numbered
from dashboard.briefing.content import Kind, canonical, from_json
from dashboard.briefing.differences import differences
from dashboard.data import bulletins, rollup, units
from dashboard.data.bulletins import Numbered
from dashboard.data.schema import summary, unit, village_income
from dashboard.data.store import Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings

D = "320412"
OFFICE = Viewer("office", Role.OFFICE, D)
Q3 = Period(2016, 3)


def test_published_stays_and_every_difference_is_listed(
    own_store: Store, settings: Settings
) -> None:
    focus = units.focus(own_store, OFFICE, D, Q3)
    made = draft(own_store, OFFICE, focus, settings)

    def write(given: Numbered) -> str:
        return canonical(numbered(made, given.year, given.number, date(2016, 10, 12)))

    bulletins.publish(
        own_store,
        OFFICE,
        D,
        Q3,
        write,
        kind=made.kind,
        signatory="区扶贫办",
        cut_off=datetime(2016, 10, 10, tzinfo=UTC),
        now=datetime(2016, 10, 12, tzinfo=UTC),
    )
    assert differences(own_store, OFFICE, focus, settings, made) == []
    # The poorest village of those not at the line comes to have one yuan more.
    with own_store.writing() as connection:
        first = connection.execute(
            select(village_income)
            .where(village_income.c.period == "2016Q3")
            .order_by(village_income.c.operating_fen)
            .limit(1)
        ).one()
        connection.execute(
            update(village_income)
            .where(
                village_income.c.village_code == first.village_code,
                village_income.c.period == "2016Q3",
            )
            .values(operating_fen=first.operating_fen + 100)
        )
    rollup.rebuild(own_store, settings)

    [kept] = bulletins.of(own_store, OFFICE, D, Q3)
    published = from_json(kept.content)
    assert published.sections == made.sections
    assert published.document_number == "武扶组办〔2016〕1号"

    found = differences(own_store, OFFICE, focus, settings, published)
    incomes = {
        (one.then.unit_code, one.then.measure): (one.then.value, one.now)
        for one in found
        if one.then.indicator == "V03"
    }
    with own_store.reading() as connection:
        parent = connection.scalar(
            select(unit.c.parent_code).where(unit.c.code == first.village_code)
        )
        now = connection.scalar(
            select(summary.c.value).where(
                summary.c.unit_code == D,
                summary.c.indicator_code == "V03",
                summary.c.period == "2016Q3",
            )
        )
    for code in (D, str(parent)):
        then, today = incomes[code, "value"]
        assert today == then + 100
    assert incomes[D, "value"][1] == now
    # Nothing but income, what it is made of, and the scores that rest on it.
    assert {one.then.indicator.partition("@")[0] for one in found} <= {
        "V03",
        "自有收入",
        "综合得分",
    }
    assert all(one.unit and one.now_text and one.indicator for one in found)


def test_a_correction_says_what_it_corrects(own_store: Store, settings: Settings) -> None:
    focus = units.focus(own_store, OFFICE, D, Q3)
    made = numbered(draft(own_store, OFFICE, focus, settings), 2016, 3, date(2016, 10, 12))
    with own_store.writing() as connection:
        connection.execute(
            update(summary)
            .where(
                summary.c.unit_code == D,
                summary.c.indicator_code == "H01",
                summary.c.period == "2016Q3",
            )
            .values(value=summary.c.value + 7)
        )
    correction = draft(own_store, OFFICE, focus, settings, corrects=made)
    assert correction.kind is Kind.BULLETIN and correction.is_correction
    assert correction.corrects == made.document_number
    assert correction.title == f"{made.title}(更正)"
    assert correction.sections[0].heading == "更正事项"
    assert [s.heading for s in correction.sections[1:]] == [s.heading for s in made.sections]
    first = correction.attachments[0].table
    assert first.title == "更正对照表"
    [[unit_name, indicator, measure, then, now]] = [
        [cell.text for cell in row] for row in first.rows
    ]
    assert (unit_name, indicator, measure) == ("武进区", "建档立卡低收入农户数(户)", "实际")
    assert int(now) == int(then) + 7
    assert from_json(canonical(correction)) == correction


def test_what_is_gone_is_a_difference(own_store: Store, settings: Settings) -> None:
    focus = units.focus(own_store, OFFICE, D, Q3)
    made = draft(own_store, OFFICE, focus, settings)
    with own_store.writing() as connection:
        connection.execute(
            summary.delete().where(
                summary.c.unit_code == D,
                summary.c.indicator_code == "H01",
                summary.c.period == "2016Q3",
            )
        )
    found = differences(own_store, OFFICE, focus, settings, made)
    assert [(one.indicator, one.now, one.now_text) for one in found] == [
        ("建档立卡低收入农户数(户)", None, "—")
    ]
