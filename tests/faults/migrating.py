"""Backwards through the migrations, as an administrator would with Alembic."""

from alembic import command
from alembic.config import Config

from dashboard.data.store import MIGRATIONS, Store


def downgrade(store: Store, revision: str) -> None:
    """Bring the schema back to `revision`; "base" takes everything away."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with store.engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, revision)
