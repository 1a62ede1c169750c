"""Charts from templates: the same as Altair makes of the figures, built once, never mixed up."""

from typing import Any
from unittest.mock import patch

import altair as alt
import pandas as pd
import pytest

from dashboard.components import drawing, theme

TOWNS = [
    {"镇": "甲镇", "数": 1.5, "文": "1.5"},  # a figure
    {"镇": "乙镇", "数": None, "文": "未填报"},  # none, which is no 0
    {"镇": "丙镇", "数": 0.0, "文": "0"},  # a 0, which is no gap
]
ORDER = ["丙镇", "甲镇", "乙镇"]
built: list[bool] = []


@drawing.template
def _bars(has_text: bool) -> Any:
    built.append(has_text)
    y = alt.Y("镇:N", sort=drawing.many("order"), title=None)
    base = alt.Chart(drawing.data("towns"), title=drawing.text("title")).encode(y=y)
    scale = alt.Scale(domain=[0, drawing.text("widest")])
    size = alt.Axis(tickCount=drawing.number("ticks"))
    bars = base.mark_bar(color=theme.ink()).encode(x=alt.X("数:Q", scale=scale, axis=size))
    text = base.mark_text(color=theme.ink()).encode(text="文:N")
    return bars + text if has_text else bars + bars


def naive(rows: list[dict[str, Any]]) -> Any:
    """The same chart as anyone would write it."""
    base = alt.Chart(pd.DataFrame(rows), title="甲镇的数").encode(
        y=alt.Y("镇:N", sort=ORDER, title=None)
    )
    bars = base.mark_bar(color=theme.ink()).encode(
        x=alt.X("数:Q", scale=alt.Scale(domain=[0, 2.5]), axis=alt.Axis(tickCount=4))
    )
    text = base.mark_text(color=theme.ink()).encode(text="文:N")
    return theme.configure((bars + text).properties(height=90))


def filled(rows: list[dict[str, Any]]) -> drawing.Drawing:
    return _bars(True).filled(
        {"towns": rows}, 90, title="甲镇的数", order=ORDER, widest=2.5, ticks=4
    )


def inlined(spec: dict[str, Any], datasets: dict[str, Any]) -> Any:
    """A specification with its rows in place of their names."""

    def walk(part: Any) -> Any:
        if isinstance(part, dict) and part.keys() == {"name"} and part["name"] in datasets:
            return datasets[part["name"]]
        if isinstance(part, dict):
            return {key: walk(value) for key, value in part.items()}
        return [walk(one) for one in part] if isinstance(part, list) else part

    return walk({key: value for key, value in spec.items() if key != "datasets"})


@pytest.mark.parametrize("is_dark", [False, True])
def test_it_is_what_altair_makes_of_the_figures(is_dark: bool) -> None:
    with patch.object(theme, "is_dark", lambda: is_dark), alt.theme.enable("none"):
        made, expected = filled(TOWNS), naive(TOWNS).to_dict()
    rows = {name: table.to_pylist() for name, table in made.datasets.items()}
    assert inlined(made.spec, rows) == inlined(expected, expected["datasets"])


def test_it_is_built_once_for_all_towns_and_filling_changes_nothing_of_it() -> None:
    filled(TOWNS)
    built.clear()
    first = filled(TOWNS)
    other = _bars(True).filled(
        {"towns": TOWNS[:1]}, title="乙镇的数", order=["甲镇"], widest=9.0, ticks=2
    )
    assert built == []
    assert other.spec["layer"][0]["title"] == "乙镇的数"
    assert "height" not in other.spec
    assert filled(TOWNS) == first


def test_the_dark_theme_has_a_template_of_its_own() -> None:
    found = []
    for is_dark in (False, True):
        with patch.object(theme, "is_dark", lambda is_dark=is_dark: is_dark):
            found.append(filled(TOWNS).spec["layer"][0]["mark"]["color"])
    assert len(set(found)) == 2


def test_a_place_left_open_is_an_error() -> None:
    with pytest.raises(KeyError, match="widest"):
        _bars(True).filled({"towns": TOWNS}, title="甲镇的数", order=ORDER, ticks=4)


def test_other_rows_are_other_data_though_they_begin_and_end_alike() -> None:
    changed = [TOWNS[0], TOWNS[1] | {"数": 7.0}, TOWNS[2]]
    assert filled(TOWNS).datasets.keys() != filled(changed).datasets.keys()
    assert filled(TOWNS).datasets.keys() == filled([dict(row) for row in TOWNS]).datasets.keys()


def test_rows_without_a_place_are_left_out() -> None:
    made = _bars(True).filled(
        {"towns": TOWNS, "nowhere": TOWNS[:1]}, title="", order=ORDER, widest=1, ticks=1
    )
    assert len(made.datasets) == 1


def test_what_is_kept_is_bounded() -> None:
    kept = _bars.kept  # type: ignore[attr-defined]
    for number in range(100):
        kept(False, False, number)
    assert kept.cache_info().currsize == kept.cache_info().maxsize == 64
