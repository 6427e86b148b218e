"""Rules of a household subsidy batch (到户补贴批次, 一卡通): header, roster, standards, and when its lines are final."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.funds.domain.contracts import funded, quota_left
from services.funds.domain.goal_monitoring import payments_held
from services.funds.domain.payments import payable
from services.funds.domain.refusals import refusal
from shared.contracts.parts import Period
from shared.contracts.wire import Area, Yuan
from shared.kernel.errors import Violation
from shared.kernel.identity import check_id_number, normalized
from shared.kernel.money import Fen, format_yuan, parse_yuan

_SHOWN = 50
"""So many lines are named in a refusal; the rest is counted."""


class LineOutcome(StrEnum):
    """What became of a line (明细结果): 待发、到账、退票、已更正、已重发、放弃、追回中、已追回、剔除."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    CORRECTED = "CORRECTED"
    REISSUED = "REISSUED"
    ABANDONED = "ABANDONED"
    RECOVERING = "RECOVERING"
    RECOVERED = "RECOVERED"
    REMOVED = "REMOVED"


OPEN = frozenset({LineOutcome.PENDING, LineOutcome.FAILED, LineOutcome.CORRECTED, LineOutcome.REISSUED})
"""Outcomes of a line that its batch still waits for."""


class SubsidyLine(BaseModel):
    """One line of a roster (补贴名册明细); household and person are the opaque ids of the register."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    household_id: UUID
    person_id: UUID | None = None
    person_name: Annotated[str, Field(min_length=2, max_length=50)]
    id_number: Annotated[str, Field(min_length=15, max_length=24)]
    card_number: Annotated[str, Field(pattern=r"^\d{12,19}$")]
    bank_code: Annotated[str, Field(pattern=r"^\w{2,20}$")]
    village: Area
    period: Period
    amount: Annotated[Yuan, Field(gt=0)]
    basis: Annotated[str, Field(min_length=1, max_length=200)]


def roster_faults(lines: Sequence[SubsidyLine], home: int, high: int, today: date) -> list[Violation]:
    """What is wrong with the lines by themselves: doubled numbers, villages elsewhere, identity numbers with a flaw."""
    seen: set[int] = set()
    faults = []
    for place, line in enumerate(lines):
        if line.seq in seen:
            faults.append(_fault(place, "seq", "SEQ_DOUBLE", "序号重复", "the number stands twice"))
        seen.add(line.seq)
        if not home <= line.village <= high:
            faults.append(_fault(place, "village", "VILLAGE_ELSEWHERE", "村不在批次区划内", "another area's village"))
        flaw = check_id_number(normalized(line.id_number), today)
        if flaw is not None and flaw.blocks:
            faults.append(
                _fault(place, "id_number", "ID_NUMBER", "证件号码有误", "the identity number is wrong", flaw.rule)
            )
    return faults


def _fault(place: int, name: str, code: str, zh: str, en: str, rule: str = "F-3.7-2") -> Violation:
    return refusal(code, rule, zh, en, ("更正该行", "correct the line"), field=f"/lines/{place}/{name}")


def header_totals(count: int, total: Fen, lines: int, sum_of_lines: Fen) -> Violation | None:
    """F-3.7: the header's count and total are those of its lines (scenario 45)."""
    if (count, total) == (lines, sum_of_lines):
        return None
    return refusal(
        "HEADER_MISMATCH",
        "F-3.7",
        f"批次头 {count} 行 {format_yuan(total)} 元，与明细 {lines} 行 {format_yuan(sum_of_lines)} 元不符",
        f"the header says {count} lines, {format_yuan(total)} yuan; there are {lines}, {format_yuan(sum_of_lines)}",
        ("核对批次头和明细", "compare header and lines"),
        field="/total",
        header=format_yuan(total),
        lines=format_yuan(sum_of_lines),
    )


