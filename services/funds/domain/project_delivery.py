"""The guards of a project outside the review desks (domain-funds-assets §1.5 steps 11–17): plan, money, works, end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.funds.domain.adjustment import ExitGround
from services.funds.domain.postings import (
    ADVANCE,
    COMMITTED,
    IN_TRANSIT,
    PAID,
    RETENTION,
    RETURNED,
)
from services.funds.domain.refusals import refusal
from shared.kernel.errors import Violation
from shared.kernel.money import Fen, format_yuan


class Source(NamedTuple):
    """A source of money in a plan: level of government and fund category."""

    level: str
    category: str


@dataclass(frozen=True, slots=True)
class PlanningFacts:
    """What the published plans give the project by source, what those sources have unallocated, and readiness."""

    planned: Mapping[Source, Fen]
    unallocated: Mapping[Source, Fen]
    is_household_project: bool
    design_ready: bool
    land_ready: bool


def in_approved_plan(facts: PlanningFacts) -> Violation | None:
    """A published annual plan lists the project (step 11)."""
    if facts.planned:
        return None
    return refusal(
        "NOT_IN_PLAN",
        "F-1.5-11",
        "项目未列入已公布的年度计划",
        "no published annual plan lists the project",
        ("先列入年度计划并公布", "put it into an annual plan and publish that"),
    )


def money_available(facts: PlanningFacts) -> Violation | None:
    """Each planned source has the money unallocated (step 11)."""
    short = {
        f"{source.level}/{source.category}": format_yuan(amount - facts.unallocated.get(source, 0))
        for source, amount in facts.planned.items()
        if amount > facts.unallocated.get(source, 0)
    }
    if not short:
        return None
    return refusal(
        "MONEY_NOT_AVAILABLE",
        "F-1.5-11",
        "计划资金来源的待分配指标不足",
        "the planned sources have too little unallocated",
        ("待指标下达后办理，或调整计划", "wait for the indicator, or change the plan"),
        short=short,
    )


def ready_to_start(facts: PlanningFacts) -> Violation | None:
    """Works have a design ready for tender and land; what goes to households needs neither (step 11)."""
    if facts.is_household_project or (facts.design_ready and facts.land_ready):
        return None
    return refusal(
        "NOT_READY",
        "F-1.5-11",
        "项目前期工作未就绪：须有可招标的设计并落实用地",
        "not ready: a design fit for tender and the land are needed",
        ("完成设计和用地手续", "finish design and land papers"),
        field="/form",
    )


@dataclass(frozen=True, slots=True)
class FundingFacts:
    """What the ledger has allocated to the project, in fen."""

    allocated: Fen


def allocation_posted(facts: FundingFacts) -> Violation | None:
    """An allocation is posted (step 12)."""
    if facts.allocated > 0:
        return None
    return refusal(
        "NOT_FUNDED",
        "F-1.5-12",
        "尚无已下达的指标分解",
        "no allocation is posted",
        ("先下达资金分配", "post an allocation first"),
    )


def quota_withdrawn(facts: FundingFacts) -> Violation | None:
    """All that was allocated went back (§3.3: an allocation may be reversed while unspent)."""
    if facts.allocated == 0:
        return None
    return refusal(
        "QUOTA_LEFT",
        "F-3.3",
        f"项目仍有额度 {format_yuan(facts.allocated)} 元",
        f"the project still holds {format_yuan(facts.allocated)} yuan",
        ("先冲回资金分配", "reverse its allocations first"),
    )


class Undertaking(NamedTuple):
    """A contract or household batch by which a project is carried out, and where its case stands."""

    kind: str
    state: str


_CONTRACT_LIVES = frozenset(
    {"REGISTERED", "ACTIVE", "COMPLETED", "SETTLED", "SETTLED_WITH_CLAIM", "RETENTION", "TERMINATED", "CLOSED"}
)
_BATCH_LIVES = frozenset({"APPROVED", "INSTRUCTED", "PARTIALLY_DONE", "DONE", "CLOSED"})
_SETTLED = frozenset({"SETTLED", "SETTLED_WITH_CLAIM", "RETENTION", "CLOSED", "DONE", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class UndertakingFacts:
    """How the project is carried out."""

    undertakings: Sequence[Undertaking]
    is_urgency_open: bool = False


def contract_or_roster_in_place(facts: UndertakingFacts) -> Violation | None:
    """A contract is registered, or a household roster approved (step 13)."""
    lives = {"contract": _CONTRACT_LIVES, "household_batch": _BATCH_LIVES}
    if any(each.state in lives[each.kind] for each in facts.undertakings):
        return None
    return refusal(
        "NO_CONTRACT",
        "F-1.5-13",
        "须有已备案的合同或已审定的到户名册",
        "a registered contract or an approved roster is needed",
        ("先备案合同，或审定到户名册", "register a contract or approve a roster"),
    )


def contracts_settled(facts: UndertakingFacts) -> Violation | None:
    """Every contract and batch has come to its figures (step 16)."""
    open_ones = [each for each in facts.undertakings if each.state not in _SETTLED]
    settled = [each for each in facts.undertakings if each.state in _SETTLED - {"CANCELLED"}]
    if settled and not open_ones:
        return None
    return refusal(
        "CONTRACTS_OPEN",
        "F-1.5-16",
        f"尚有 {len(open_ones)} 份合同或批次未结算",
        f"{len(open_ones)} contracts or batches are not settled",
        ("先结算合同、办结批次", "settle contracts and batches first"),
        open=[f"{each.kind}:{each.state}" for each in open_ones],
    )


def urgency_completed(facts: UndertakingFacts) -> Violation | None:
    """What an urgent entry left out is made good before anybody settles it (§1.6)."""
    if not facts.is_urgency_open:
        return None
    return refusal(
        "URGENCY_INCOMPLETE",
        "F-1.6",
        "应急入库手续尚未补齐",
        "the urgent entry is not completed yet",
        ("由主管局补齐应急入库手续", "have the bureau take the step `complete_urgent`"),
    )


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an acceptance group (验收组); the person is an opaque id."""

    organisation: str
    chairs: bool


