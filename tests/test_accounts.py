"""Accounts: what opens them, what shuts them, and what is never kept."""

import json
import multiprocessing
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import bcrypt
import pytest
from sqlalchemy import Row, event, insert, select, update

from dashboard.data import accounts, attempts, schema, sessions
from dashboard.data.accounts import AccountError
from dashboard.data.store import Store, connect, set_info
from dashboard.policy.access import Role, Viewer
from dashboard.policy.lockout import FREE, ORIGIN
from dashboard.policy.sign_on import Person
from dashboard.settings import Settings

ROOT = "320412"
TOWN = "320412104"
GOOD = "Bamboo-Grove-77"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of the same kind at the least cost: the real one takes a quarter of a second each."""
    monkeypatch.setattr(bcrypt, "gensalt", partial(bcrypt.gensalt, 4))


def events(store: Store, username: str) -> list[str]:
    """What was noted of a user, oldest first."""
    log = schema.audit_event
    with store.reading() as connection:
        return list(
            connection.scalars(
                select(log.c.action)
                .where(log.c.username == username)
                .order_by(log.c.happened_at, log.c.id)
            )
        )


def kept(store: Store, username: str) -> Row[Any]:
    with store.reading() as connection:
        statement = select(schema.account).where(schema.account.c.username == username)
        return connection.execute(statement).one()


@pytest.fixture
def tree(store: Store) -> Store:
    """A district, a town of it, and a district next door."""
    rows = [
        (ROOT, ROOT, None, "district", "武进区"),
        (ROOT, TOWN, ROOT, "town", "遥观镇"),
        ("320411", "320411", None, "district", "邻区"),  # no business of an account under ROOT
    ]
    with store.writing() as connection:
        for district, code, parent, level, name in rows:
            connection.execute(
                insert(schema.unit).values(
                    district_code=district,
                    code=code,
                    parent_code=parent,
                    level=level,
                    name=name,
                    batch_id="test",
                )
            )
    return store


def test_first_account_comes_before_any_unit(store: Store) -> None:
    password = accounts.add(store, ROOT, "office", Role.OFFICE, ROOT)
    assert accounts.verify(store, ROOT, "office", password)
    found = accounts.find(store, ROOT, "office")
    assert found is not None
    assert found.must_change
    assert found.viewer() == Viewer("office", Role.OFFICE, ROOT, None)


def test_password_is_kept_as_a_hash_only(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    assert GOOD not in repr(kept(store, "zhang"))
    assert kept(store, "zhang").password_hash.startswith("$2")
    assert GOOD not in repr(accounts.listing(store, ROOT))


def test_fresh_passwords_differ_and_pass_the_rules() -> None:
    fresh = {accounts.fresh_password() for _ in range(50)}
    assert len(fresh) == 50
    for password in fresh:
        accounts.check_password("office", password)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Short-77x", "至少10位"),  # nine characters
        ("my-ZHANG-pass-1", "用户名"),  # the name in other letters
        ("aaaabbbbcccc", "过于简单"),  # three different characters
        (" Bamboo-Grove-77", "空格"),  # the form strips it: it would never open
        ("扶" * 25, "72个字节"),  # 75 bytes: bcrypt reads 72
    ],
)
def test_weak_password_is_refused(store: Store, password: str, reason: str) -> None:
    with pytest.raises(AccountError, match=reason):
        accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, password)
    assert accounts.listing(store, ROOT) == []


@pytest.mark.parametrize("name", ["", "a", "Zhang", "zhang san", "张三", "-zhang", "z" * 41])
def test_malformed_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(AccountError, match="用户名"):
        accounts.add(store, ROOT, name, Role.OFFICE, ROOT, GOOD)


def test_name_is_taken_once(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    with pytest.raises(AccountError, match="已经存在"):
        accounts.add(store, ROOT, "zhang", Role.LEADER, ROOT)


@pytest.mark.parametrize("unit", ["320412199", "320411", "镇"])
def test_unit_must_lie_under_the_root(tree: Store, unit: str) -> None:
    with pytest.raises(AccountError, match="没有代码为"):
        accounts.add(tree, ROOT, "zhang", Role.TOWN, unit, GOOD)
    accounts.add(tree, ROOT, "zhang", Role.TOWN, TOWN, GOOD)


def test_department_names_its_organisation(store: Store) -> None:
    with pytest.raises(AccountError, match="单位名称"):
        accounts.add(store, ROOT, "finance", Role.DEPARTMENT, ROOT, GOOD)


def test_every_attempt_is_noted(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    assert not accounts.verify(store, ROOT, "zhang", "Wrong-Password-1", "10.0.0.7")
    assert accounts.verify(store, ROOT, "zhang", GOOD, "10.0.0.7")
    assert not accounts.verify(store, ROOT, "nobody", GOOD)
    assert events(store, "zhang") == ["account_added", "login_failed", "login"]
    assert events(store, "nobody") == ["login_failed"]


def test_all_who_are_refused_cost_the_same_work(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statements and comparisons of hashes; the time of a shared machine would tell nothing."""
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD, must_change=False)
    accounts.add(store, ROOT, "gone", Role.OFFICE, ROOT, GOOD, must_change=False)
    accounts.disable(store, ROOT, "gone")
    accounts._nobodys_hash.cache_clear()  # another test's may have cost more
    accounts.verify(store, ROOT, "li", GOOD)  # what is made once is made
    work: list[str] = []
    real = bcrypt.checkpw

    def compared(password: bytes, hashed: bytes) -> bool:
        work.append(f"bcrypt {hashed[:7].decode()}")
        return real(password, hashed)

    def asked(_c: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        work.append(sql)

    monkeypatch.setattr(bcrypt, "checkpw", compared)
    event.listen(store.engine, "before_cursor_execute", asked)
    done = []
    for place, username in enumerate(("zhang", "nobody", "gone")):
        work.clear()
        assert not accounts.verify(store, ROOT, username, "Wrong-Password-1", f"10.0.0.{place}")
        done.append(list(work))
    event.remove(store.engine, "before_cursor_execute", asked)
    assert done[0] == done[1] == done[2]
    assert sum(step.startswith("bcrypt") for step in done[0]) == 1


def test_overlong_password_is_just_wrong(store: Store) -> None:
    long = "Ab3-Cd5-" * 9  # 72 bytes, the most that bcrypt reads
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, long)
    assert accounts.verify(store, ROOT, "zhang", long)
    assert not accounts.verify(store, ROOT, "zhang", long + "x")