def standards(words: Sequence[str]) -> dict[str, Fen]:
    """The standards by policy from the words `policy=yuan` of a parameter; raises ValueError."""
    pairs = (word.partition("=") for word in words)
    return {code.strip(): parse_yuan(amount) for code, _, amount in pairs}


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """A batch as a whole: header, sums of its lines, the numbers of offending lines, project and quota.

    `by_outcome` gives count and fen per outcome; `standard` is None for a policy without one; `twice` are lines whose
    person has the same policy and period in a posted batch or another line; `ended` lines whose recipient is gone by
    then; `tries` tells of the lines that failed or were corrected how often each was sent.
    """

    line_count: int
    total: Fen
    by_outcome: Mapping[str, tuple[int, Fen]]
    policy: str
    standard: Fen | None
    above_standard: Sequence[int]
    twice: Sequence[int]
    ended: Sequence[int]
    project_state: str
    quota: Fen
    paid_without_serial: int
    tries: Mapping[str, Sequence[int]] = field(default_factory=dict)
    most_tries: int = 3
    held_by_goals: bool = False

    def count(self, *outcomes: str) -> int:
        """How many lines have one of `outcomes`."""
        return sum(self.by_outcome.get(outcome, (0, 0))[0] for outcome in outcomes)

    @property
    def kept(self) -> tuple[int, Fen]:
        """Count and fen of the lines that were not removed."""
        kept = [sums for outcome, sums in self.by_outcome.items() if outcome != LineOutcome.REMOVED]
        return sum(count for count, _ in kept), sum(fen for _, fen in kept)


def header_matches_lines(facts: BatchFacts) -> Violation | None:
    """F-3.7: the header is the sum of its lines (scenario 45)."""
    return header_totals(facts.line_count, facts.total, *facts.kept)


def within_policy_standard(facts: BatchFacts) -> Violation | None:
    """LM14, FW19: the policy has a standard and no line is above it (scenario 50)."""
    if facts.standard is None:
        return refusal(
            "POLICY_UNKNOWN",
            "LM14",
            f"补贴政策 {facts.policy} 未录入标准",
            f"no standard is adopted for the policy {facts.policy}",
            ("由两人录入并采用补贴标准", "have two persons adopt the standard"),
            field="/policy",
        )
    return _lines(
        facts.above_standard,
        "ABOVE_STANDARD",
        "LM14",
        f"超过补贴标准 {format_yuan(facts.standard)} 元",
        f"above the standard of {format_yuan(facts.standard)} yuan",
    )


def lines_unique(facts: BatchFacts) -> Violation | None:
    """LM14, FW17: one person, policy and period is paid once, in any township or county (scenario 48)."""
    return _lines(
        facts.twice,
        "SUBSIDY_TWICE",
        "FW17",
        "同一人员、政策、期间重复发放",
        "the person has this policy and period already",
    )


def subsidy_twice() -> Violation:
    """FW17: as found by the database among rows of other counties."""
    return refusal(
        "SUBSIDY_TWICE",
        "FW17",
        "名册中有人员已在其他批次享受同一政策和期间的补贴",
        "somebody on the roster has this policy and period in another batch",
        ("核对名册，剔除重复人员", "check the roster and remove the person"),
    )


def recipients_eligible(facts: BatchFacts) -> Violation | None:
    """F-3.7, FW18: nobody is paid for a month after death or removal (scenario 49)."""
    return _lines(
        facts.ended,
        "RECIPIENT_ENDED",
        "FW18",
        "人员已去世或退出，自次月起停发",
        "the recipient died or left, payments stop from the next month",
    )


def _lines(numbers: Sequence[int], code: str, rule: str, zh: str, en: str) -> Violation | None:
    if not numbers:
        return None
    return refusal(
        code,
        rule,
        f"{len(numbers)} 行{zh}",
        f"{len(numbers)} line(s): {en}",
        ("更正或剔除这些行", "correct or remove these lines"),
        field="/lines",
        lines=list(numbers[:_SHOWN]),
        count=len(numbers),
    )


