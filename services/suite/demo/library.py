"""Chapter 1 (项目库与计划): two fund documents, eight projects, one plan, every fen allocated."""

from services.suite.demo import papers
from services.suite.demo.cast import Cast
from services.suite.demo.client import StoryBroken
from services.suite.demo.papers import Listed
from services.suite.people import COUNTY, VILLAGE
from shared.kernel.money import Fen, format_wan, format_yuan

_LIMITS = ("F-1.5-2", "F-1.5-15", "NL12", "NL13", "NL14", "NL16", "NL17")
_NOTICE_DAYS = 10
_DISCUSSED = {"branch_proposed_on": 4, "committees_discussed_on": 5, "members_reviewed_on": 6, "decided_on": 8}


async def tell(cast: Cast) -> None:
    """From policy to posted quota."""
    cast.teller.chapter("一、项目库、计划与分配", "1. Library, plan and allocation")
    await _policy(cast)
    projects = papers.listed()
    given = papers.shares(projects, papers.documents())
    await _into_the_library(cast, projects, given)
    await _documents(cast)
    await _plan(cast, projects, given)
    await _allocation(cast, projects, given)


async def _policy(cast: Cast) -> None:
    await cast.on(2022, 8, 15)
    limits = {f"rule.{limit}.mode": "block" for limit in _LIMITS}
    await cast.adopt("funds", limits, "同农组发〔2022〕3号", "2022-08-16")
    cast.teller.step(
        f"大同区两人采用{len(limits)}条未核实限额，次日起为硬约束",
        f"the county adopts {len(limits)} unverified limits by two persons; from tomorrow they block",
    )


async def _into_the_library(cast: Cast, projects: list[Listed], given: dict[str, list[tuple[str, Fen]]]) -> None:
    await cast.on(2022, 9, 1)
    for project in projects:
        persona, area = ("sector_clerk", COUNTY) if project.is_county_run else ("village_committee", VILLAGE)
        body = {"area_code": str(area), "content": papers.entry(project, given[project.name])}
        made = await cast.client.post(persona, "/funds/v1/projects", body)
        cast.ids[project.name] = made["id"]
    own = [cast.ids[project.name] for project in projects if not project.is_county_run]
    bundled = [cast.ids[project.name] for project in projects if project.is_county_run]
    cast.teller.step(
        f"八个项目申报：村级{len(own)}个，部门打包{len(bundled)}个",
        f"eight projects entered: {len(own)} by the village, {len(bundled)} bundled by departments",
    )
    await _village_and_township(cast, own)
    for entered in bundled:
        await cast.take("sector_clerk", "funds/projects", entered, "apply_for_county", "application_form")
    await _county(cast, [*own, *bundled])


async def _village_and_township(cast: Cast, own: list[str]) -> None:
    cases = []
    for project in own:
        await cast.take(
            "village_committee", "funds/projects", project, "resolve", "resolution_minutes", form=papers.RESOLUTION
        )
        posted = await cast.take("village_committee", "funds/projects", project, "post_in_village")
        cases.append(posted["case_id"])
    cast.teller.step(
        "村民代表会议 17 人中 12 人到会、7 人赞成；村级公示开始",
        "12 of 17 representatives came, 7 agreed; the village notice begins",
    )
    await _an_objection(cast, cases[0], own[0])
    await cast.hang("village_committee", "funds", cases, _NOTICE_DAYS)
    for project in own:
        await cast.take("village_committee", "funds/projects", project, "apply", "application_form")
        await cast.take(
            "township_clerk", "funds/projects", project, "check_on_site", "site_check", form=papers.SITE_CHECK
        )
        await cast.take("township_leader", "funds/projects", project, "approve_township")
    await cast.hang("township_leader", "funds", cases, _NOTICE_DAYS)
    for project in own:
        await cast.take("township_leader", "funds/projects", project, "send_to_county")
    cast.teller.step(
        "村、乡两级公示各满 10 天，项目报县",
        "village and township notices ran ten days each; the projects go to the county",
    )


