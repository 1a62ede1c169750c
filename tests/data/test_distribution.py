"""Spreading over machines: what is asked of Citus, and what is said where it is not there."""

import pytest
from click.testing import CliRunner
from sqlalchemy import inspect

from dashboard import cli
from dashboard.data import distribution, schema
from dashboard.data.store import Store, connect


def asked(already: tuple[str, ...] = ()) -> dict[str, str]:
    return dict(distribution.calls(already))


def test_every_table_goes_where_the_schema_says() -> None:
    calls = asked()
    for table in schema.metadata.sorted_tables:
        place = table.info["placement"]
        if place == "local":
            assert table.name not in calls
        elif place == "reference":
            assert f"create_reference_table('{table.name}')" in calls[table.name]
        else:
            beside = "default" if table.name == "unit" else "unit"
            assert "'district_code'" in calls[table.name]
            assert f"colocate_with => '{beside}'" in calls[table.name]


def test_what_is_referred_to_is_spread_first() -> None:
    order = list(asked())
    for table in schema.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            assert order.index(key.referred_table.name) < order.index(table.name)
    assert order.index("unit") == min(
        order.index(t.name)
        for t in schema.metadata.sorted_tables
        if t.info["placement"] == "distributed"
    )


def test_what_is_spread_already_is_left_alone() -> None:
    assert set(asked(("indicator", "unit", "summary"))) == set(asked()) - {
        "indicator",
        "unit",
        "summary",
    }


def test_without_citus_init_refuses_and_makes_nothing(
    request: pytest.FixtureRequest, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, word in (
        (f"sqlite:///{tmp_path}/empty.db", "SQLite"),
        (request.getfixturevalue("postgresql_url"), "CREATE EXTENSION citus"),
    ):
        monkeypatch.setenv("STORE_URL", url)
        result = CliRunner().invoke(cli.main, ["init", "--distributed"])
        assert result.exit_code == 1
        assert word in result.stderr
        assert "没有改动任何数据" in result.stderr
        assert inspect(connect(url).engine).get_table_names() == []


def test_an_ordinary_store_is_not_distributed(store: Store) -> None:
    assert not distribution.is_distributed(store)
    with pytest.raises(distribution.CannotDistribute):
        distribution.distribute(store)
