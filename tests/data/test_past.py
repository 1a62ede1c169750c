"""What was known earlier, put together from revisions, equals what stood there at the time."""

import random
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.data import history, past, reviews, schema, submissions
from dashboard.data.ingest.undo import UndoRefused, undo
from dashboard.data.queries import changes
from dashboard.data.store import Store, connect
from dashboard.data.units import focus
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import CHINA_TIME, Period
from dashboard.settings import Settings
from tests.data.ingest.test_undo import write
from tests.data.test_rollup_oracle import D, Tables, draw

OFFICE = Viewer("office", Role.OFFICE, D)
NOTES = (
    schema.submission,
    schema.returned,
    schema.import_batch,
    schema.observation_revision,
)
State = dict[str, list[tuple[Any, ...]]]


def plain(value: Any) -> Any:
    """Times without their zone, as one of the two databases hands them back."""
    if isinstance(value, datetime):
        return history.utc(value).isoformat()
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


def state(store: Store) -> State:
    with store.reading() as connection:
        return {
            table.name: sorted(
                (tuple(map(plain, row)) for row in connection.execute(select(table))), key=repr
            )
            for table in (*schema.FACTS, schema.summary, *NOTES)
        }


def rebuilt(store: Store, settings: Settings, moment: datetime, folder: Path) -> State:
    made = connect(f"sqlite:///{folder / f'{moment:%H%M%S%f}.db'}")
    made.migrate()
    past.fill(made, store, settings, D, moment)
    found = state(made)
    made.engine.dispose()
    return found


def bunch(dice: random.Random, settings: Settings, seed: int) -> Tables:
    """Some rows of every table, with other figures each time; now and then one table alone."""
    drawn = draw(seed, settings)
    households = {row["number"] for row in drawn["household"]}
    assert households == {f"H{n:03d}" for n in range(12)}, "known from the first bunch on"
    chosen = [name for name in drawn if name != "unit" and dice.random() < 0.6] or ["observation"]
    return {name: [row for row in drawn[name] if dice.random() < 0.4] for name in chosen}


def grow(
    store: Store, settings: Settings, seed: int, steps: int
) -> list[tuple[datetime, State, str]]:
    """Batches at random, some taken back; after each the moment and all that stood there."""
    dice = random.Random(seed)
    first = draw(seed, settings)
    seen: list[tuple[datetime, State, str]] = []
    batches: list[str] = []

    def look(what: str) -> None:
        seen.append((datetime.now(UTC), state(store), what))

    for step in range(steps):
        undone = False
        # The first brought the units: without them there is nothing to write to.
        if len(batches) > 1 and dice.random() < 0.4:
            try:
                undo(store, settings, OFFICE, batches[-1])
                undone = True
                batches.pop()
                look("taken back")
            except UndoRefused:
                # What came later has written over it: the newest of all never is.
                raise AssertionError("the newest batch can always be taken back") from None
        if not undone:
            tables = bunch(dice, settings, seed * 100 + step)
            if not step:
                tables = {"unit": first["unit"], "household": first["household"]}
            batches.append(write(store, settings, tables, f"{step}.xlsx"))
            look("written")
    return seen


@pytest.mark.parametrize("seed", [2, 3])
def test_each_moment_is_put_together_as_it_stood(
    store: Store, settings: Settings, seed: int, tmp_path: Path
) -> None:
    seen = grow(store, settings, seed, 8)
    assert {what for _, _, what in seen} == {"written", "taken back"}, "the seed tries both"
    for moment, then, _ in seen:
        found = rebuilt(store, settings, moment, tmp_path)
        for table in (
            *schema.FACTS,
            schema.summary,
            schema.import_batch,
            schema.observation_revision,
        ):
            assert found[table.name] == then[table.name], table.name
        assert senders(found) == senders(then)


def senders(found: State) -> set[tuple[Any, ...]]:
    """Who had sent which table for which quarter, and first when.

    The calendar forgets, when a file is taken back, which one came before it: the newest is not
    compared.
    """
    return {row[:6] for row in found["submission"]}


