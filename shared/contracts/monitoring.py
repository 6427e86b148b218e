"""What `monitoring` tells about households, episodes and measures: opaque ids and codes, never a cause outside."""

from datetime import date
from uuid import UUID

from shared.contracts.event import DataClass, Event
from shared.contracts.parts import Code, Count, Severity, day, yuan
from shared.contracts.wire import Area, Yuan


class HouseholdEvent(Event):
    """A fact about one household (农户); `area_code` is its village."""

    TOPIC = "monitoring.household.v1"
    KEY = "household_id"
    DATA_CLASS = DataClass.L3

    household_id: UUID


class RiskDetected(HouseholdEvent):
    """Risk detected (发现返贫致贫风险): a clue or a screening first opened it; to be checked by `due_on`.

    Rule and clues stay private with the cause, because they tell it. `sources` are kinds of clue sources (自主申报,
    干部排查, 部门筛查 …), never a department.
    """

    TYPE = "monitoring.risk.detected"
    PRIVATE = frozenset({"cause", "rule_id", "rule_version", "clue_ids"})

    risk_id: UUID
    case_id: UUID | None = None
    clue_ids: tuple[UUID, ...] = ()
    rule_id: Code
    rule_version: Count
    cause: Code
    sources: tuple[Code, ...]
    severity: Severity
    detected_on: date
    due_on: date

    def sentence(self) -> str:
        return f"{day(self.detected_on)}，监测发现一户存在返贫致贫风险，须于{day(self.due_on)}前核查。"


class RiskCleared(HouseholdEvent):
    """Risk cleared (风险解除): checked and found to be none, solved by policy, or eliminated."""

    TYPE = "monitoring.risk.cleared"

    risk_id: UUID
    case_id: UUID | None = None
    outcome: Code
    cleared_on: date

    def sentence(self) -> str:
        return f"{day(self.cleared_on)}，一户的返贫致贫风险解除。"


class EpisodeEvent(HouseholdEvent):
    """A fact about one episode of monitoring (监测周期); `kind` is 脱贫不稳定户, 边缘易致贫户 or 突发严重困难户."""

    episode_id: UUID
    case_id: UUID | None = None
    kind: Code


class HouseholdEnrolled(EpisodeEvent):
    """Household enrolled (纳入监测): approved, announced and entered for the first time."""

    TYPE = "monitoring.household.enrolled"

    persons: Count
    enrolled_on: date

    def sentence(self) -> str:
        return f"{day(self.enrolled_on)}，一户{self.persons}人纳入防止返贫监测。"


class HouseholdEliminated(EpisodeEvent):
    """Risk of a household eliminated (风险消除), by assistance or naturally (`mode`)."""

    TYPE = "monitoring.household.eliminated"

    mode: Code
    eliminated_on: date

    def sentence(self) -> str:
        return f"{day(self.eliminated_on)}，一户监测对象风险消除。"


class HouseholdRolledBack(EpisodeEvent):
    """Elimination rolled back (风险消除回退): the same episode is open again."""

    TYPE = "monitoring.household.rolled_back"

    rolled_back_on: date

    def sentence(self) -> str:
        return f"{day(self.rolled_back_on)}，一户监测对象的风险消除被回退，恢复监测。"


class HouseholdRemarked(EpisodeEvent):
    """Household marked again (风险再标注): a new risk after a correct elimination opened a new episode."""

    TYPE = "monitoring.household.remarked"

    previous_episode_id: UUID
    persons: Count
    remarked_on: date

    def sentence(self) -> str:
        return f"{day(self.remarked_on)}，一户{self.persons}人再次纳入防止返贫监测。"


class HouseholdMerged(HouseholdEvent):
    """Household merged (并户): it ceased, `into_household_id` carries on with its members and histories."""

    TYPE = "monitoring.household.merged"

    into_household_id: UUID
    effective_on: date

    def sentence(self) -> str:
        return f"{day(self.effective_on)}，两户合并为一户。"


class HouseholdSplit(HouseholdEvent):
    """Household split (分户): `person_ids` now belong to `new_household_id`, which inherits the monitoring."""

    TYPE = "monitoring.household.split"
    PRIVATE = frozenset({"person_ids"})

    new_household_id: UUID
    person_ids: tuple[UUID, ...]
    effective_on: date

    def sentence(self) -> str:
        return f"{day(self.effective_on)}，一户分为两户。"


class HouseholdMoved(HouseholdEvent):
    """Household moved (迁移) from `from_area` to `area_code`."""

    TYPE = "monitoring.household.moved"

    from_area: Area
    effective_on: date

    def sentence(self) -> str:
        return f"{day(self.effective_on)}，一户迁移住所。"


class HouseholdClosed(HouseholdEvent):
    """Household closed (销户): it has no active member any more."""

    TYPE = "monitoring.household.closed"

    reason: Code
    effective_on: date

    def sentence(self) -> str:
        return f"{day(self.effective_on)}，一户注销。"


class MeasureEvent(HouseholdEvent):
    """A fact about one measure of assistance (帮扶措施); its kind stays private, it may speak of illness."""

    PRIVATE = frozenset({"measure_kind"})

    measure_id: UUID
    episode_id: UUID
    measure_kind: Code


class MeasureRequested(MeasureEvent):
    """Measure requested (措施需求): a gap that a project or a policy line of `funds` could fill."""

    TYPE = "monitoring.measure.requested"

    gap: Yuan | None = None
    requested_on: date

    def sentence(self) -> str:
        return f"{day(self.requested_on)}，为一户监测对象提出一项帮扶需求。"


class MeasurePlanned(MeasureEvent):
    """Measure planned (制定措施): part of the household's plan, to be delivered by `due_on`."""

    TYPE = "monitoring.measure.planned"

    project_id: UUID | None = None
    planned_on: date
    due_on: date

    def sentence(self) -> str:
        return f"{day(self.planned_on)}，为一户监测对象制定一项帮扶措施，须于{day(self.due_on)}前落实。"


class MeasureDelivered(MeasureEvent):
    """Measure delivered (措施落实), proven by evidence; `amount` where it is money."""

    TYPE = "monitoring.measure.delivered"

    amount: Yuan | None = None
    delivered_on: date

    def sentence(self) -> str:
        money = "" if self.amount is None else f"，金额{yuan(self.amount)}"
        return f"{day(self.delivered_on)}，一户监测对象的一项帮扶措施落实{money}。"
