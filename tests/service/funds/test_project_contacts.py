"""Field groups of an entry that stand beside its content: contacts sealed, months, outline, papers (§1.2)."""

import pytest

from tests.service.funds.county import APPRAISAL, VILLAGE, County, entry, sector
from tests.service.funds.door import Door
from tests.service.funds.works import refused

pytestmark = pytest.mark.asyncio

CONTACT = {"role": "responsible", "unit": "区乡村建设服务中心", "name": "张三", "phone": "0459-6161234"}


async def test_a_contact_is_sealed_and_opens_for_a_purpose_that_the_journal_keeps(county: County, door: Door) -> None:
    project = await county.enter()
    path = f"/v1/projects/{project}/contacts"
    assert (await door.send("village", path, CONTACT)).status_code == 201
    later = CONTACT | {"name": "李四", "phone": "0459-6165678"}
    assert (await door.send("village", path, later)).status_code == 201
    township = CONTACT | {"role": "township", "unit": "大同镇政府", "name": "王五"}
    assert (await door.send("town_clerk", path, township)).status_code == 201

    shown = await door.send("auditor", f"{path}/reveal", {"purpose": "supervision"})
    assert [(row["role"], row["name"], row["phone"]) for row in shown.json()] == [
        ("responsible", "李四", "0459-6165678"),
        ("township", "王五", "0459-6161234"),
    ]
    (looked,) = await county.look("SELECT command FROM journal WHERE command LIKE 'RevealContacts%'")
    assert looked["command"] == "RevealContacts.supervision"
    assert (await door.send("stranger", f"{path}/reveal", {"purpose": "supervision"})).status_code in (403, 404)
    rows = await county.look("SELECT name_sealed, phone_sealed FROM project_contact")
    assert not any("李四".encode() in row["name_sealed"] or b"6165678" in row["phone_sealed"] for row in rows)


async def test_months_and_the_turn_of_the_year_are_shown(county: County, door: Door) -> None:
    project = await county.enter(entry(starts_on="2023-11-15", ends_on="2024-02-10"))
    shown = (await door.get("village", f"/v1/projects/{project}")).json()
    assert (shown["months"], shown["crosses_plan_year"]) == (4, True)
    within = (await door.get("village", f"/v1/projects/{await county.enter(entry('另一个育苗棚项目'))}")).json()
    assert (within["months"], within["crosses_plan_year"]) == (7, False)


async def test_an_outline_has_three_corners_or_none(door: Door) -> None:
    corner = {"longitude": "124.8654", "latitude": "46.0321"}
    for corners, status in (([], 201), ([corner, corner], 422), ([corner] * 3, 201)):
        places = [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": "out_of_poverty", "outline": corners}]
        content = entry(f"大同镇八井子村第{len(corners)}育苗棚", places=places)
        answer = await door.send("village", "/v1/projects", {"area_code": VILLAGE, "content": content})
        assert answer.status_code == status, answer.text
        if status == 422:
            assert answer.json()["errors"][0]["code"] == "PLACE_OUTLINE"


async def test_an_industry_project_shows_its_papers_once_the_county_asks(county: County) -> None:
    """F-1.2, inferred: a warning until adopted; then no appraisal without analysis and finished pre-checks."""
    await county.adopt_rules("F-1.2-papers")
    bare = await county.enter()
    await county.to_county(bare)
    appraise = ("appraise", "appraisal_opinion")
    lacking = await refused(county.take(sector, "project", bare, *appraise, form=APPRAISAL))
    assert (lacking.code, lacking.violations[0].facts["lacking"]) == ("PAPERS_LACKING", ["feasibility"])

    passed = {
        "land": "passed",
        "environment": "not_needed",
        "forest": "not_needed",
        "feasibility": "同农可研〔2023〕1号",
    }
    for name, papers, code in (
        ("大同镇八井子村育苗棚二期", passed, None),
        ("大同镇八井子村育苗棚三期", passed | {"land": "pending"}, "PAPERS_LACKING"),
    ):
        project = await county.enter(entry(name, compliance=papers))
        await county.to_county(project)
        attempt = county.take(sector, "project", project, *appraise, form=APPRAISAL)
        if code is None:
            assert (await attempt).state == "COUNTY_REVIEW"
        else:
            assert (await refused(attempt)).code == code
