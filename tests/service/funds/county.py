"""A county at work: its people, invented entries, and the steps by which tests bring things where they need them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.funds.commands.allocations import DraftAllocation
from services.funds.commands.indicators import ReceiveIndicator
from services.funds.commands.plans import OpenPlan, PutPlanLine
from services.funds.commands.projects import EnterProject
from services.funds.domain.postings import BOOK
from shared.cases.advance import StepTaken
from shared.cases.commands import ProveNotice
from shared.commands.command import Command, Outcome
from shared.commands.pipeline import Resources
from shared.db.sessions import scope_settings
from shared.kernel.actors import SYSTEM, Actor
from shared.kernel.days import local_day
from shared.kernel.ids import new_id
from shared.kernel.roles import Role
from shared.ledger.model import Amount
from shared.ledger.post import post
from shared.testing.services import Bench, person

COUNTY, TOWN, VILLAGE, NEXT_VILLAGE = "230606000000", "230606100000", "230606100200", "230606100201"
ELSEWHERE = "430626000000"

village = person("village", VILLAGE, Role.VILLAGE_COMMITTEE)
town_clerk = person("town clerk", TOWN, Role.TOWNSHIP_CLERK)
town_leader = person("town leader", TOWN, Role.TOWNSHIP_LEADER)
sector = person("sector", COUNTY, Role.SECTOR_CLERK)
bureau_clerk = person("bureau clerk", COUNTY, Role.BUREAU_CLERK)
bureau_head = person("bureau head", COUNTY, Role.BUREAU_LEADER)
finance_clerk = person("finance clerk", COUNTY, Role.FINANCE_CLERK)
finance_reviewer = person("finance reviewer", COUNTY, Role.FINANCE_REVIEWER)
second_leader = person("second finance leader", COUNTY, Role.FINANCE_LEADER)
finance_leader = person("finance leader", COUNTY, Role.FINANCE_LEADER)
group = person("leading group", COUNTY, Role.LEADING_GROUP)
unit = person("unit", COUNTY, Role.IMPLEMENTING_UNIT)
auditor = person("auditor", COUNTY, Role.AUDITOR)
PEOPLE: Mapping[str, Actor] = {
    name: actor for name, actor in globals().items() if isinstance(actor, Actor) and name != "SYSTEM"
}

FUND = "fund.consolidation"
MEETING = {"number": "区农组纪要〔2023〕1号", "held_on": "2023-01-01", "agreed": True}
RESOLUTION = {
    "branch_proposed_on": "2022-12-01",
    "committees_discussed_on": "2022-12-02",
    "members_reviewed_on": "2022-12-05",
    "decided_on": "2022-12-06",
    "entitled": 17,
    "present": 12,
    "in_favour": 7,
}
SITE_CHECK = {
    "register_as_of": "2022-12-31",
    "monitored_households": 9,
    "monitored_persons": 20,
    "out_of_poverty_households": 40,
    "out_of_poverty_persons": 90,
}
APPRAISAL = {
    "policy": True,
    "technique": True,
    "land_environment": True,
    "market": True,
    "estimate": True,
    "goals": True,
}


def entry(name: str = "大同镇八井子村冷棚育苗基地建设", amount: str = "500000.00", **changed: Any) -> dict[str, Any]:
    """The content of an entry that lacks nothing."""
    content: dict[str, Any] = {
        "name": name,
        "category": "010101",
        "nature": "new",
        "plan_year": 2023,
        "places": [{"village": VILLAGE, "share_ppm": 1_000_000, "village_type": "out_of_poverty"}],
        "content": f"建设内容：{name}",
        "quantities": [{"label": "冷棚", "quantity": "40", "unit": "栋"}],
        "starts_on": "2023-04-01",
        "ends_on": "2023-10-31",
        "sector_authority": "区农业农村局",
        "implementing_unit": "区乡村建设服务中心",
        "funding": [{"year": 2023, "level": "central", "category": FUND, "amount": amount}],
        "benefit": {
            "households": 60,
            "persons": 150,
            "out_of_poverty_households": 20,
            "out_of_poverty_persons": 45,
            "monitored_households": 5,
            "monitored_persons": 11,
        },
        "linkage": ["wage_work", "dividend"],
        "linkage_detail": "带动就业20人，收益按股分红",
        "goals": [{"kind": "output", "label": "建成冷棚", "target": "40", "unit": "栋"}],
    }
    return content | changed


@dataclass(frozen=True)
class Cause:
    """Stands for a command's context where a test posts by itself."""

    id: UUID
    now: datetime
    today: date


