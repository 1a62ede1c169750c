"""The map's picture and its two ways of being drawn: nothing missing, nothing asked outside."""

import json
from typing import Any

import pytest

from dashboard.components.decomposition.table import Cell, State
from dashboard.components.maps import deck, panel, picture, plain
from dashboard.components.maps.picture import Picture
from dashboard.data.frames import Row
from dashboard.data.queries.doubts import Doubts
from dashboard.data.queries.places import Area
from dashboard.policy.periods import Period
from dashboard.policy.progress import Light
from dashboard.settings import Settings

WAN = 1_000_000
HOLED: dict[str, Any] = {
    "type": "MultiPolygon",
    "coordinates": [
        [
            [[119.0, 31.0], [120.0, 31.0], [120.0, 32.0], [119.0, 32.0], [119.0, 31.0]],
            [[119.4, 31.4], [119.6, 31.4], [119.6, 31.6], [119.4, 31.6], [119.4, 31.4]],
        ],
        [[[121.0, 31.0], [121.5, 31.0], [121.5, 31.5], [121.0, 31.0]]],
    ],
}


def villages() -> list[Row]:
    names = ["village", "name", "town", "lon", "lat", "total_fen", "last_year_fen", "households"]
    names += ["weak", "exited", "first_secretary"]
    rows = [
        ("1", "线上村", "T", 119.1, 31.1, 150 * WAN, 120 * WAN, 4, 0, True, True),
        ("2", "线下村", "T", 119.2, 31.2, 150 * WAN - 1, 200 * WAN, 9, 1, False, True),
        ("3", "最低村", "T", 119.3, 31.3, 120 * WAN - 1, None, 0, 1, False, False),
        ("4", "未报村", "T", 119.7, 31.7, None, 100 * WAN, None, None, False, False),
        ("5", "无点村", "T", None, None, 300 * WAN, None, 1, 0, False, True),
    ]
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.fixture
def shown(settings: Settings) -> Picture:
    entry = settings.catalogue["V01"]
    areas = [Area("T", "甲镇", HOLED), Area("U", "无界镇", None)]
    cells = {"T": Cell(3, light=Light.RED, state=State.FIGURE, reported=1, expected=1)}
    return Picture(
        picture.shapes(areas, cells, entry),
        picture.dots(villages(), {"T": "甲镇"}, settings.policy, "total_fen"),
        "2",
        picture.bands(settings.policy.village_lines),
    )


def test_bands_come_from_the_policys_lines(settings: Settings) -> None:
    assert picture.bands(settings.policy.village_lines) == (
        "低于120万元",
        "120—150万元",
        "150—200万元",
        "200万元及以上",
    )


def test_each_village_with_a_point_has_a_dot_and_its_band(shown: Picture) -> None:
    assert [(dot.code, dot.band) for dot in shown.dots] == [
        ("1", 2),
        ("2", 1),
        ("3", 0),
        ("4", None),
    ]
    radii = {dot.code: dot.radius for dot in shown.dots}
    assert radii["2"] > radii["1"] > radii["3"] == radii["4"]
    said = {dot.code: dot.said for dot in shown.dots}
    assert "149.999999万元" in said["2"], "never rounded over the line"
    assert "未填报" in said["4"]


def test_last_year_can_colour_them(settings: Settings) -> None:
    dots = picture.dots(villages(), {}, settings.policy, "last_year_fen")
    assert [dot.band for dot in dots] == [1, 3, None, 0]