def test_nothing_was_known_before_the_first_file(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(past.NotKnown, match="还没有任何数据"):
        rebuilt(store, settings, datetime.now(UTC), tmp_path)
    before = datetime(2016, 1, 1, tzinfo=UTC)
    write(store, settings, {"unit": draw(1, settings)["unit"]})
    with pytest.raises(past.NotKnown, match="到那一天库中还没有数据"):
        rebuilt(store, settings, before, tmp_path)


def test_too_many_units_are_refused(
    sqlite_store: Store, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sqlite_store, settings, {"unit": draw(1, settings)["unit"]})
    monkeypatch.setattr(past, "MOST_UNITS", 5)  # the district has nine
    with pytest.raises(past.NotKnown, match="所辖过多"):
        rebuilt(sqlite_store, settings, datetime.now(UTC), tmp_path)


def test_what_was_sent_back_and_decided_is_of_its_time(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    tables = draw(3, settings)
    write(store, settings, {"unit": tables["unit"]})
    incomes = [row for row in tables["village_income"] if row["period"] == "2016Q1"]
    write(store, settings, {"village_income": incomes})
    before, town = datetime.now(UTC), incomes[0]["village_code"][:9]
    args = (town, Period(2016, 1), "village_income", "请核对", datetime.now(UTC))
    submissions.send_back(store, OFFICE, *args)
    between = datetime.now(UTC)
    more = [{**row, "other_fen": row["other_fen"] + 100} for row in incomes]
    answer = write(store, settings, {"village_income": more})
    assert rebuilt(store, settings, before, tmp_path)["returned"] == []
    [open_then] = rebuilt(store, settings, between, tmp_path)["returned"]
    assert open_then[-2:] == (None, None), "answered only later"
    [closed] = rebuilt(store, settings, datetime.now(UTC), tmp_path)["returned"]
    assert closed[-2] == answer


def test_a_day_ends_at_midnight_of_the_office(settings: Settings) -> None:
    end = history.end_of(date(2016, 10, 12))
    assert end == datetime(2016, 10, 12, 15, 59, 59, 999999, tzinfo=UTC)


def test_the_past_is_not_written_and_is_made_again_when_it_was_put_away(
    sqlite_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sqlite_store, settings, {"unit": draw(1, settings)["unit"]})
    monkeypatch.setattr(past, "_MOST_KEPT", 1)
    today = datetime.now(CHINA_TIME).date()
    first = past.store_of(sqlite_store, settings, D, today)
    assert past.store_of(connect(str(sqlite_store.url)), settings, D, today) is first
    reported: list[tuple[int, int]] = []
    past.prepare(first, lambda done, total: reported.append((done, total)))
    assert reported[-1][0] == reported[-1][1]
    assert first.as_of == today and first.is_built and first.present.url == sqlite_store.url
    with pytest.raises(NotAllowed, match="只能看"), first.writing():
        pass
    args = (OFFICE, f"{D}101", Period(2016, 1), "village_income", "请核对", datetime.now(UTC))
    with pytest.raises(NotAllowed, match="只能看"):
        submissions.send_back(first, *args)
    with first.noting() as connection:
        assert connection.engine is sqlite_store.engine, "a look is noted today"
    other = past.store_of(sqlite_store, settings, D, date.fromordinal(today.toordinal() + 1))
    past.prepare(other, lambda _done, _total: None)
    assert not first.is_built, "the longest unused was put away"
    assert first.version >= 0 and first.is_built, "and is there again once it is asked"
    assert not reviews.newest(first, OFFICE, focus(first, OFFICE, D, Period(2016, 1)))


def test_a_store_that_is_read_stays(
    sqlite_store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sqlite_store, settings, {"unit": draw(1, settings)["unit"]})
    monkeypatch.setattr(past, "_MOST_KEPT", 1)
    today = datetime.now(CHINA_TIME).date()
    first = past.store_of(sqlite_store, settings, D, today)
    other = past.store_of(sqlite_store, settings, D, date.fromordinal(today.toordinal() + 1))
    with first.reading() as connection:
        past.prepare(other, lambda _done, _total: None)
        assert first.is_built
        assert len(connection.execute(select(schema.unit)).all()) == 9
    assert not first.is_built or not other.is_built


@pytest.mark.parametrize("seed", [2, 3])
def test_what_has_changed_since(store: Store, settings: Settings, seed: int) -> None:
    """Against the two states themselves: every key whose row differs, and no other."""
    seen = grow(store, settings, seed, 6)
    now = seen[-1][1]
    for moment, then, _ in seen[:-1]:
        found = changes.since(store, OFFICE, focus(store, OFFICE, D, Period(2016, 1)), moment)
        told = {(change.table, change.key) for change in found}
        assert told == differing(then, now)
        assert all(change.batch and change.at > moment for change in found)
    assert not changes.since(
        store, OFFICE, focus(store, OFFICE, D, Period(2016, 1)), datetime.now(UTC)
    )


def differing(then: State, now: State) -> set[tuple[str, str]]:
    """(table, key after the district) of the rows that are not the same, provenance left out."""
    found = set()
    for table in schema.FACTS:
        columns = [column.name for column in table.columns]
        keys = [c.name for c in table.primary_key.columns if c.name != "district_code"]
        told = [c for c in columns if c not in ("batch_id", "source_row")]

        def by_key(
            rows: list[tuple[Any, ...]],
            columns: list[str] = columns,
            keys: list[str] = keys,
            told: list[str] = told,
        ) -> dict[str, tuple[Any, ...]]:
            named = [dict(zip(columns, row, strict=True)) for row in rows]
            return {
                "|".join(str(row[k]) for k in keys): tuple(row[c] for c in told) for row in named
            }

        old, new = by_key(then[table.name]), by_key(now[table.name])
        found |= {(table.name, k) for k in old.keys() | new.keys() if old.get(k) != new.get(k)}
    return found


def test_changes_are_told_within_the_viewers_scope(store: Store, settings: Settings) -> None:
    tables = draw(4, settings)
    write(store, settings, {"unit": tables["unit"]})
    before = datetime.now(UTC)
    write(store, settings, {name: rows for name, rows in tables.items() if name != "unit"})
    here = Period(2016, 1)
    town = f"{D}101"
    own = Viewer("town", Role.TOWN, town)
    found = changes.since(store, own, focus(store, own, town, here), before)
    assert {change.unit[:9] for change in found} == {town}
    assert any(change.table == "household_income" for change in found), "its own households"
    whole = focus(store, OFFICE, D, here)
    assert not changes.since(store, own, whole, before), "not the district's"
    assert not changes.since(store, None, whole, before)
    leader = Viewer("leader", Role.LEADER, D)
    seen = {change.table for change in changes.since(store, leader, whole, before)}
    assert "village_income" in seen and not seen & {"household", "household_income"}
    assert not any(
        change.key.startswith("household|")
        for change in changes.since(store, leader, whole, before)
    )