@dataclass(frozen=True)
class County:
    """One service under test, with the words of the field."""

    bench: Bench

    @property
    def resources(self) -> Resources:
        """Clock, calendar, keys and parameters."""
        return self.bench.assembled.pipeline.resources

    async def run(self, command: Command, actor: Actor, key: str = "") -> Outcome:
        return await self.bench.run(command, actor, key)

    async def adopt(self, values: Mapping[str, str], area: str = COUNTY) -> None:
        """Adopt policy values for the county or another area, from long before today on."""
        sql = """INSERT INTO parameter_value(name, area_code, effective_from, value, document, proposed_by, adopted_by)
                 VALUES ($1, $2, '2020-01-01', $3, '县文件', $4, $4)"""
        connection = await asyncpg.connect(self.bench.names.app_dsn)
        try:
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('app.low', $1, true), set_config('app.high', $2, true),"
                    " set_config('app.scope', $3, true)",
                    *(scope_settings(SYSTEM)[name] for name in ("low", "high", "scope")),
                )
                await connection.executemany(
                    sql, [(name, int(area), value, SYSTEM.id) for name, value in values.items()]
                )
        finally:
            await connection.close()

    async def adopt_rules(self, *rules: str) -> None:
        """Let limits block that ship as warnings."""
        await self.adopt({f"rule.{rule}.mode": "block" for rule in rules})

    # ── indicators ──────────────────────────────────────────────────────────

    async def enter_indicator(self, amount: str, **changed: Any) -> UUID:
        return await self.enter_by(finance_clerk, amount, **changed)

    async def enter_by(self, actor: Actor, amount: str, **changed: Any) -> UUID:
        """An entered indicator of the actor's area."""
        today = local_day(self.bench.clock.now()).isoformat()
        fields: dict[str, Any] = {
            "area_code": COUNTY,
            "issuer": "黑龙江省财政厅",
            "document_no": "黑财指(农)〔2023〕34号",
            "title": "提前下达2023年中央衔接资金",
            "issued_on": "2022-11-29",
            "received_on": today,
            "fiscal_year": 2023,
            "level": "central",
            "category": FUND,
            "functional_class": "2130505",
            "amount": amount,
        }
        made = await self.run(ReceiveIndicator.model_validate(fields | changed), actor)
        return UUID(made.result["id"])

    async def indicator(self, amount: str, **changed: Any) -> UUID:
        """An indicator that another person has confirmed."""
        indicator_id = await self.enter_indicator(amount, **changed)
        await self.confirm(indicator_id)
        return indicator_id

    async def confirm(self, indicator_id: UUID) -> None:
        """Submit an entered indicator and have another person confirm it."""
        await self.take(finance_clerk, "indicator", indicator_id, "submit", "indicator_document")
        await self.take(finance_reviewer, "indicator", indicator_id, "confirm")

    # ── steps ───────────────────────────────────────────────────────────────

    async def take(
        self,
        actor: Actor,
        workflow: str,
        subject: UUID,
        step: str,
        *evidence: str,
        form: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> StepTaken:
        """One step, with a file of each kind of evidence."""
        area = str(actor.grants[0].area)
        files = await self.bench.evidence(actor, area, *evidence) if evidence else ()
        return await self.bench.step(
            actor, f"funds.{workflow}", subject, step, form=dict(form or {}), evidence=files, reason=reason
        )

    async def hang(self, actor: Actor, project: UUID, days: int = 10) -> None:
        """Let the running notice of a project run its days, proven on the first and the last."""
        await self.bench.run_notice(actor, await self.case_id(project), str(actor.grants[0].area), days)

    async def photograph(self, actor: Actor, project: UUID) -> None:
        """Prove the running notice of a project with a photo of today."""
        (photo,) = await self.bench.evidence(actor, str(actor.grants[0].area), "notice_photo")
        await self.run(ProveNotice(case_id=await self.case_id(project), evidence_id=photo), actor)

    # ── projects ────────────────────────────────────────────────────────────

    async def enter(
        self, content: Mapping[str, Any] | None = None, area: str = VILLAGE, actor: Actor = village
    ) -> UUID:
        command = EnterProject.model_validate({"area_code": area, "content": content or entry()})
        return UUID((await self.run(command, actor)).result["id"])

    async def to_county(self, project: UUID) -> None:
        """From the draft to the sector's desk."""
        await self.take(village, "project", project, "resolve", "resolution_minutes", form=RESOLUTION)
        await self.take(village, "project", project, "post_in_village")
        await self.hang(village, project)
        await self.take(village, "project", project, "apply", "application_form")
        await self.take(town_clerk, "project", project, "check_on_site", "site_check", form=SITE_CHECK)
        await self.take(town_leader, "project", project, "approve_township")
        await self.hang(town_leader, project)
        await self.take(town_leader, "project", project, "send_to_county")

    async def review_in_county(self, project: UUID, **changed: Any) -> None:
        """From the sector's desk to the leading group."""
        review = {"goals_agreed": True} | changed
        await self.take(sector, "project", project, "appraise", "appraisal_opinion", form=APPRAISAL)
        await self.take(bureau_clerk, "project", project, "finish_county_review", form=review)
        await self.take(finance_reviewer, "project", project, "finish_county_review", form=review)

    async def decide(self, project: UUID) -> None:
        """From the leading group into the county's notice."""
        await self.take(group, "project", project, "decide", "meeting_minutes", form=MEETING)

    async def in_library(self, content: Mapping[str, Any] | None = None) -> UUID:
        """A village's project that went the whole way."""
        project = await self.enter(content)
        await self.to_county(project)
        await self.review_in_county(project)
        await self.decide(project)
        await self.hang(bureau_head, project)
        await self.take(bureau_head, "project", project, "enter_library")
        return project

    async def county_run(self, content: Mapping[str, Any]) -> UUID:
        """A project of a sector for the whole county, in the library."""
        project = await self.enter(content, COUNTY, sector)
        await self.take(sector, "project", project, "apply_for_county", "application_form")
        await self.review_in_county(project)
        await self.decide(project)
        await self.hang(bureau_head, project)
        await self.take(bureau_head, "project", project, "enter_library")
        return project

    # ── plans and allocations ───────────────────────────────────────────────

    async def plan(self, lines: Mapping[UUID, Sequence[tuple[str, str]]], batch: int = 1) -> UUID:
        """A draft plan; a line is project → (level, amount)."""
        opened = await self.run(
            OpenPlan(area_code=COUNTY, year=2023, batch=batch, title="2023年度衔接资金项目计划"), bureau_clerk
        )
        plan_id = UUID(opened.result["id"])
        for project, sources in lines.items():
            given = [{"level": level, "category": FUND, "amount": amount} for level, amount in sources]
            command = {"plan_id": plan_id, "project_id": project, "sources": given}
            await self.run(PutPlanLine.model_validate(command), bureau_clerk)
        return plan_id

    async def publish(self, plan_id: UUID) -> None:
        """From the draft to the announcement."""
        await self.take(bureau_clerk, "annual_plan", plan_id, "propose")
        await self.take(finance_reviewer, "annual_plan", plan_id, "propose")
        await self.take(group, "annual_plan", plan_id, "approve", "meeting_minutes", form=MEETING)
        form = {"document_no": "同农组发〔2023〕2号"}
        await self.take(bureau_head, "annual_plan", plan_id, "publish", "plan_document", form=form)

    async def planned(self, amount: str = "500000.00", content: Mapping[str, Any] | None = None) -> UUID:
        """A project in a published plan, ready, with `amount` of central money received for it."""
        project = await self.in_library(content or entry(amount=amount))
        await self.publish(await self.plan({project: [("central", amount)]}))
        await self.plan_in(project)
        return project

    async def plan_in(self, project: UUID) -> None:
        """Take a project of a published plan to PLANNED."""
        await self.take(bureau_clerk, "project", project, "plan", form={"design_ready": True, "land_ready": True})

    async def planned_too(self, other: UUID, amount: str) -> UUID:
        """Another planned project, in a batch of its own."""
        project = await self.in_library(entry("大同镇八井子村育苗棚二期", amount=amount))
        assert project != other
        await self.publish(await self.plan({project: [("central", amount)]}, batch=2))
        await self.plan_in(project)
        return project

    async def bind(self, project: UUID, indicator: UUID, fen: int) -> None:
        """Commit quota as a registered contract does (P05)."""
        await self._post("P05", Amount(fen, indicator, {"project_id": project, "contract_id": new_id()}, 2023))

    async def retain(self, indicator: UUID, fen: int) -> None:
        """Set retention aside as the settlement of a contract does (P13), by way of all before it."""
        (row,) = await self.look("SELECT fiscal_year FROM indicator WHERE id = $1", indicator)
        cells = {"project_id": new_id(), "contract_id": new_id()}
        for template in ("P03", "P05", "P13"):
            await self._post(template, Amount(fen, indicator, cells, row["fiscal_year"]))

    async def surplus(self, sources: Mapping[UUID, int]) -> UUID:
        """A closed project's surplus (P22) of these sources."""
        project = new_id()
        for template in ("P03", "P22"):
            amounts = [Amount(fen, indicator, {"project_id": project}, 2023) for indicator, fen in sources.items()]
            await self._post(template, *amounts)
        return project

    async def _post(self, template: str, *amounts: Amount) -> None:
        async with self.bench.database.write(SYSTEM) as tx:
            cause = Cause(await self._command(), self.bench.clock.now(), local_day(self.bench.clock.now()))
            await post(tx, cause, BOOK, template, amounts, document=f"test:{new_id()}", area=int(COUNTY))
            await tx.session.commit()

    async def _command(self) -> UUID:
        """The id of a command of the journal, on which an entry may stand."""
        (row,) = await self.look("SELECT id FROM journal LIMIT 1")
        command: UUID = row["id"]
        return command

    async def draft(self, *lines: tuple[UUID, UUID, str]) -> UUID:
        """A draft allocation of (project, indicator, amount)."""
        given = [{"project_id": project, "indicator_id": source, "amount": amount} for project, source, amount in lines]
        command = {"area_code": COUNTY, "year": 2023, "title": "2023年度衔接资金分配", "lines": given}
        made = await self.run(DraftAllocation.model_validate(command), finance_clerk)
        return UUID(made.result["id"])

    async def approve(self, allocation: UUID) -> None:
        """From the draft to the leading group's approval."""
        await self.take(finance_clerk, "allocation", allocation, "submit")
        await self.take(group, "allocation", allocation, "approve", "meeting_minutes")

    async def allocate(self, *lines: tuple[UUID, UUID, str]) -> UUID:
        """A posted allocation."""
        allocation = await self.draft(*lines)
        await self.approve(allocation)
        await self.take(finance_leader, "allocation", allocation, "post")
        return allocation

    # ── looking ─────────────────────────────────────────────────────────────

    async def look(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Rows, seen with the whole country in scope."""
        async with self.bench.database.read(SYSTEM) as session:
            found: list[asyncpg.Record] = await session.raw.fetch(sql, *values)
            return found

    async def state(self, subject: UUID) -> str:
        rows = await self.look("SELECT state FROM case_file WHERE subject_id = $1", subject)
        state: str = rows[0]["state"]
        return state

    async def case_id(self, subject: UUID) -> UUID:
        rows = await self.look("SELECT id FROM case_file WHERE subject_id = $1", subject)
        case: UUID = rows[0]["id"]
        return case

    async def balance(self, account: str, **where: UUID) -> int:
        """The balance of an account over all cells that match, in fen."""
        condition = " AND ".join(f"{name} = ${place}" for place, name in enumerate(where, 2)) or "true"
        sql = (
            f"SELECT coalesce(sum(amount_fen), 0)::bigint AS fen FROM ledger_balance WHERE account = $1 AND {condition}"  # noqa: S608  names of this test
        )
        rows = await self.look(sql, account, *where.values())
        fen: int = rows[0]["fen"]
        return fen

    async def events(self, *types: str) -> list[dict[str, Any]]:
        """The data of the published events of these types, in their order."""
        rows = await self.look(
            "SELECT envelope::text AS envelope FROM outbox WHERE type = ANY($1::text[]) ORDER BY seq",
            [f"{each}.v1" for each in types],
        )
        return [orjson.loads(row["envelope"])["data"] for row in rows]
