"""New versions of rules, by two persons with a document: what alone lifts a block (domain-funds-assets §1.7, scenario 7)."""

from typing import Any

import pytest

from tests.service.funds.county import APPRAISAL, COUNTY, County, entry, sector
from tests.service.funds.door import Door

pytestmark = pytest.mark.asyncio

OFFICE = entry("大同镇八井子村村部办公楼", category="030109", economic_classes=["50301"])
REVISED: dict[str, Any] = {
    "area_code": COUNTY,
    "effective_from": "2023-02-01",
    "document": "庆农组发〔2023〕3号",
    "lines": [
        {
            "rule_id": "NL04",
            "verdict": "block",
            "keywords": ["办公楼", "宾馆", "会堂"],
            "whitelist": ["村部办公楼"],
            "economic_classes": ["50301"],
            "zh": "不得用于修建楼堂馆所（村级组织活动场所除外）",
            "en": "no office buildings, village committee houses excepted",
        }
    ],
}


async def test_a_block_is_lifted_by_a_version_of_its_rule_that_two_persons_made(county: County, door: Door) -> None:
    """Scenario 7: the leader's word does nothing; the version does, from its day on, and the verdict names it."""
    project = await county.enter(OFFICE)
    await county.to_county(project)
    await county.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
    review = f"/v1/projects/{project}/finish-county-review"
    form = {"goals_agreed": True, "accepted_warnings": {"NL04": "领导同意"}}
    refused = await door.step("bureau_head", review, form)
    assert refused.status_code == 409, refused.text
    assert refused.json()["errors"][0]["rule"] == "NL04"

    made = await door.send("bureau_clerk", "/v1/negative-rules/proposals", REVISED)
    assert made.status_code == 201, made.text
    adoption = f"/v1/rule-proposals/{made.json()['result']['id']}/adoption"
    assert (await door.send("bureau_clerk", adoption, {})).status_code == 403
    assert (await door.send("bureau_head", adoption, {})).json()["result"]["adopted"] is True
    assert (await door.step("bureau_head", review, form)).status_code == 409  # not before its day

    county.bench.clock.forward(days=30)
    for who in ("bureau_head", "finance_reviewer"):
        taken = await door.step(who, review, form)
        assert taken.status_code in (200, 201), taken.text
    (kept,) = await county.look("SELECT rule_version, verdict FROM project_verdict WHERE rule_id = 'NL04'")
    assert tuple(kept) == (2, "pass")


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"effective_from": "2023-01-03"}, id="from today on"),
        pytest.param({"lines": [{**REVISED["lines"][0], "keywords": [], "economic_classes": []}]}, id="no condition"),
        pytest.param({"lines": [{**REVISED["lines"][0], "measure": "moon_phase"}]}, id="an unknown measure"),
        pytest.param({"lines": [{**REVISED["lines"][0], "measure": "total_above"}]}, id="a measure without its bound"),
    ],
)
async def test_a_proposal_that_cannot_be_is_refused(door: Door, changed: dict[str, Any]) -> None:
    refused = await door.send("bureau_clerk", "/v1/negative-rules/proposals", REVISED | changed)
    assert refused.status_code in (409, 422), refused.text


async def test_a_row_of_the_matrix_takes_effect_on_its_day(county: County, door: Door) -> None:
    body = {
        "area_code": COUNTY,
        "effective_from": "2023-02-01",
        "document": "庆财农〔2023〕9号",
        "lines": [{"fund_category": "fund.ethnic", "prefix": "0502", "allowed": True}],
    }
    made = await door.send("finance_clerk", "/v1/fund-eligibility/proposals", body)
    await door.send("bureau_head", f"/v1/rule-proposals/{made.json()['result']['id']}/adoption", {})
    (row,) = await county.look("SELECT prefix, allowed, source FROM fund_eligibility WHERE area_code <> 0")
    assert tuple(row) == ("0502", True, "庆财农〔2023〕9号")
