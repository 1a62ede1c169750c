"""The content model: what is written down is what is read back, and a change shows."""

import pytest
from pydantic import ValidationError

from dashboard.briefing.content import canonical, from_json, numeral
from dashboard.policy.chain import fingerprint

from .sample import bulletin


def test_what_is_written_is_read_back() -> None:
    issue = bulletin()
    assert from_json(canonical(issue)) == issue
    assert canonical(from_json(canonical(issue))) == canonical(issue)


def test_document_number() -> None:
    assert bulletin(3).document_number == "武扶组办〔2016〕3号"
    assert bulletin(0).document_number == ""


def test_a_change_changes_this_and_every_later_fingerprint() -> None:
    first, other = canonical(bulletin(1)), canonical(bulletin(1, towns=41))
    assert fingerprint(first) != fingerprint(other)
    assert fingerprint(first, fingerprint(first)) != fingerprint(first, fingerprint(other))


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError):
        from_json(canonical(bulletin())[:-1] + ',"extra":1}')


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (9, "九"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一")],
)
def test_numerals(number: int, said: str) -> None:
    assert numeral(number) == said
