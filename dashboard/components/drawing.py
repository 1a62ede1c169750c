"""How a chart looks is built once; what it shows is put in at every look.

Altair checks, guesses and copies for 20 to 80 ms a chart, and what comes out differs between two
towns in its figures, its title and its order alone. So a chart is a template, built by Altair with
open places and kept, and a function that fills it. A template takes no figures, only what decides
which marks there are. The theme and a meeting are looked after here.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from hashlib import blake2b
from inspect import signature
from itertools import product
from typing import Any, TypeVarTuple

import altair as alt
import pyarrow as pa
import streamlit as st

from dashboard.components import meeting, theme, unseen

Looks = TypeVarTuple("Looks")
Row = Mapping[str, Any]
_PLACE = re.compile("‹[^›]*›")
_KEPT = 64
"""Looks of one template: light or dark, in a meeting or not, times what it takes."""


def text(name: str) -> str:
    """An open place for a text or, in a list of two, for a number."""
    return f"‹{name}›"


def many(name: str) -> list[str]:
    """An open place for a whole list: an order, a domain, lines of a subtitle."""
    return [text(name)]


def number(name: str) -> Any:
    """An open place where Altair takes nothing but a number."""
    return alt.ExprRef(text(name))


def data(name: str) -> Any:
    """An open place for rows."""
    return alt.NamedData(name=text(name))


@dataclass(frozen=True)
class Drawing:
    """A chart with its figures, ready to be shown: Vega-Lite, its data by name."""

    spec: dict[str, Any]
    datasets: dict[str, pa.Table]

    def show(self, place: Any = st, **options: Any) -> Any:
        """Puts the chart on the page; `options` as for st.vega_lite_chart."""
        return place.vega_lite_chart(self.spec | {"datasets": self.datasets}, theme=None, **options)


@dataclass(frozen=True)
class Template:
    """What Altair made of a chart whose places are open, and the names of these."""

    spec: dict[str, Any]
    places: frozenset[str]

    def filled(
        self, rows: Mapping[str, Sequence[Row]], height: int | None = None, **places: Any
    ) -> Drawing:
        """The chart of these figures: `rows` by the name of their place, the others by keyword."""
        datasets, names = {}, {}
        for name, told in rows.items():
            if text(name) not in self.places:
                continue
            # Named after what is in it: other figures are other data to the browser too, which
            # takes rows that begin and end alike for the same ones with more behind them.
            names[text(name)] = mark = _mark(told)
            datasets[mark] = pa.Table.from_pylist([*told])
        spec = _put(self.spec, names | {text(name): value for name, value in places.items()})
        return Drawing(spec if height is None else spec | {"height": height}, datasets)


def template(build: Callable[[*Looks], Any]) -> Callable[[*Looks], Template]:
    """Keeps what `build` makes, by its arguments, the theme and whether a meeting is on."""

    @lru_cache(maxsize=_KEPT)
    def kept(_is_dark: bool, _is_meeting: bool, *looks: Any) -> Template:
        spec = theme.configure(build(*looks)).to_dict()
        # Altair's own theme; a page gives a chart its width.
        for size in ("continuousWidth", "continuousHeight"):
            spec["config"]["view"].pop(size, None)
        return Template(spec, frozenset(_PLACE.findall(json.dumps(spec, ensure_ascii=False))))

    @wraps(build)
    def found(*looks: *Looks) -> Template:
        return kept(theme.is_dark(), meeting.is_on(), *looks)

    found.kept = kept  # type: ignore[attr-defined] # for who measures what is kept
    if all(kind is bool for kind in _kinds(build)):
        _templates.append(found)
    return found


_templates: list[Callable[..., Template]] = []
"""Those whose looks can be counted: decided by yes or no alone, or by nothing."""


def _kinds(build: Callable[..., Any]) -> list[Any]:
    """What a template's arguments are."""
    return [one.annotation for one in signature(build).parameters.values()]


def make_ready() -> None:
    """Have Altair build every template of what has been imported, before anybody looks."""
    with unseen.drawing():
        for found in _templates:
            for looks in product((False, True), repeat=len(signature(found).parameters)):
                found(*looks)


def _mark(rows: Sequence[Row]) -> str:
    said = json.dumps([*rows], ensure_ascii=False, default=str)
    return blake2b(said.encode(), digest_size=16).hexdigest()


def _put(part: Any, places: Mapping[str, Any]) -> Any:
    """A copy with the open places filled. Not filled is an error: a KeyError names the place."""
    if isinstance(part, str):
        return places[part] if part.startswith("‹") else part
    if isinstance(part, list):
        if len(part) == 1 and isinstance(part[0], str) and part[0].startswith("‹"):
            return list(places[part[0]])
        return [_put(one, places) for one in part]
    if isinstance(part, dict):
        if len(part) == 1 and str(part.get("expr", "")).startswith("‹"):
            return places[part["expr"]]
        return {key: _put(value, places) for key, value in part.items()}
    return part
