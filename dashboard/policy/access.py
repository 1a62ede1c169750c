"""Who looks: a viewer's role and scope. Enforced in data/, not in pages."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    LEADER = "leader"
    OFFICE = "office"
    TOWN = "town"
    DEPARTMENT = "department"
    PUBLIC = "public"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Role.LEADER: "领导小组",
    Role.OFFICE: "扶贫办",
    Role.TOWN: "镇(街道)",
    Role.DEPARTMENT: "帮扶单位",
    Role.PUBLIC: "公众",
}


class NotAllowed(PermissionError):
    """The viewer may not see this; the message is a Chinese sentence for the screen."""


@dataclass(frozen=True)
class Viewer:
    """A logged-in account. `unit_code` is the top of the subtree that its role may read; `origin`
    the address it looks from, for the audit trail only: it tells no two viewers apart. Who looks at
    the past only reads.
    """

    username: str
    role: Role
    unit_code: str
    organisation: str | None = None
    origin: str = field(default="", compare=False)
    only_reads: bool = False

    @property
    def scope(self) -> tuple[str, str, str | None]:
        """What decides what it may see: two accounts with the same scope see the same."""
        return self.role.value, self.unit_code, self.organisation

    @property
    def sees_households(self) -> bool:
        """Household rows (pseudonymous) are for the office and the household's own town."""
        return self.role in (Role.OFFICE, Role.TOWN)

    @property
    def sees_ranking(self) -> bool:
        """Whether it sees the ranking that its own unit is in: places and points, no figures."""
        return self.role is not Role.PUBLIC

    @property
    def may_import(self) -> bool:
        return self.role is Role.OFFICE and not self.only_reads


def may_see(viewer: Viewer | None, lineage: Iterable[str]) -> bool:
    """Whether a viewer may read a unit; `lineage` is the unit's code and those above it.

    Nobody, and the public, see nothing here. A town sees its own subtree; the others see the
    subtree of the unit that their account names (the whole district as a rule).
    """
    if viewer is None or viewer.role is Role.PUBLIC:
        return False
    return viewer.unit_code in set(lineage)
