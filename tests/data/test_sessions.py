"""The cookie of a login: its key, and everything after which it opens nothing."""

import multiprocessing
import stat
import time
from datetime import datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import bcrypt
import jwt
import pytest

from dashboard.data import accounts, sessions
from dashboard.data.store import Store, connect
from dashboard.policy.access import Role
from dashboard.settings import ConfigError

ROOT = "320412"
GOOD = "Bamboo-Grove-77"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bcrypt, "gensalt", partial(bcrypt.gensalt, 4))


@pytest.fixture(autouse=True)
def _no_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASHBOARD_COOKIE_KEY", raising=False)


class Clock:
    """The time that sessions go by, moved by a test."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def pass_(self, minutes: float) -> None:
        self._ahead += timedelta(minutes=minutes)

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + self._ahead

    fromisoformat = staticmethod(datetime.fromisoformat)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(sessions, "datetime", made)
    return made


def token(store: Store, key: str = "", **claims: Any) -> str:
    """Of a login of zhang's, as the login page makes it."""
    made = signed(store, key, **claims)
    sessions.begin(store, made)
    return made


def signed(store: Store, key: str = "", **claims: Any) -> str:
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
    assert sessions.whose(held, ROOT, token(held)) is not None


def test_a_forged_or_broken_one_is_not(held: Store) -> None:
    assert sessions.whose(held, ROOT, token(held, key="b" * 64)) is None
    for bad in ("", "x", "a.b.c", jwt.encode({"username": "zhang"}, "", algorithm="none")):
        assert sessions.whose(held, ROOT, bad) is None


def test_one_that_no_login_has_made_is_not_even_if_well_signed(held: Store) -> None:
    assert sessions.whose(held, ROOT, signed(held)) is None


def test_it_ends_after_half_an_hour_without_use(held: Store, clock: Clock) -> None:
    mine = token(held)
    clock.pass_(minutes=29)
    found = sessions.look(held, ROOT, "zhang", mine)
    assert found.seen_at
    assert not found.is_over
    sessions.use(held, mine, found.seen_at)
    clock.pass_(minutes=29)
    assert sessions.whose(held, ROOT, mine) is not None, "it was in use half an hour ago"
    clock.pass_(minutes=2)
    assert sessions.look(held, ROOT, "zhang", mine).is_over
    assert sessions.whose(held, ROOT, mine) is None


def test_a_use_at_the_moment_of_the_logout_does_not_open_it_again(
    held: Store, clock: Clock
) -> None:
    mine = token(held)
    seen_at = sessions.seen(held, mine)
    assert seen_at
    sessions.end(held, mine)
    clock.pass_(minutes=10)
    sessions.use(held, mine, seen_at)
    assert sessions.seen(held, mine) is None


def test_a_use_waits_for_no_import(held: Store, clock: Clock) -> None:
    mine = token(held)
    seen_at = sessions.seen(held, mine)
    assert seen_at
    clock.pass_(minutes=10)
    with held.writing():
        began = time.perf_counter()
        sessions.use(held, mine, seen_at)
        assert time.perf_counter() - began < 1
    assert sessions.seen(held, mine) == seen_at, "not noted, nothing lost"


def test_what_has_expired_is_forgotten(held: Store, clock: Clock) -> None:
    old = token(held)
    clock.pass_(minutes=25 * 60)
    token(held, jti="of another login")
    clock.pass_(minutes=-25 * 60)
    assert sessions.seen(held, old) is None


@pytest.mark.parametrize("said", ["", "0", "-5", "viel", "nan", "481"])
def test_a_limit_that_is_none_is_a_sentence(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_IDLE_MINUTES", said)
    with pytest.raises(ConfigError, match="DASHBOARD_IDLE_MINUTES 应为"):
        sessions.limit()


def test_it_ends_with_its_time(held: Store) -> None:
    assert sessions.whose(held, ROOT, token(held, exp_date=time.time() - 1)) is None


def test_it_ends_with_the_logout(held: Store) -> None:
    mine, other = token(held), token(held, jti="of another login")
    sessions.end(held, mine)
    assert sessions.whose(held, ROOT, mine) is None
    assert sessions.whose(held, ROOT, other) is not None


def test_it_ends_when_the_account_is_disabled_and_stays_ended(held: Store) -> None:
    mine = token(held)
    accounts.disable(held, ROOT, "zhang")
    assert sessions.whose(held, ROOT, mine) is None
    accounts.enable(held, ROOT, "zhang")
    assert sessions.whose(held, ROOT, mine) is None


def test_it_ends_with_a_new_password(held: Store) -> None:
    mine = token(held)
    accounts.change_password(held, ROOT, "zhang", GOOD, "Willow-Bank-2016")
    assert sessions.whose(held, ROOT, mine) is None
    mine = token(held)
    accounts.reset_password(held, ROOT, "zhang")
    assert sessions.whose(held, ROOT, mine) is None


def test_nobody_has_none(held: Store) -> None:
    assert sessions.whose(held, ROOT, token(held, username="nobody")) is None