def project_funded(facts: BatchFacts) -> Violation | None:
    """NL18: the roster's project is in the library and has its money."""
    return funded(facts.project_state)


def project_not_suspended(facts: BatchFacts) -> Violation | None:
    """F-1.5-s, F-5.4: a suspended project pays nothing, nor one whose goals hold its payments."""
    return payable(facts.project_state) or (payments_held() if facts.held_by_goals else None)


def within_quota(facts: BatchFacts) -> Violation | None:
    """LM02: the batch is at most what the project has free (scenario 52)."""
    return quota_left(facts.total, facts.quota)


def result_matches_lines(facts: BatchFacts) -> Violation | None:
    """V09: paid + failed + open = total, in count and fen, and what is paid has the bank's serial."""
    if facts.kept == (facts.line_count, facts.total) and not facts.paid_without_serial and not _untouched(facts):
        return None
    return refusal(
        "RESULT_INCOMPLETE",
        "V09",
        "银行回执与明细不符，或尚无回执",
        "the bank's result does not fit the lines, or there is none",
        ("先登记银行回执", "record the bank's result first"),
    )


def result_fault(code: str, zh: str, en: str, lines: Sequence[int]) -> Violation:
    """A bank's answer that cannot be; all of it is refused."""
    return refusal(
        code,
        "F-3.7-4",
        zh,
        f"the bank's result: {en}",
        ("核对回执文件", "check the result file"),
        field="/results",
        lines=list(lines[:_SHOWN]),
        count=len(lines),
    )


def _untouched(facts: BatchFacts) -> bool:
    return facts.count(LineOutcome.PENDING) == facts.line_count


def no_line_open(facts: BatchFacts) -> Violation | None:
    """V09: each line is final."""
    return _open_lines(facts, *OPEN)


def lines_final(facts: BatchFacts) -> Violation | None:
    """V09: each line is final, a recovery under way included."""
    return _open_lines(facts, *OPEN, LineOutcome.RECOVERING)


def _open_lines(facts: BatchFacts, *outcomes: str) -> Violation | None:
    count = facts.count(*outcomes)
    if not count:
        return None
    return refusal(
        "LINES_OPEN",
        "V09",
        f"尚有 {count} 行未办结",
        f"{count} line(s) are not final",
        ("更正重发，或按程序放弃", "correct and re-issue them, or abandon them"),
        count=count,
    )


def lines_corrected(facts: BatchFacts) -> Violation | None:
    """F-3.7-5: there are corrected lines to send again."""
    if facts.count(LineOutcome.CORRECTED):
        return None
    return refusal(
        "NOTHING_CORRECTED",
        "F-3.7-5",
        "没有已更正的退票明细",
        "no failed line has been corrected",
        ("先更正账户信息", "correct the accounts first"),
    )


def tries_left(facts: BatchFacts) -> Violation | None:
    """F-3.7-5: a line is sent at most so many times."""
    if all(tries < facts.most_tries for tries in facts.tries.get(LineOutcome.CORRECTED, ())):
        return None
    return refusal(
        "TRIES_EXHAUSTED",
        "F-3.7-5",
        f"有明细已发放 {facts.most_tries} 次，须公示后放弃",
        f"a line was sent {facts.most_tries} times and is to be abandoned after a notice",
        ("公示后收回额度", "abandon it to the quota"),
    )


def tries_exhausted(facts: BatchFacts) -> Violation | None:
    """F-3.7-5: only lines that were sent as often as allowed are abandoned."""
    tries = [n for outcome in (LineOutcome.FAILED, LineOutcome.CORRECTED) for n in facts.tries.get(outcome, ())]
    if tries and max(tries) >= facts.most_tries:
        return None
    return refusal(
        "TRIES_LEFT",
        "F-3.7-5",
        f"没有已发放满 {facts.most_tries} 次的退票明细",
        f"no failed line was sent {facts.most_tries} times yet",
        ("更正后重发", "correct and re-issue them"),
    )
