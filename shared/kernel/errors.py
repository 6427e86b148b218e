"""What can go wrong, as values: a code, the rule it comes from, words in Chinese and English, and a remedy."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as declared
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule (违反的规则). `field` is a JSON pointer into the request; `facts` are codes, counts and amounts."""

    code: str
    zh: str
    en: str
    rule: str = ""
    field: str = ""
    remedy_zh: str = ""
    remedy_en: str = ""
    facts: Mapping[str, Any] = declared(default_factory=dict)


class Problem(Exception):
    """Base of every expected failure; carries one or more violations and nothing about HTTP."""

    kind: ClassVar[str] = "problem"

    def __init__(self, *violations: Violation) -> None:
        """`violations`: at least one."""
        super().__init__("; ".join(f"{v.code}: {v.en}" for v in violations))
        self.violations = violations

    @property
    def code(self) -> str:
        """The code of the first violation."""
        return self.violations[0].code


class Invalid(Problem):
    """The input has the wrong form; nothing was looked up."""

    kind = "invalid"


class Refused(Problem):
    """A rule of the field forbids it; everything is as it was before."""

    kind = "refused"


class Conflict(Problem):
    """It collides with what another request did or is doing."""

    kind = "conflict"


class Stale(Problem):
    """The caller decided on an older version of the record (If-Match)."""

    kind = "stale"


class Forbidden(Problem):
    """The actor lacks the role in this area."""

    kind = "forbidden"


class NotFound(Problem):
    """There is no such thing, or it lies outside the actor's area; the two answers are the same."""

    kind = "not_found"


class Unavailable(Problem):
    """Something outside does not answer in time; the same request may succeed later."""

    kind = "unavailable"


class Unknown(Problem):
    """A figure that policy must supply is missing (a line, a calendar year); never guessed."""

    kind = "refused"


def not_found(what_zh: str, what_en: str) -> NotFound:
    """The one form of a missing thing."""
    return NotFound(
        Violation(
            "NOT_FOUND",
            f"{what_zh}不存在或不在您的管辖范围内",
            f"no such {what_en} in your area",
            remedy_zh="核对编号，或请有权限的单位办理",
            remedy_en="check the id, or ask an office in charge of that area",
        ),
    )
