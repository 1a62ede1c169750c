"""Back and forth through the schema on a filled store: what the older has room for stays."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlalchemy.exc import DatabaseError

from dashboard.briefing import issues
from dashboard.data import bulletins, rollup, units
from dashboard.data.backup import digest, restore
from dashboard.data.schema import bulletin
from dashboard.data.store import MIGRATIONS, Store
from dashboard.policy.access import Role, Viewer
from dashboard.policy.periods import Period
from dashboard.settings import Settings
from tests.faults.migrating import downgrade
from tests.faults.originals import small_backup

ROOT = "320412"
OFFICE = Viewer("office", Role.OFFICE, ROOT)
REVISIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
"""Newest first."""
_KEPT_SINCE_THE_FIRST = {"unit", "village_income", "summary", "bulletin", "import_batch", "account"}


@pytest.fixture(scope="module")
def small(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_backup(settings, tmp_path_factory.mktemp("small"))


@pytest.fixture
def filled(store: Store, small: Path, settings: Settings) -> Store:
    """A demo district with a published bulletin, whose triggers forbid a change."""
    restore(store, small)
    issues.publish(store, OFFICE, units.focus(store, OFFICE, ROOT, Period(2016, 3)), settings)
    return store


def test_every_step_back_and_forth_keeps_what_it_has_room_for(
    filled: Store, settings: Settings
) -> None:
    before = digest(filled)
    assert len(REVISIONS) > 1
    for revision in REVISIONS[1:]:
        downgrade(filled, revision)
        there = set(inspect(filled.engine).get_table_names())
        assert there >= _KEPT_SINCE_THE_FIRST
        filled.migrate()
        now = digest(filled)
        assert {name: now[name] for name in there & now.keys()} == {
            name: before[name] for name in there & now.keys()
        }, f"back to {revision} and up again"
    assert rollup.verify(filled, settings) == 0
    assert bulletins.verify(filled, ROOT) == []
    with pytest.raises(DatabaseError, match="已发布的通报"), filled.writing() as connection:
        connection.execute(bulletin.delete())


def test_all_the_way_back_leaves_nothing_and_up_again_an_empty_store(filled: Store) -> None:
    downgrade(filled, "base")
    assert set(inspect(filled.engine).get_table_names()) <= {"alembic_version"}
    filled.migrate()
    assert {name for name, one in digest(filled).items() if one.rows} == {"store_info"}
