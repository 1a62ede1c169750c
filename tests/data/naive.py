"""A second, naive summary: plain loops over all rows, written from the definitions alone.

The oracle for dashboard/data/rollup.py. It shares with it the calendar (Period) and the texts of
config/, nothing else: no SQL, no rule of dashboard.policy. Slow, and meant to be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dashboard.config_models import IndicatorEntry
from dashboard.policy.periods import Period
from dashboard.settings import Settings

Row = Mapping[str, Any]
SOURCES = ("operating", "leasing", "dividend", "fiscal", "ecological", "donation", "other")


@dataclass
class Fact:
    """A figure with what it is made of."""

    value: int | None = None
    top: int | None = None
    bottom: int | None = None
    classes: dict[str, int] | None = None
    reported: int = 0
    source: str = "none"


class Naive:
    """The summary of a district from its rows, by table."""

    def __init__(self, settings: Settings, rows: Mapping[str, Sequence[Row]]) -> None:
        self.settings = settings
        self.units = {row["code"]: row for row in rows.get("unit", ())}
        self.rows = rows
        told = [row["period"] for t in ("observation", "village_income") for row in rows.get(t, ())]
        self.newest = max(told, default="")
        self.memory: dict[tuple[str, str, Period], Fact] = {}

    def summary(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        """(unit, indicator, period) to value, baseline, target, scheduled, rate, light, …"""
        district = self.settings.district
        found = {}
        for unit in self.units:
            for entry in self.settings.catalogue.indicators:
                for year in range(district.first_year - 1, district.last_year + 1):
                    for quarter in (1, 2, 3, 4):
                        period = Period(year, quarter)
                        row = self.row(unit, entry, period)
                        if row is not None:
                            found[unit, entry.code, str(period)] = row
        return found

    def row(self, unit: str, entry: IndicatorEntry, period: Period) -> dict[str, Any] | None:
        fact = self.fact(unit, entry, period)
        target = self.one("target", unit, entry.code, year=period.year)
        if fact.value is None and target is None and not fact.reported:
            return None
        baseline = None
        # The year before the programme is itself the baseline: nothing stands before it.
        has_year_before = period.year >= self.settings.district.first_year
        if has_year_before and not entry.cumulative and entry.schedule == "linear":
            baseline = self.fact(unit, entry, Period(period.year - 1, 4)).value
        due = self.due(unit, entry, period, target, baseline)
        level = self.units[unit]["level"]
        return {
            "value": fact.value,
            "numerator": fact.top,
            "denominator": fact.bottom,
            "classes": fact.classes,
            "baseline": baseline,
            "target": target["value"] if target else None,
            "scheduled": None if due is None else float(due),
            "rate": self.rate(entry, fact.value, target, baseline),
            "light": self.light(entry, fact.value, due, baseline),
            "reported": fact.reported,
            "expected": self.expected(unit, entry),
            "source": fact.source,
            "level": level,
            "parent_code": self.units[unit]["parent_code"],
        }

    def fact(self, unit: str, entry: IndicatorEntry, period: Period) -> Fact:
        key = unit, entry.code, period
        if key not in self.memory:
            self.memory[key] = self.look(unit, entry, period)
        return self.memory[key]

    def look(self, unit: str, entry: IndicatorEntry, period: Period) -> Fact:
        below = [self.fact(child, entry, period) for child in self.children(unit)]
        own = self.register(unit, entry, period)
        registered = [fact for fact in below if fact.source == "register"]
        if own is not None or registered:
            fact = self.together(entry, [*([own] if own else []), *registered])
            fact.source = "register"
            if self.units[unit]["level"] == "district":
                # Its own tasks are no town's report.
                fact.reported = sum(f.reported for f in registered)
        elif (told := self.told(unit, entry, period)) is not None:
            return told
        else:
            # A ratio over nothing has no value yet still has parts, which count in the sum.
            present = [f for f in below if f.value is not None or f.bottom is not None]
            fact = self.together(entry, present) if present else Fact()
            if fact.value is None:
                return Fact()
            fact.source = "children"
        in_villages = fact.source == "register" and self.counts_villages(entry)
        if self.units[unit]["level"] == "town" and not in_villages:
            fact.reported = 1
        return fact

    def together(self, entry: IndicatorEntry, facts: list[Fact]) -> Fact:
        reported = sum(fact.reported for fact in facts)
        if entry.numerator:
            top = sum(fact.top or 0 for fact in facts)
            bottom = sum(fact.bottom or 0 for fact in facts)
            return Fact(self.divided(entry, top, bottom), top, bottom, None, reported)
        classes: dict[str, int] = {}
        for fact in facts:
            for name, count in (fact.classes or {}).items():
                classes[name] = classes.get(name, 0) + count
        return Fact(sum(fact.value or 0 for fact in facts), None, None, classes or None, reported)

    def divided(self, entry: IndicatorEntry, top: int, bottom: int) -> int | None:
        if bottom == 0:
            return None
        return round(Fraction(top * (1_000_000 if entry.quantity == "ratio" else 1), bottom))

    def told(self, unit: str, entry: IndicatorEntry, period: Period) -> Fact | None:
        def answer(code: str, keeps: bool) -> int | None:
            for quarter in range(period.quarter, 0 if keeps else period.quarter - 1, -1):
                at = str(Period(period.year, quarter))
                row = self.one("observation", unit, code, period=at)
                if row is not None:
                    return int(row["value"])
            return None

        if str(period) > self.newest:
            return None
        if entry.numerator and entry.denominator:
            top = answer(entry.numerator.code, entry.numerator.keep_last)
            bottom = answer(entry.denominator.code, entry.denominator.keep_last)
            if top is None or bottom is None:
                return None
            value = self.divided(entry, top, bottom)
            return Fact(value, top, bottom, None, 1, "reported")
        if entry.classes:
            answers = {part.code: answer(part.code, part.keep_last) for part in entry.classes}
            given = {code: value for code, value in answers.items() if value is not None}
            return Fact(sum(given.values()), None, None, given, 1, "reported") if given else None
        value = answer(entry.code, entry.aggregation == "last")
        return None if value is None else Fact(value, reported=1, source="reported")

    def register(self, unit: str, entry: IndicatorEntry, period: Period) -> Fact | None:
        rule = entry.register_rule.rule if entry.register_rule else ""
        line = self.line(entry)
        if rule in ("village_income_total", "villages_beyond_line", "weak_villages"):
            return self.income(unit, rule, line, period)
        if rule == "overdue_tasks":
            return self.overdue(unit, period)
        if rule:
            return self.household(unit, rule, line, period)
        return None

    def line(self, entry: IndicatorEntry) -> int:
        key = entry.register_rule.threshold if entry.register_rule else None
        return self.settings.policy.thresholds[key].fen if key else 0

    def income(self, unit: str, rule: str, line: int, period: Period) -> Fact | None:
        now = self.one("village_income", unit, period=str(period))
        if now is None:
            return None
        amounts = {source: now[f"{source}_fen"] for source in SOURCES}
        total = sum(amounts.values())
        if rule == "village_income_total":
            return Fact(total, classes=amounts, reported=1, source="register")
        if rule == "villages_beyond_line":
            return Fact(1 if total > line else 0, reported=1, source="register")
        before = self.one("village_income", unit, period=f"{period.year - 1}Q4")
        was_weak = before is None or sum(before[f"{s}_fen"] for s in SOURCES) < line
        is_weak = total < line and (period.quarter == 4 or was_weak)
        return Fact(1 if is_weak else 0, reported=1, source="register")

    def household(self, unit: str, rule: str, line: int, period: Period) -> Fact | None:
        day = period.last_day
        if rule in ("household_income_mean", "households_beyond_line"):
            return self.household_income(unit, rule, line, period)
        if not self.is_open(period):
            return None
        here = [
            row
            for row in self.rows.get("household", ())
            if row["village_code"] == unit and row["identified_on"] <= day
        ]
        if not here:
            return None
        count = 0
        for row in here:
            turns = sorted(
                (e["happened_on"], 0 if e["event"] == "退出" else 1, e["event"])
                for e in self.rows.get("lifecycle_event", ())
                if e["subject"] == row["number"] and e["event"] in ("退出", "返贫")
            )
            past = [event for on, _, event in turns if on <= day]
            is_out = bool(past) and past[-1] == "退出"
            of_year = [e for on, _, e in turns if on.year == period.year and on <= day]
            count += {
                "households": 0 if is_out else 1,
                "household_persons": 0 if is_out else row["persons"],
                "households_exited": of_year.count("退出"),
                "households_relapsed": of_year.count("返贫"),
            }[rule]
        return Fact(count, reported=1, source="register")

    def is_open(self, period: Period) -> bool:
        """From the baseline to the newest quarter reported on; registers say nothing outside."""
        return f"{self.settings.district.first_year - 1}Q4" <= str(period) <= self.newest

    def household_income(self, unit: str, rule: str, line: int, period: Period) -> Fact | None:
        persons = {
            row["number"]: row["persons"]
            for row in self.rows.get("household", ())
            if row["village_code"] == unit
        }
        told = [
            (row["income_fen"], persons[row["household"]])
            for row in self.rows.get("household_income", ())
            if row["household"] in persons and row["year"] == period.year
        ]
        if period.quarter != 4 or not told or not self.is_open(period):
            return None
        if rule == "households_beyond_line":
            below = sum(1 for fen, _ in told if fen < line)
            return Fact(below, reported=1, source="register")
        top, bottom = sum(fen * heads for fen, heads in told), sum(heads for _, heads in told)
        return Fact(round(Fraction(top, bottom)), top, bottom, None, 1, "register")

    def overdue(self, unit: str, period: Period) -> Fact | None:
        tasks = [
            row
            for row in self.rows.get("task", ())
            if row["unit_code"] == unit and row["kind"] != "议定事项"
        ]
        if not tasks or not self.is_open(period):
            return None
        late = 0
        for row in tasks:
            year, month = map(int, row["due_month"].split("-"))
            is_due = (year, month) <= (period.year, period.quarter * 3)
            done_on = row["done_on"]
            if is_due and (done_on is None or done_on > period.last_day):
                late += 1
        return Fact(late, reported=1, source="register")

    def due(
        self,
        unit: str,
        entry: IndicatorEntry,
        period: Period,
        target: Row | None,
        baseline: int | None,
    ) -> Fraction | None:
        if target is None:
            return None
        goal = target["value"]
        plan = {
            row["month"]: row["planned"]
            for row in self.rows.get("target_month", ())
            if (row["unit_code"], row["indicator_code"], row["year"])
            == (unit, entry.code, period.year)
        }
        month = period.quarter * 3
        if entry.schedule == "always" or (entry.direction == "down" and entry.cumulative):
            start: int | None = goal
        elif entry.direction == "down":
            start = None if baseline is None else max(baseline, goal)
        else:
            start = min(baseline or 0, goal)
        if plan:
            done = [m for m in plan if m <= month]
            if done:
                return Fraction(plan[max(done)])
            return None if start is None else Fraction(start)
        if start is None:
            return None
        share = Fraction(min(month, target["due_month"]), target["due_month"])
        return start + (goal - start) * share

    def rate(
        self, entry: IndicatorEntry, value: int | None, target: Row | None, baseline: int | None
    ) -> float | None:
        if value is None or target is None:
            return None
        goal = target["value"]
        if entry.direction == "up":
            if goal == 0:
                return 1.0
            return float(Fraction(value, goal))
        if baseline is not None and baseline > goal:
            return float(Fraction(baseline - value, baseline - goal))
        if value <= goal:
            return 1.0
        return float(Fraction(goal, value)) if goal > 0 else None

    def light(
        self, entry: IndicatorEntry, value: int | None, due: Fraction | None, baseline: int | None
    ) -> str:
        if value is None or due is None:
            return "none"
        if entry.direction == "up":
            share = Fraction(value) / due if due > 0 else Fraction(1)
        elif value <= due:
            share = Fraction(1)
        elif baseline is not None and baseline > due:
            share = (baseline - value) / (baseline - due)
        else:
            share = due / value
        rule = self.settings.policy.lights
        if share * 100 >= rule.green_from:
            return "green"
        return "yellow" if share * 100 >= rule.yellow_from else "red"

    def expected(self, unit: str, entry: IndicatorEntry) -> int:
        level = "village" if self.counts_villages(entry) else "town"
        if self.units[unit]["level"] in ("village", level):
            return 1
        return sum(1 for u in self.under(unit) if self.units[u]["level"] == level)

    def counts_villages(self, entry: IndicatorEntry) -> bool:
        rules = ("village_income_total", "villages_beyond_line", "weak_villages")
        return bool(entry.register_rule) and entry.register_rule.rule in rules  # type: ignore[union-attr]

    def children(self, unit: str) -> list[str]:
        return [code for code, row in self.units.items() if row["parent_code"] == unit]

    def under(self, unit: str) -> list[str]:
        below = self.children(unit)
        return below + [code for child in below for code in self.under(child)]

    def one(self, table: str, unit: str, indicator: str | None = None, **more: Any) -> Row | None:
        name = "village_code" if table == "village_income" else "unit_code"
        for row in self.rows.get(table, ()):
            if row[name] != unit or (indicator and row["indicator_code"] != indicator):
                continue
            if all(row[key] == value for key, value in more.items()):
                return row
        return None
