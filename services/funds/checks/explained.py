"""What the early-warning rules say at this moment: of one subject, and of themselves with the thresholds in force."""

from typing import Any

import asyncpg
from pydantic import BaseModel, ConfigDict

from services.funds.checks.supervision import BY_ID, RAISING
from services.funds.domain.early_warnings import RULES
from shared.checks.policy import Policy, named_parameters
from shared.checks.run import explain
from shared.commands.pipeline import Resources
from shared.kernel.areas import AreaCode
from shared.kernel.clock import today
from shared.kernel.roles import ROLE_NAMES
from shared.parameters.lookup import values_on


class RuleShown(BaseModel):
    """One rule: `thresholds` are parameters and their values in the asked area today; None where policy states none."""

    model_config = ConfigDict(frozen=True)

    rule_id: str
    check_id: str
    subject: str
    zh: str
    en: str
    owner: str
    owner_zh: str
    basis: str
    thresholds: dict[str, str | None]


async def facts_now(
    raw: asyncpg.Connection, check_id: str, subject_key: str, resources: Resources
) -> list[dict[str, Any]]:
    """Why the subject offends now, with the severity it would be given; empty when it does not, or the rule is gone."""
    check = BY_ID.get(check_id)
    if check is None:
        return []
    policy = Policy(resources.parameters, resources.calendar)
    offences = await explain(raw, check, subject_key, now=resources.clock.now(), policy=policy)
    return [{**offence.facts, "severity": offence.severity or check.severity.value} for offence in offences]


async def rules_on(raw: asyncpg.Connection, area: AreaCode, resources: Resources) -> list[RuleShown]:
    """All rules, by their ids."""
    names = {name for check in RAISING for name in named_parameters(check.select)}
    asked = {name: resources.parameters[name] for name in names}
    values = await values_on(raw, asked, area, today(resources.clock))
    shown = []
    for check in sorted(RAISING, key=lambda each: each.id):
        rule = RULES[check.rule]
        shown.append(
            RuleShown(
                rule_id=rule.rule,
                check_id=check.id,
                subject=check.subject,
                zh=rule.zh,
                en=rule.en,
                owner=rule.owner,
                owner_zh=ROLE_NAMES[rule.owner],
                basis=rule.basis,
                thresholds={name: values[name] for name in named_parameters(check.select)},
            )
        )
    return shown