async def _an_objection(cast: Cast, case_id: str, project: str) -> None:
    refusal = await cast.client.step_refused(
        "village_committee", "funds/v1/projects", project, "apply", "PUBLICITY_RUNNING", "EVIDENCE_MISSING"
    )
    cast.teller.aside(f"提前结束公示被拒：{refusal.get('code')} / leaving the notice early is refused")
    objection = {"channel": "written", "wording": "选址靠近农田，请核实"}
    filed = await cast.client.post("household", f"/funds/v1/cases/{case_id}/objections", objection)
    answer = {"upheld": False, "reply": "已现场核实，不占基本农田"}
    await cast.client.post("township_clerk", f"/funds/v1/objections/{filed['id']}/resolve", answer)
    cast.teller.step("一户提出异议，乡镇核实答复", "a household objects; the township checks and answers")


async def _county(cast: Cast, projects: list[str]) -> None:
    cases = []
    for project in projects:
        await cast.take(
            "sector_leader", "funds/projects", project, "appraise", "appraisal_opinion", form=papers.APPRAISAL
        )
        review = {"goals_agreed": True}
        await cast.take("bureau_clerk", "funds/projects", project, "finish_county_review", form=review)
        await cast.take("finance_reviewer", "funds/projects", project, "finish_county_review", form=review)
        decision = papers.meeting("同农组纪要〔2022〕9号", "2022-09-22")
        decided = await cast.take(
            "leading_group", "funds/projects", project, "decide", "meeting_minutes", form=decision
        )
        cases.append(decided["case_id"])
    await cast.hang("bureau_leader", "funds", cases, _NOTICE_DAYS)
    for project in projects:
        await cast.take("bureau_leader", "funds/projects", project, "enter_library")
    cast.teller.step(
        "论证、财政会签、领导小组审定、县级公示 10 天后，八个项目入库并公告",
        "appraised, co-signed, decided, published for ten days: eight projects enter the library and are announced",
    )


async def _documents(cast: Cast) -> None:
    for document in papers.documents():
        year, month, day = (int(part) for part in document.received_on.split("-"))
        await cast.on(year, month, day)
        body = {
            "area_code": str(COUNTY),
            "issuer": "黑龙江省财政厅",
            "document_no": document.number,
            "title": document.title,
            "issued_on": document.issued_on,
            "received_on": document.received_on,
            "fiscal_year": 2023,
            "level": document.level,
            "category": papers.FUND,
            "functional_class": "2130505",
            "is_advance_notice": True,
            "amount": format_yuan(document.amount),
        }
        made = await cast.client.post("finance_clerk", "/funds/v1/indicators", body)
        await cast.take("finance_clerk", "funds/indicators", made["id"], "submit", "indicator_document")
        await cast.take("finance_reviewer", "funds/indicators", made["id"], "confirm")
        cast.ids[document.level] = made["id"]
        cast.teller.step(
            f"收到{document.number}：{format_wan(document.amount)}万元，另一人复核入账",
            f"document received, {format_wan(document.amount)} x 10^4 yuan, confirmed by a second person",
        )


async def _plan(cast: Cast, projects: list[Listed], given: dict[str, list[tuple[str, Fen]]]) -> None:
    await cast.on(2023, 1, 5)
    await _labels(cast, projects)
    opened = {"area_code": str(COUNTY), "year": 2023, "batch": 1, "title": "大同区2023年度衔接资金项目计划"}
    plan = (await cast.client.post("bureau_clerk", "/funds/v1/plans", opened))["id"]
    for project in projects:
        sources = [
            {"level": level, "category": papers.FUND, "amount": format_yuan(amount)}
            for level, amount in given[project.name]
        ]
        line = {"project_id": cast.ids[project.name], "sources": sources}
        await cast.client.post("bureau_clerk", f"/funds/v1/plans/{plan}/lines", line)
    await cast.take("bureau_clerk", "funds/plans", plan, "propose")
    await cast.take("finance_reviewer", "funds/plans", plan, "propose")
    decision = papers.meeting("同农组纪要〔2023〕1号", "2023-01-05")
    await cast.take("leading_group", "funds/plans", plan, "approve", "meeting_minutes", form=decision)
    await cast.on(2023, 1, 11)
    number = {"document_no": "同农组发〔2023〕1号"}
    await cast.take("bureau_leader", "funds/plans", plan, "publish", "plan_document", form=number)
    summary = await cast.client.get("province", f"/funds/v1/plans/{plan}/summary")
    sums = {row["large"]: row["amount"] for row in summary["classes"]}
    published = {"产业类": "41970000.00", "基础设施类": "16000000.00", "政策落实类": "3350000.00"}
    if sums != published or summary["industry_percent"] != "68.44":
        raise StoryBroken(f"the plan does not add up as published: {summary}")
    cast.teller.step(
        "年度计划公布：产业类 4197、基础设施类 1600、政策落实类 335 万元，产业占比 68.44 %，与公示一致",
        "plan published: 4197 / 1600 / 335 x 10^4 yuan, industry share 68.44 %, as printed",
    )
    for project in projects:
        ready = {"design_ready": True, "land_ready": True}
        await cast.take("bureau_clerk", "funds/projects", cast.ids[project.name], "plan", form=ready)


