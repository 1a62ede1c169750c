"""A city of two districts, alike but for their codes, and the city above them."""

from benchmarks import stores
from dashboard.data import demo
from dashboard.data.store import Store, connect
from dashboard.settings import Settings

CITY, HERE, THERE = "320400", "320412", "320413"


def of_two_districts(url: str, settings: Settings) -> Store:
    """The store at `url`, filled with both."""
    store = connect(url)
    demo.fill(store, settings, seed=1, villages=32, households=64)
    with store.writing() as connection:
        stores.copy_district(connection, THERE)
        stores.above(connection, settings, [HERE, THERE], "city")
    return store
