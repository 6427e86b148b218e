"""What a check of a printed table says (通报核对结果): relations, findings, and what was not searched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class BulletinKind(StrEnum):
    """Kinds of bulletins that a service knows how to compute itself (通报种类)."""

    PLAN = "plan"
    ALLOCATION = "allocation"
    PROGRESS = "progress"
    LIBRARY = "library"
    ADJUSTMENT = "adjustment"
    MICROCREDIT = "microcredit"

    @property
    def zh(self) -> str:
        names = {
            "plan": "资金项目计划",
            "allocation": "资金分配",
            "progress": "资金进度",
            "library": "项目库汇总",
            "adjustment": "批次调整",
            "microcredit": "小额信贷",
        }
        return names[self.value]


class Severity(StrEnum):
    """Error (差错): the table contradicts itself. Warning (提示): cut instead of rounded, or a scope to ask about.

    Info (说明): a difference that rounding explains.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure that is not what its own table, or our report, makes it (核对发现).

    `row` and `column` as named in print, `row_number` and `column_number` as in a spreadsheet, from 1.
    `follows` names the finding that this one follows from: a rate on a wrong total.
    """

    row: str
    column: str
    printed: str
    recomputed: str
    relation_zh: str
    relation_en: str
    severity: Severity
    kind: str = ""
    row_number: int = 0
    column_number: int = 0
    sheet: str = ""
    follows: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding as the command line and the HTTP door give it."""
        return {
            "row": self.row,
            "column": self.column,
            "printed": self.printed,
            "recomputed": self.recomputed,
            "relation": f"{self.relation_zh} / {self.relation_en}",
            "severity": self.severity.value,
            "kind": self.kind,
            "row_number": self.row_number,
            "column_number": self.column_number,
            **({"follows": self.follows} if self.follows else {}),
            **({"sheet": self.sheet} if self.sheet else {}),
        }


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation that was found in a table, with how many rows (or columns, for totals of rows) it holds in."""

    kind: str
    target: str
    inputs: Sequence[str]
    rows_holding: int
    rows_failing: int
    formula: str
    axis: str
    rounding: str = ""
    sheet: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "target": self.target,
            "inputs": list(self.inputs),
            "rows_holding": self.rows_holding,
            "rows_failing": self.rows_failing,
            "formula": self.formula,
            "axis": self.axis,
            **({"rounding": self.rounding} if self.rounding else {}),
            **({"sheet": self.sheet} if self.sheet else {}),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer about one file."""

    relations: list[Stated] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_searched: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "relations": [relation.as_json() for relation in self.relations],
            "findings": [finding.as_json() for finding in self.findings],
            **({"not_searched": self.not_searched} if self.not_searched else {}),
        }