async def _labels(cast: Cast, projects: list[Listed]) -> None:
    """The county's own class names (大类、小类) on the national codes."""
    for project in projects:
        label = {"area_code": str(COUNTY), "prefix": project.category, "large": project.large, "small": project.small}
        await cast.client.post("bureau_clerk", "/funds/v1/category-labels", label)


async def _allocation(cast: Cast, projects: list[Listed], given: dict[str, list[tuple[str, Fen]]]) -> None:
    await cast.on(2023, 1, 13)
    lines = [
        {
            "project_id": cast.ids[project.name],
            "indicator_id": cast.ids[level],
            "amount": format_yuan(amount),
        }
        for project in projects
        for level, amount in given[project.name]
    ]
    await _one_fen_too_many(cast, lines)
    allocation = await _draft(cast, lines)
    await cast.take("finance_clerk", "funds/allocations", allocation, "submit")
    await cast.take("leading_group", "funds/allocations", allocation, "approve", "meeting_minutes")
    await cast.take("finance_leader", "funds/allocations", allocation, "post")
    cast.teller.step(
        "6132 万元一次分配到八个项目，指标分配率 100 %", "6132 x 10^4 yuan allocated at once: 100 % of both documents"
    )


async def _draft(cast: Cast, lines: list[dict[str, str]]) -> str:
    body = {"area_code": str(COUNTY), "year": 2023, "title": "2023年度衔接资金分配", "lines": lines}
    made: str = (await cast.client.post("finance_clerk", "/funds/v1/allocations", body))["id"]
    return made


async def _one_fen_too_many(cast: Cast, lines: list[dict[str, str]]) -> None:
    first = lines[0]
    yuan, fen = first["amount"].split(".")
    more = [{**first, "amount": f"{yuan}.{int(fen) + 1:02d}"}, *lines[1:]]
    allocation = await _draft(cast, more)
    refusal = await cast.client.step_refused(
        "finance_clerk", "funds/v1/allocations", allocation, "submit", "LM01", "INSUFFICIENT", "OVER_ALLOCATED"
    )
    await cast.take("finance_clerk", "funds/allocations", allocation, "cancel", reason="超分一分，作废")
    cast.teller.step(
        f"多分一分钱被拒：{refusal.get('code')}（{refusal.get('rule')}）",
        "one fen too many is refused, and nothing has changed",
    )


async def leave_a_notice(cast: Cast) -> None:
    """A small project whose village notice is running when the story ends; the front page tries to end it early."""
    await cast.on(2026, 1, 12)
    project = Listed("村内路灯维修", "基础设施类", "", 12_000_000)
    content = papers.entry(project, [("county", project.amount)])
    content |= {
        "name": "2026年太安村路灯维修",
        "category": "030304",
        "plan_year": 2026,
        "starts_on": "2026-04-01",
        "ends_on": "2026-06-30",
    }
    content["funding"][0]["year"] = 2026
    made = await cast.client.post(
        "village_committee", "/funds/v1/projects", {"area_code": str(VILLAGE), "content": content}
    )
    resolved = {**papers.RESOLUTION, **{key: f"2026-01-0{day}" for key, day in _DISCUSSED.items()}}
    await cast.take("village_committee", "funds/projects", made["id"], "resolve", "resolution_minutes", form=resolved)
    await cast.take("village_committee", "funds/projects", made["id"], "post_in_village")
    cast.teller.step(
        "新口径下的第一个项目开始村级公示，首页可试提前结束",
        "the first project under the new policy is on notice; try to end it early on the front page",
    )
