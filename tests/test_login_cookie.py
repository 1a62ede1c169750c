"""The cookie of a login as the server sets it: what a browser is told, once, and nobody else."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import login_cookie
from dashboard.data import sessions

Answer = tuple[int, str | None]


@pytest.fixture
def browser() -> TestClient:
    return TestClient(Starlette(routes=[Route(login_cookie.PATH, login_cookie.serve)]))


def asked(browser: TestClient, errand: str, **headers: str) -> Answer:
    address = f"/{login_cookie.PLACE}/{errand}"
    answer = browser.get(address, headers={k.replace("_", "-"): v for k, v in headers.items()})
    return answer.status_code, answer.headers.get("set-cookie")


def test_no_script_reads_it_and_no_other_site_sends_it(browser: TestClient) -> None:
    status, told = asked(browser, login_cookie.hand_out("a.b.c"))
    assert (status, told is not None) == (200, True)
    parts = str(told).split("; ")
    assert parts[0] == f"{sessions.COOKIE}=a.b.c"
    assert {"HttpOnly", "Path=/", "SameSite=strict", "Max-Age=86400"} <= set(parts)


def test_the_answer_is_a_picture_that_nothing_between_keeps(browser: TestClient) -> None:
    answer = browser.get(f"/{login_cookie.PLACE}/{login_cookie.hand_out('a.b.c')}")
    assert answer.headers["content-type"] == "image/gif"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[:6] == b"GIF89a"


@pytest.mark.parametrize(("base", "is_secure"), [("https://x", True), ("http://x", False)])
def test_what_came_encrypted_goes_back_encrypted_only(base: str, is_secure: bool) -> None:
    app = Starlette(routes=[Route(login_cookie.PATH, login_cookie.serve)])
    _, told = asked(TestClient(app, base_url=base), login_cookie.hand_out("a.b.c"))
    assert ("Secure" in str(told).split("; ")) is is_secure


def test_an_errand_is_good_once(browser: TestClient) -> None:
    errand = login_cookie.hand_out("a.b.c")
    assert login_cookie.is_waiting(errand)
    assert asked(browser, errand)[0] == 200
    assert not login_cookie.is_waiting(errand)
    assert asked(browser, errand) == (404, None)
    assert asked(browser, "a.b.c") == (404, None), "a token is no errand"


def test_nobody_is_logged_in_as_another_by_another_site(browser: TestClient) -> None:
    errand = login_cookie.hand_out("a.b.c")
    for site in ("cross-site", "same-site", "none"):
        assert asked(browser, errand, sec_fetch_site=site) == (404, None)
    assert asked(browser, errand, sec_fetch_site="same-origin")[0] == 200


def test_an_empty_one_takes_the_cookie_back(browser: TestClient) -> None:
    _, told = asked(browser, login_cookie.hand_out(""))
    assert f'{sessions.COOKIE}=""' in str(told)
    assert "Max-Age=0" in str(told)
