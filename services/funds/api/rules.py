"""Routes of rule versions: the negative list and the matrix of money and categories, proposed and adopted."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from services.funds.commands.rule_versions import AdoptRules, ProposeEligibility, ProposeNegativeRules, RulesProposed
from shared.http.running import Answer, Run, gives

router = APIRouter(tags=["规则版本 / rule versions"])


@router.post("/negative-rules/proposals", status_code=201, summary="提出负面清单规则修订 / propose rules")
async def propose_negative_rules(
    body: ProposeNegativeRules,
    run: Annotated[Run, gives(ProposeNegativeRules)],
) -> Answer[RulesProposed]:
    """New versions of rules with their document; a block is lifted in this way only, never by a person (§1.7)."""
    return await run(body)


@router.post("/fund-eligibility/proposals", status_code=201, summary="提出资金投向调整 / propose eligibility")
async def propose_eligibility(
    body: ProposeEligibility,
    run: Annotated[Run, gives(ProposeEligibility)],
) -> Answer[RulesProposed]:
    """Rows of the matrix: which money may pay for which category."""
    return await run(body)


@router.post("/rule-proposals/{proposal_id}/adoption", status_code=201, summary="采用规则 / adopt rules")
async def adopt_rules(
    proposal_id: UUID,
    run: Annotated[Run, gives(AdoptRules)],
) -> Answer[RulesProposed]:
    """By another person than who proposed them, before their day comes."""
    return await run(AdoptRules(proposal_id=proposal_id))
