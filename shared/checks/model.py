"""A check (检查规则): one SELECT of offending keys, run over the whole set or for one subject."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    RED = "red"
    AMBER = "amber"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Check:
    """`select` yields rows (subject_key text, area_code bigint, facts jsonb); no row means all is well.

    `:subject` in it is the subject key as text, NULL in a run over all. `(:subject::text IS NULL OR id = :subject::uuid)`
    lets one subject be explained without reading all of them; without it the answer is the same, only slower.
    `:today` is the day of the run in Asia/Shanghai. Policy numbers are written as shared/checks/policy.py reads them.
    A graded check yields a fourth column, severity text: how bad this subject is, by this check's own thresholds.
    """

    id: str
    severity: Severity
    subject: str
    zh: str
    en: str
    select: str
    rule: str = ""
    graded: bool = False