def wrong(store: Store, times: int, username: str = "zhang", origin: str = "") -> None:
    for _ in range(times):
        assert not accounts.verify(store, ROOT, username, "Wrong-Password-1", origin)


def later(store: Store, by: timedelta) -> None:
    """As if so much time had gone by since the last attempts."""
    attempt = schema.login_attempt
    with store.writing() as connection:
        for row in connection.execute(select(attempt)).all():
            here = (attempt.c.kind == row.kind, attempt.c.key == row.key)
            connection.execute(update(attempt).where(*here).values(last_at=row.last_at - by))


def test_five_wrong_passwords_shut_the_door_for_longer_each_time(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    wrong(store, 4)
    assert accounts.verify(store, ROOT, "zhang", GOOD), "four are a clerk on a bad morning"
    wrong(store, 5)
    assert not accounts.verify(store, ROOT, "zhang", GOOD)
    assert events(store, "zhang")[-1] == "login_locked"
    later(store, timedelta(seconds=61))
    wrong(store, 1)
    later(store, timedelta(seconds=61))
    assert not accounts.verify(store, ROOT, "zhang", GOOD), "two minutes after the sixth"
    later(store, timedelta(seconds=61))
    assert accounts.verify(store, ROOT, "zhang", GOOD)


def test_an_address_that_tries_many_accounts_is_shut_out_alone(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    for number in range(FREE[ORIGIN]):
        assert attempts.admit(store, ROOT, f"guess{number}", "192.0.2.1")
    assert not accounts.verify(store, ROOT, "zhang", GOOD, "192.0.2.1")
    assert accounts.verify(store, ROOT, "zhang", GOOD, "192.0.2.2")


def test_what_strangers_typed_is_forgotten(store: Store) -> None:
    for number in range(4):
        attempts.admit(store, ROOT, f"guess{number}", "")
    later(store, timedelta(hours=25))
    attempts.admit(store, ROOT, "zhang", "")
    with store.reading() as connection:
        keys = connection.execute(select(schema.login_attempt.c.key)).scalars().all()
    assert keys == ["zhang"]


def _try_many(url: str, times: int) -> None:
    store = connect(url)
    for number in range(times):
        accounts.verify(store, ROOT, "zhang", f"Guess-number-{number}")


def test_brute_force_by_several_processes_tries_five_passwords(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    url = store.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_try_many, args=(url, 4)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    seen = Counter(events(store, "zhang"))
    assert (seen["login_failed"], seen["login_locked"]) == (5, 7)


def test_disabling_shuts_the_account_and_ends_its_sessions(store: Store) -> None:
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    before = kept(store, "zhang").session_number
    accounts.disable(store, ROOT, "zhang")
    assert kept(store, "zhang").session_number > before
    assert not accounts.verify(store, ROOT, "zhang", GOOD)
    assert "zhang" not in accounts.credentials(store, ROOT)["usernames"]
    accounts.enable(store, ROOT, "zhang")
    assert accounts.verify(store, ROOT, "zhang", GOOD)
    with pytest.raises(AccountError, match="没有账号"):
        accounts.disable(store, ROOT, "nobody")


def test_changing_the_password(store: Store) -> None:
    first = accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT)
    before = kept(store, "zhang").session_number
    for old, new, reason in (
        ("Wrong-Password-1", GOOD, "原密码不对"),
        (first, "short", "至少10位"),
        (first, first, "不同"),
    ):
        with pytest.raises(AccountError, match=reason):
            accounts.change_password(store, ROOT, "zhang", old, new)
    assert kept(store, "zhang").must_change
    accounts.change_password(store, ROOT, "zhang", first, GOOD)
    assert kept(store, "zhang").session_number == before + 1
    assert not kept(store, "zhang").must_change
    assert accounts.verify(store, ROOT, "zhang", GOOD)
    assert not accounts.verify(store, ROOT, "zhang", first)


def test_logins_and_accounts_do_not_make_figures_look_changed(store: Store) -> None:
    before = store.version
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    accounts.verify(store, ROOT, "zhang", GOOD)
    accounts.disable(store, ROOT, "zhang")
    assert store.version == before


def test_demo_accounts_are_of_demo_stores_only(tree: Store, settings: Settings) -> None:
    with pytest.raises(AccountError, match="演示数据"):
        accounts.create_demo_accounts(tree, settings)
    with tree.writing() as connection:
        # As if someone had copied the entry from a demo store: still nothing is shown.
        set_info(connection, "demo_accounts", json.dumps({"office": GOOD}))
    assert accounts.demo_accounts(tree) == {}


def test_demo_accounts_one_a_role(tree: Store, settings: Settings) -> None:
    with tree.writing() as connection:
        set_info(connection, "is_demo", "yes")
    made = accounts.create_demo_accounts(tree, settings)
    assert list(made) == ["leader", "office", "town", "department"]
    assert accounts.demo_accounts(tree) == made
    assert len(set(made.values())) == 4
    for username, password in made.items():
        assert accounts.verify(tree, ROOT, username, password)
    town = accounts.find(tree, ROOT, "town")
    assert town is not None
    assert (town.role, town.unit_code, town.must_change) == (Role.TOWN, TOWN, False)
    assert accounts.create_demo_accounts(tree, settings) == {}  # a second time makes none anew
    assert accounts.demo_accounts(tree) == made


LI = Person("0" * 48, "li", Role.TOWN, TOWN)


def test_the_first_sign_on_makes_the_account_and_no_password_opens_it(tree: Store) -> None:
    made = accounts.sign_on(tree, ROOT, LI, "10.1.2.3")
    assert (made.role, made.unit_code, made.must_change) == (Role.TOWN, TOWN, False)
    assert events(tree, "li") == ["account_added", "login"]
    for password in ("", "sign_on:" + "0" * 48, kept(tree, "li").password_hash):
        assert not accounts.verify(tree, ROOT, "li", password)


def test_a_sign_on_with_other_rights_changes_them_and_ends_the_sessions_of_before(
    tree: Store,
) -> None:
    first = accounts.sign_on(tree, ROOT, LI)
    again = accounts.sign_on(tree, ROOT, LI)
    assert again.session_number == first.session_number
    moved = accounts.sign_on(tree, ROOT, replace(LI, role=Role.LEADER, unit_code=ROOT))
    assert (moved.role, moved.unit_code) == (Role.LEADER, ROOT)
    assert moved.session_number == first.session_number + 1
    assert "account_changed" in events(tree, "li")


REFUSED = {
    "somebody else of that name": (replace(LI, identity="1" * 48), "已是别人的账号"),
    "an account with a password": (replace(LI, username="zhang"), "已是别人的账号"),
    "a name that cannot be used": (replace(LI, username="李"), "用户名不能用"),
    "a unit elsewhere": (replace(LI, username="wu", unit_code="320411"), "没有代码为"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_sign_on_takes_nobodys_account_and_no_foreign_unit(case: str, tree: Store) -> None:
    accounts.add(tree, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    accounts.sign_on(tree, ROOT, LI)
    before = {one.username: one for one in accounts.listing(tree, ROOT)}
    person, why = REFUSED[case]
    with pytest.raises(AccountError, match=why):
        accounts.sign_on(tree, ROOT, person)
    assert {one.username: one for one in accounts.listing(tree, ROOT)} == before


def test_a_disabled_account_stays_out_whatever_the_sign_on_says(tree: Store) -> None:
    accounts.sign_on(tree, ROOT, LI)
    accounts.disable(tree, ROOT, "li")
    with pytest.raises(AccountError, match="已停用"):
        accounts.sign_on(tree, ROOT, LI)


def test_an_answer_of_the_sign_on_is_taken_once(store: Store) -> None:
    assert sessions.take(store, "a" * 48)
    assert not sessions.take(store, "a" * 48)
    assert sessions.take(store, "b" * 48)


def test_a_role_without_passwords_is_refused_like_a_wrong_one(store: Store) -> None:
    accounts.add(store, ROOT, "wang", Role.LEADER, ROOT, GOOD, must_change=False)
    office = frozenset({Role.OFFICE})
    assert not accounts.verify(store, ROOT, "wang", GOOD, roles=office)
    assert events(store, "wang")[-1] == "login_failed"
    assert accounts.verify(store, ROOT, "wang", GOOD)


def test_who_signs_on_has_no_password_to_be_reset(tree: Store) -> None:
    made = accounts.sign_on(tree, ROOT, LI)
    with pytest.raises(AccountError, match="没有密码可以重置"):
        accounts.reset_password(tree, ROOT, LI.username, "office")
    assert accounts.sign_on(tree, ROOT, LI).session_number == made.session_number
    assert "password_reset" not in events(tree, LI.username)


def test_a_reset_between_the_old_password_and_the_new_one_holds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever knew the old password must not undo what the office has just done about it."""
    accounts.add(store, ROOT, "zhang", Role.OFFICE, ROOT, GOOD)
    whole, fresh = bcrypt.checkpw, []

    def reset_meanwhile(password: bytes, kept: bytes) -> bool:
        fits = whole(password, kept)
        fresh.append(accounts.reset_password(store, ROOT, "zhang", "office"))
        return fits

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bcrypt, "checkpw", reset_meanwhile)
        with pytest.raises(AccountError, match="刚刚被重置"):
            accounts.change_password(store, ROOT, "zhang", GOOD, "Willow-Bank-2016")
    assert accounts.verify(store, ROOT, "zhang", fresh[0])
    assert "password_changed" not in events(store, "zhang")
