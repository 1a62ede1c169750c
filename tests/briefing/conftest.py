"""A demo district for bulletins to be built from; tests that change it make their own."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from dashboard.data import demo
from dashboard.data.store import Store, connect
from dashboard.settings import Settings

hypothesis_settings.register_profile("briefing", deadline=None, print_blob=True)
hypothesis_settings.load_profile("briefing")


@pytest.fixture(scope="session")
def demo_file(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("briefing") / "demo.db"
    store = connect(f"sqlite:///{path}")
    demo.fill(store, settings, seed=1, villages=32, households=64)
    store.engine.dispose()
    return path


@pytest.fixture(scope="session")
def demo_store(demo_file: Path) -> Store:
    """To be read only."""
    return connect(f"sqlite:///{demo_file}")


@pytest.fixture
def own_store(demo_file: Path, tmp_path: Path) -> Store:
    """The same, to be changed."""
    return connect(f"sqlite:///{shutil.copy(demo_file, tmp_path / 'own.db')}")