@dataclass(frozen=True, slots=True)
class AcceptanceFacts:
    """The recorded acceptance, nothing when there is none; `blocked` holds the composition of the group.

    `involved` is whether the signer, or somebody of the group, acted for the unit or declared a relation to a payee.
    """

    passed: bool | None
    is_latest: bool
    involved: bool = False
    blocked: Mapping[str, Violation] = field(default_factory=dict)


def acceptance_group(members: Sequence[Member], unit: str, least: int) -> Violation | None:
    """At least `least` members and one chair, who is not of the implementing unit (step 15)."""
    chairs = [member.organisation for member in members if member.chairs]
    if len(members) >= least and len(chairs) == 1 and unit not in chairs:
        return None
    return refusal(
        "ACCEPTANCE_GROUP",
        "F-1.5-15",
        f"验收组须不少于 {least} 人，设组长一名，且组长不得为实施单位人员",
        f"the group has at least {least} members and one chair, who is not of the implementing unit",
        ("重新组成验收组", "form the group anew"),
        field="/members",
        members=len(members),
    )


def acceptance_passed(facts: AcceptanceFacts) -> Violation | None:
    """The acceptance that is signed is the recorded one, it passed, and its group was fit for it (step 15)."""
    if facts.passed is None or not facts.is_latest:
        return refusal(
            "ACCEPTANCE_NOT_RECORDED",
            "F-1.5-15",
            "没有与之对应的验收记录",
            "there is no such acceptance on record",
            ("先登记联合验收，再由各方签字", "record the joint acceptance, then sign it"),
            field="/form/acceptance_id",
        )
    if not facts.passed:
        return refusal(
            "ACCEPTANCE_FAILED",
            "F-1.5-15",
            "验收结论为不合格",
            "the acceptance did not pass",
            ("责令整改后重新验收", "order rework and accept again"),
        )
    return facts.blocked.get("F-1.5-15")


def acceptors_independent(facts: AcceptanceFacts) -> Violation | None:
    """Nobody of the implementing unit or the contractor takes part in the acceptance (§3.2-2, §3.2-5)."""
    if not facts.involved:
        return None
    return refusal(
        "NOT_INDEPENDENT",
        "F-3.2.2",
        "签字人或验收组成员参与过项目实施，或与收款方有利害关系",
        "the signer, or somebody of the group, took part in the works or is related to the payee",
        ("由未参与实施的人员验收", "have it accepted by people who took no part"),
    )


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """Balances of the project by account, its goals with and without result, and its assets."""

    balances: Mapping[str, Fen]
    goals: int
    goals_with_result: int
    asset_forming: bool
    assets: int


def retention_released(facts: ClosingFacts) -> Violation | None:
    """Nothing is promised, on its way, or waiting any more (step 17)."""
    return _nothing_on(
        facts.balances,
        (COMMITTED, RETENTION, IN_TRANSIT, ADVANCE, RETURNED),
        "MONEY_OUTSTANDING",
        "质保金、在途或未付款项尚未结清",
        "retention or other money of the project is outstanding",
        "F-1.5-17",
    )


def goals_evaluated(facts: ClosingFacts) -> Violation | None:
    """Each goal has its actual value (step 17)."""
    if facts.goals_with_result >= facts.goals:
        return None
    return refusal(
        "GOALS_NOT_EVALUATED",
        "F-1.5-17",
        "绩效目标自评未完成",
        "the goals are not evaluated",
        ("逐项填写实际完成值", "state the actual value of each goal"),
        field="/form/goal_results",
        goals=facts.goals,
        evaluated=facts.goals_with_result,
    )


def asset_registered_or_none(facts: ClosingFacts) -> Violation | None:
    """What the project formed stands in the asset register, or it forms nothing (step 17)."""
    if not facts.asset_forming or facts.assets:
        return None
    return refusal(
        "ASSET_NOT_REGISTERED",
        "F-1.5-17",
        "形成的资产尚未登记入账",
        "the asset the project formed is not registered",
        ("待资产登记后办结", "wait until the asset is registered"),
    )


@dataclass(frozen=True, slots=True)
class CancellingFacts:
    """Balances of the project by account, and what the books know about the reason."""

    balances: Mapping[str, Fen]
    ground: ExitGround


def nothing_paid(facts: CancellingFacts) -> Violation | None:
    """Money that is paid, on its way or promised has to be settled or recovered first (§1.5, terminal rules)."""
    return _nothing_on(
        facts.balances,
        (COMMITTED, RETENTION, IN_TRANSIT, *PAID, RETURNED),
        "MONEY_PAID",
        "项目已有支付或合同占用，须结算办结或先收回资金",
        "money is paid or promised: settle the project, or recover it first",
        "F-1.5-x",
    )


def _nothing_on(
    balances: Mapping[str, Fen], accounts: Sequence[str], code: str, zh: str, en: str, rule: str
) -> Violation | None:
    left = {account: format_yuan(balances[account]) for account in accounts if balances.get(account)}
    if not left:
        return None
    return refusal(code, rule, zh, en, ("结清后再办理", "settle it first"), balances=left)
