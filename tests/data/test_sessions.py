"""The cookie of a login: its key, and everything after which it opens nothing."""

import multiprocessing
import stat
import time
from functools import partial
from pathlib import Path
from typing import Any

import bcrypt
import jwt
import pytest

from dashboard.data import accounts, sessions
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role

ROOT = "320412"
GOOD = "Bamboo-Grove-77"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bcrypt, "gensalt", partial(bcrypt.gensalt, 4))


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASHBOARD_COOKIE_KEY", raising=False)


def token(store: Store, key: str = "", **claims: Any) -> str:
    number = accounts.find(store, ROOT, "zhang")
    given = {
        "username": "zhang",
        "exp_date": time.time() + 3600,
        sessions.NUMBER: number.session_number if number else 0,
    }
    return jwt.encode(given | claims, key or sessions.cookie_key(store), algorithm="HS256")


@pytest.fixture
def held(sqlite_store: Store) -> Store:
    accounts.add(sqlite_store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD, must_change=False)
    return sqlite_store


def test_the_key_is_made_once_of_32_random_bytes_for_its_owner_alone(held: Store) -> None:
    key = sessions.cookie_key(held)
    path = Path(str(held.url.database)).parent / "cookie.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key)) == 32
    assert sessions.cookie_key(held) == key


def test_the_environment_goes_first(held: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_COOKIE_KEY", "a" * 64)
    assert sessions.cookie_key(held) == "a" * 64
    assert not (Path(str(held.url.database)).parent / "cookie.key").exists()


def _key_of(url: str, found: "multiprocessing.Queue[str]") -> None:
    found.put(sessions.cookie_key(connect(url)))


def test_processes_that_start_at_once_have_one_key(held: Store) -> None:
    context = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[str] = context.Queue()
    url = held.url.render_as_string(hide_password=False)
    workers = [context.Process(target=_key_of, args=(url, found)) for _ in range(3)]
    for worker in workers:
        worker.start()
    keys = {found.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join(60)
    assert len(keys) == 1


def test_an_open_session_is_let_through(held: Store) -> None:
    assert sessions.opens(held, ROOT, token(held))


def test_a_forged_or_broken_one_is_not(held: Store) -> None:
    assert not sessions.opens(held, ROOT, token(held, key="b" * 64))
    for bad in ("", "x", "a.b.c", jwt.encode({"username": "zhang"}, "", algorithm="none")):
        assert not sessions.opens(held, ROOT, bad)


def test_it_ends_with_its_time(held: Store) -> None:
    assert not sessions.opens(held, ROOT, token(held, exp_date=time.time() - 1))


def test_it_ends_with_the_logout(held: Store) -> None:
    mine, other = token(held), token(held, jti="of another login")
    accounts.end_token(held, mine, 1)
    assert not sessions.opens(held, ROOT, mine)
    assert sessions.opens(held, ROOT, other)


def test_it_ends_when_the_account_is_disabled_and_stays_ended(held: Store) -> None:
    mine = token(held)
    accounts.disable(held, ROOT, "zhang")
    assert not sessions.opens(held, ROOT, mine)
    accounts.enable(held, ROOT, "zhang")
    assert not sessions.opens(held, ROOT, mine)


def test_it_ends_with_a_new_password(held: Store) -> None:
    mine = token(held)
    accounts.change_password(held, ROOT, "zhang", GOOD, "Willow-Bank-2016")
    assert not sessions.opens(held, ROOT, mine)
    mine = token(held)
    accounts.reset_password(held, ROOT, "zhang")
    assert not sessions.opens(held, ROOT, mine)


def test_nobody_has_none(held: Store) -> None:
    assert not sessions.opens(held, ROOT, token(held, username="nobody"))
