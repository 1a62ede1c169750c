"""What the first look at a page would wait for, done before anybody looks.

Whether a figure waits to be checked (◇) asks the checks of a whole district, which read all its
quarters; the first of all loads the statistics library as well. A thread of the server's own sees
that the store has been written to, and has them made, and the newest bulletins drafted; once, it
has the charts' templates built. While nobody looks it goes on to what every quarter would wait for
longest. It changes nothing, and nobody waits for it. In a city's or a province's store it does so
for the districts that somebody looked at last: all of them would be too much to make and to keep.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pkgutil import iter_modules

from dashboard import garbage, pages
from dashboard import settings as config
from dashboard.briefing import issues, preview
from dashboard.components import drawing, turns
from dashboard.data import few, units
from dashboard.data.queries import (
    authenticity,
    glance,
    households,
    outlook,
    periods,
    places,
    progress,
    registers,
    sources,
    standing,
    support,
)
from dashboard.data.store import Store, StoreAway, connect
from dashboard.data.units import Focus
from dashboard.policy.access import NotAllowed, Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import ConfigError, Settings

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 2.0
_QUARTERS = 4
"""As many as a meeting goes through; the evidence of these is kept (queries.authenticity)."""


_looked_at: deque[str] = deque(maxlen=8)
"""Districts, the last one last; where two are gone to and fro between, each more than once."""


def looked_at(focus: Focus) -> None:
    """Somebody looks at this: its district comes next, where it is another than before."""
    district = focus.unit.district_code
    if focus.is_in_a_district and (not _looked_at or _looked_at[-1] != district):
        _looked_at.append(district)


def begin() -> None:
    """Load the pages, then start the thread, which ends with the process, and the process that
    sets bulletins."""
    preview.begin()
    load()
    threading.Thread(target=_go_on, name="warm", daemon=True).start()


def once(store: Store, settings: Settings, district: str | None = None) -> None:
    """Have the newest quarters of a district checked (the configured one, unless told which), their
    bulletins drafted, and the newest asked what a meeting begins with, its towns too; nothing above
    a district. Raises StoreAway, UnknownUnit and NotAllowed."""
    leader, focus, known = _district(store, settings, district)
    newest = known[-_QUARTERS:]
    if not newest:
        return
    for period in reversed(newest):
        authenticity.suspected(store, leader, focus.at(period), settings)
        with suppress(ConfigError):  # of the wording: told to whoever opens 通报
            issues.standing(store, leader, focus.at(period), settings)
        outlook.year_end(store, leader, focus.at(period), settings.policy)
    now = focus.at(newest[-1])
    since = Period(settings.district.first_year, 1)
    standing.of_children(store, leader, now, settings, since)
    households.look(store, leader, now, settings)
    for unit in (now.unit, *units.children(store, leader, now)):
        there = units.focus(store, leader, unit.code, now.period)
        progress.trend(store, leader, there, since)
    registers.households(store, leader, now)
    sources.newest(store, leader, now)


def older(store: Store, settings: Settings, district: str | None = None) -> Iterator[Period]:
    """Every quarter of the same, newest first, each when what is kept of it for long is made: where
    its marks of doubt stand, which figures and counts of households are hidden, who has help and
    who is without, what the registers hold, its villages, how the year will end, and the draft of
    its bulletin. Raises StoreAway, and UnknownUnit."""
    leader, focus, known = _district(store, settings, district)
    withheld = few.withheld(store, leader, focus)
    for period in reversed(known):
        there = focus.at(period)
        authenticity.suspected(store, leader, there, settings)
        households.hide(store, focus.unit, period, settings)
        withheld.find(period)
        support.households(store, leader, there)
        support.villages(store, leader, there, settings)
        support.measures(store, leader, there)
        glance.glance(store, leader, there, settings)
        places.villages(store, leader, there, settings)
        outlook.year_end(store, leader, there, settings.policy)
        with suppress(ConfigError):
            issues.standing(store, leader, there, settings)
        yield period


def _district(
    store: Store, settings: Settings, district: str | None
) -> tuple[Viewer, Focus, list[Period]]:
    """Who sees least of households, the district (by default the configured unit), and its
    quarters, oldest first: none above a district."""
    leader = Viewer("", Role.LEADER, settings.district.root_unit)
    first = Period(settings.district.first_year, 1)
    focus = units.focus(store, leader, district or leader.unit_code, first)
    is_district = focus.unit.level == "district"
    return leader, focus, periods.available(store, leader, focus.unit) if is_district else []


def load() -> None:
    """Import the pages, and with them every chart.

    Not dashboard.app: the login's library declares a component when it is loaded, which Streamlit
    wants to see in the run of a page.
    """
    for page in iter_modules(pages.__path__):
        import_module(f"{pages.__name__}.{page.name}")


class _Rounds:
    """What is made at one version of the store: no district twice, whoever goes to and fro."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._begun: dict[str, Iterator[Period]] = {}
        """By district, the quarters that are still to be gone through."""

    def go_on(self) -> None:
        """A written store is gone through at once, all else while nobody looks. Raises StoreAway,
        ConfigError and UnknownUnit."""
        store = connect().for_a_look()
        version = store.version if store.was_ready() else self._version
        if version is None:
            return
        settings = config.load()
        wanted = [settings.district.root_unit, *_looked_at]
        if version != self._version:
            is_first = self._version is None
            self._begun.clear()
            self._begin(store, version, settings, wanted[-1])
            if is_first:
                garbage.set_aside()
        elif turns.is_quiet():
            garbage.at_rest()
            new = next((code for code in reversed(wanted) if code not in self._begun), None)
            if new is not None:
                self._begin(store, version, settings, new)
            else:
                any(next(rest, None) for rest in reversed(self._begun.values()))

    def _begin(self, store: Store, version: int, settings: Settings, district: str) -> None:
        store.see(version, store.is_demo)
        rest: Iterator[Period] = iter(())
        with suppress(units.UnknownUnit, NotAllowed):  # told to whoever opens its page
            once(store, settings, district)
            rest = older(store, settings, district)
        self._version, self._begun[district] = version, rest


def _go_on() -> None:
    rounds = _Rounds()
    drawing.make_ready()
    while True:
        try:
            rounds.go_on()
        except (*StoreAway, ConfigError, units.UnknownUnit) as error:
            # The page says so to whoever looks; here there is nobody to tell.
            _log.debug("nothing was checked ahead: %s", type(error).__name__)
        time.sleep(_LOOK_EVERY_S)