def test_an_area_says_its_light_in_words_and_by_shape(shown: Picture) -> None:
    (area,) = shown.shapes
    assert area.light is Light.RED
    assert area.words == "■ 甲镇|3村"
    assert "明显滞后" in area.said


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Cell(3, state=State.FIGURE, reported=1, expected=2), "○ 甲镇|3村*"),
        (Cell(3, state=State.FIGURE, is_doubted=True), "○ 甲镇|3村◇"),
        (Cell(state=State.WITHHELD), "○ 甲镇|不公开"),
        (Cell(state=State.YEAR_END), "○ 甲镇|年底填报"),
        (None, "○ 甲镇|未填报"),
    ],
)
def test_an_area_says_why_it_has_no_figure_and_what_is_behind_one(
    settings: Settings, cell: Cell | None, words: str
) -> None:
    cells = {} if cell is None else {"T": cell}
    (area,) = picture.shapes([Area("T", "甲镇", HOLED)], cells, settings.catalogue["V01"])
    assert area.words == words


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell(3, state=State.FIGURE, reported=1, expected=2), "尚未全部填报"),
        (Cell(3, state=State.FIGURE, is_doubted=True), "待核实"),
        (Cell(state=State.WITHHELD), "农户太少"),
        (Cell(3, state=State.FIGURE), ""),
    ],
)
def test_a_mark_is_explained_where_it_is(settings: Settings, cell: Cell, said: str) -> None:
    drawn = picture.shapes([Area("T", "甲镇", HOLED)], {"T": cell}, settings.catalogue["V01"])
    notes = panel.mark_notes(Picture(drawn, (), None, ()), (), Doubts())
    assert len(notes) == bool(said)
    assert said in "".join(notes)


@pytest.mark.parametrize("tiles", ["", "https://tiles.example/{z}/{x}/{y}.png"])
def test_the_deck_asks_nobody_unless_told_to(tiles: str, shown: Picture) -> None:
    made = json.loads(deck.draw(shown, tiles).to_json())
    style = made["mapStyle"]
    assert style.startswith("data:application/json,")
    sources = json.loads(style.removeprefix("data:application/json,"))["sources"]
    assert ([source["tiles"] for source in sources.values()] == [[tiles]]) == bool(tiles)
    if not tiles:
        assert "http" not in json.dumps(made)


def test_the_deck_draws_the_silent_hollow_and_rings_the_chosen(shown: Picture) -> None:
    layers = {layer["id"]: layer for layer in json.loads(deck.draw(shown).to_json())["layers"]}
    assert [row["code"] for row in layers["villages"]["data"]] == ["1", "2", "3"]
    assert [row["code"] for row in layers["villages_silent"]["data"]] == ["4"]
    assert layers["villages"]["filled"] and not layers["villages_silent"]["filled"]
    assert len(layers["chosen"]["data"]) == 1
    geometry = layers["areas"]["data"]["features"][0]["geometry"]
    assert geometry == HOLED


def test_the_plain_map_keeps_holes_and_parts(shown: Picture) -> None:
    spec = plain.draw(shown).to_dict()
    text = json.dumps(spec, ensure_ascii=False)
    held = [layer.get("data", {}).get("values", []) for layer in spec["layer"]]
    held += spec.get("datasets", {}).values()
    shapes = [one["geometry"] for rows in held for one in rows if "geometry" in one]
    assert [len(polygon) for polygon in shapes[0]["coordinates"]] == [2, 1]
    assert "transparent" in text
    assert "未报村" in text


def test_a_map_without_anything_but_points(settings: Settings) -> None:
    dots = picture.dots(villages(), {}, settings.policy, "total_fen")
    bare = Picture((), dots, None, picture.bands(settings.policy.village_lines))
    assert deck.draw(bare).to_json()
    assert plain.draw(bare).to_dict()


def test_filters_narrow_each_other_down() -> None:
    def kept(*filters: str) -> list[str]:
        return [row["village"] for row in panel.kept(villages(), list(filters))]

    assert kept() == ["1", "2", "3", "4", "5"]
    assert kept("经济一般村") == ["2", "3"]
    assert kept("没有第一书记") == ["3", "4"]
    assert kept("经济一般村", "没有第一书记") == ["3"]
    assert kept("未填报") == ["4"]
    assert kept("已退出", "未填报") == []


def test_notes_carry_the_approval_number_where_there_is_one(settings: Settings) -> None:
    district = settings.district
    assert "示意图" in panel.notes(district, Period(2016, 4), "本年累计")[0]
    approved = district.model_copy(update={"map_approval_number": "苏S(2016)001号"})
    assert panel.notes(approved, Period(2016, 4), "本年累计")[0].startswith("审图号:苏S(2016)001号")
    assert len(panel.notes(district, Period(2016, 3), "本年累计")) == 2
    assert len(panel.notes(district, Period(2016, 3), "上年全年")) == 1
