"""A chain of fingerprints: what was once published cannot be changed without its showing.

Each issue's fingerprint covers its own text and the fingerprint of the issue before it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


def fingerprint(text: str, previous: str = "") -> str:
    """sha256 (hexadecimal) over the previous issue's fingerprint and the canonical text."""
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


@dataclass(frozen=True)
class Link:
    """An issue as it is kept: its name for people, its text, its fingerprint and the one before."""

    name: str
    text: str
    sha256: str
    previous: str


def broken(links: Iterable[Link]) -> list[str]:
    """Chinese sentences naming every issue that is not as it was published, in their order."""
    found = []
    before = ""
    for link in links:
        if link.previous != before:
            found.append(f"{link.name}:前一件的校验值不符,此前有通报被更改、插入或删除")
        if fingerprint(link.text, link.previous) != link.sha256:
            found.append(f"{link.name}:内容与发布时的校验值不符")
        before = link.sha256
    return found
