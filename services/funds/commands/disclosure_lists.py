"""The texts of subjects that are lists (公开内容): plans, quarters, decompositions, households; each by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.funds.domain.disclosures import LEVEL_NAMES, guardians_missing, public_name
from services.funds.domain.postings import ALLOCATED, PAID
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Refused, not_found
from shared.kernel.money import format_yuan
from shared.parameters.divisions import name_paths
from shared.vault.seal import unseal

_PLAN = """
SELECT plan.area_code, plan.title, plan.year, plan.batch, plan.document_no,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('project_id', project.id, 'name', project.name,
                 'unit', version.content ->> 'implementing_unit', 'fen', sums.fen) ORDER BY project.seq), '[]')
          FROM (SELECT project_id, sum(amount_fen) AS fen FROM plan_line WHERE plan_id = plan.id GROUP BY 1) AS sums
          JOIN project ON project.id = sums.project_id
          JOIN project_version AS version USING (project_id, version_no)) AS projects,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('level', level, 'category', category, 'fen', fen)
                 ORDER BY level, category), '[]')
          FROM (SELECT level, category, sum(amount_fen) AS fen FROM plan_line WHERE plan_id = plan.id
                 GROUP BY 1, 2) AS sums) AS sources
  FROM plan WHERE plan.id = $1 AND plan.published_on IS NOT NULL"""
_FUNDS = """
SELECT DISTINCT ON (code) code, zh FROM fund_category WHERE valid_from <= $1 ORDER BY code, valid_from DESC"""
_QUARTER = """
SELECT project.name, held.state, planned.fen AS planned,
       coalesce((SELECT sum(amount_fen) FROM ledger_balance AS kept WHERE kept.project_id = project.id
          AND account = ANY($2::text[])), 0)::bigint AS allocated,
       coalesce((SELECT sum(amount_fen) FROM ledger_balance AS kept WHERE kept.project_id = project.id
          AND account = ANY($3::text[])), 0)::bigint AS paid
  FROM (SELECT project_id, sum(amount_fen)::bigint AS fen FROM plan_line WHERE plan_id = $1 GROUP BY 1) AS planned
  JOIN project ON project.id = planned.project_id
  JOIN case_file AS held ON held.workflow = 'funds.project' AND held.subject_id = project.id
 ORDER BY project.seq"""
_DECOMPOSITION = """
SELECT head.area_code, head.title, head.document_no, head.issuer, head.issued_on, source.document_no AS basis,
       coalesce(run.factors, '[]') AS factors,
       (SELECT jsonb_agg(jsonb_build_array(target_code, amount_fen) ORDER BY line_no)
          FROM decomposition_line WHERE decomposition_id = head.id) AS lines
  FROM decomposition AS head JOIN indicator AS source ON source.id = head.parent_id
  LEFT JOIN factor_run AS run ON run.id = head.factor_run_id
 WHERE head.id = $1 AND head.issued_on IS NOT NULL"""
# A filed plan, and what the version filed before it gave each project.
_INTEGRATION = """
SELECT plan.area_code, plan.title, plan.year, plan.version, plan.filing_no, plan.filed_on, plan.planned_scale_fen,
       (SELECT jsonb_agg(jsonb_build_array(i.document_no, i.category, source.amount_fen) ORDER BY i.document_no, i.id)
          FROM integration_source AS source JOIN indicator AS i ON i.id = source.indicator_id
         WHERE source.plan_id = plan.id) AS sources,
       (SELECT jsonb_agg(jsonb_build_array(project.name, now.amount_fen, was.amount_fen) ORDER BY project.seq)
          FROM (SELECT * FROM integration_project WHERE plan_id = plan.id) AS now
          FULL JOIN (SELECT * FROM integration_project WHERE plan_id = before.id) AS was USING (project_id)
          JOIN project ON project.id = project_id) AS projects, before.version AS before
  FROM integration_plan AS plan
  LEFT JOIN LATERAL (
    SELECT id, version FROM integration_plan AS older
     WHERE older.area_code = plan.area_code AND older.year = plan.year AND older.version < plan.version
       AND older.filed_on IS NOT NULL ORDER BY version DESC LIMIT 1) AS before ON true
 WHERE plan.id = $1 AND plan.filed_on IS NOT NULL"""
_LINES = """
SELECT id, seq, household_id, name_sealed, id_number_sealed, period, amount_fen, paid_on FROM household_line
 WHERE batch_id = $1 AND area_code = $2
   AND CASE WHEN $3 THEN outcome IN ('PAID', 'RECOVERING', 'RECOVERED') ELSE outcome <> 'REMOVED' END ORDER BY seq"""
_ROSTER = """
SELECT batch.number, batch.policy, batch.project_id, project.name
  FROM household_batch AS batch LEFT JOIN project ON project.id = batch.project_id WHERE batch.id = $1"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One household of a list: the name that hangs, and what its own query will show."""

    line_id: UUID
    household_id: UUID
    name: str
    period: str
    fen: int
    paid_on: date | None


async def plan_text(tx: Write, plan_id: UUID, today: date) -> tuple[int, str, dict[str, Any]]:
    """Area, title and text of a published plan; raises NotFound."""
    row = await tx.raw.fetchrow(_PLAN, plan_id)
    if row is None:
        raise not_found("已公布的计划", "published plan")
    funds = {fund["code"]: fund["zh"] for fund in await tx.raw.fetch(_FUNDS, today)}
    text = {name: row[name] for name in ("title", "year", "batch", "document_no")} | {
        "sources": [
            {
                "level": LEVEL_NAMES[each["level"]],
                "fund": funds.get(each["category"], each["category"]),
                "amount": format_yuan(each["fen"]),
            }
            for each in row["sources"]
        ],
        "projects": [
            {"name": each["name"], "unit": each["unit"], "amount": format_yuan(each["fen"])} for each in row["projects"]
        ],
        "total": format_yuan(sum(each["fen"] for each in row["projects"])),
    }
    return row["area_code"], row["title"], text


async def quarter_text(tx: Write, plan_id: UUID, period: str) -> tuple[int, str, dict[str, Any]]:
    """How far a plan's projects are, as the ledger has it today."""
    head = await tx.raw.fetchrow("SELECT area_code, title, year FROM plan WHERE id = $1", plan_id)
    if head is None:
        raise not_found("计划", "plan")
    rows = await tx.raw.fetch(_QUARTER, plan_id, list(ALLOCATED), list(PAID))
    text = {
        "title": head["title"],
        "year": head["year"],
        "quarter": period,
        "projects": [
            {"name": row["name"], "state": row["state"]}
            | {name: format_yuan(row[name]) for name in ("planned", "allocated", "paid")}
            for row in rows
        ],
        **{f"{name}_total": format_yuan(sum(row[name] for row in rows)) for name in ("planned", "allocated", "paid")},
    }
    return head["area_code"], f"{head['title']} {period}", text


async def decomposition_text(tx: Write, decomposition_id: UUID, today: date) -> tuple[int, str, dict[str, Any]]:
    """An issued decomposition: basis, factors, amount by receiver."""
    row = await tx.raw.fetchrow(_DECOMPOSITION, decomposition_id)
    if row is None:
        raise not_found("已下达的分配", "issued decomposition")
    names = await name_paths(tx.raw, [AreaCode(code) for code, _ in row["lines"]], today)
    text = {
        "title": row["title"],
        "document_no": row["document_no"],
        "issuer": row["issuer"],
        "issued_on": row["issued_on"].isoformat(),
        "basis": row["basis"],
        "factors": [{"factor": each["label"], "weight": each["weight"]} for each in row["factors"]],
        "amounts": [{"area": names[AreaCode(code)], "amount": format_yuan(fen)} for code, fen in row["lines"]],
        "total": format_yuan(sum(fen for _, fen in row["lines"])),
    }
    return row["area_code"], row["title"], text


async def integration_text(tx: Write, plan_id: UUID, today: date) -> tuple[int, str, dict[str, Any]]:
    """A filed integration plan: sources, projects, and what it changes of the version filed before; raises NotFound."""
    row = await tx.raw.fetchrow(_INTEGRATION, plan_id)
    if row is None:
        raise not_found("已备案的整合方案", "filed integration plan")
    funds = {fund["code"]: fund["zh"] for fund in await tx.raw.fetch(_FUNDS, today)}
    changed = [each for each in row["projects"] if row["before"] is not None and each[1] != each[2]]
    text = {
        "title": row["title"],
        "year": row["year"],
        "plan_version": row["version"],
        "document_no": row["filing_no"],
        "filed_on": row["filed_on"].isoformat(),
        "total": format_yuan(row["planned_scale_fen"]),
        "sources": [
            {"document_no": number, "fund": funds.get(kind, kind), "amount": format_yuan(fen)}
            for number, kind, fen in row["sources"]
        ],
        "projects": [{"name": name, "amount": format_yuan(fen)} for name, fen, _ in row["projects"] if fen is not None],
        "changes": [
            {"name": name, "before": format_yuan(was or 0), "after": format_yuan(fen or 0)}
            for name, fen, was in changed
        ],
    }
    return row["area_code"], row["title"], text


async def list_lines(
    tx: Write, ctx: Context, batch_id: UUID, village: AreaCode, guardians: Mapping[int, str], *, paid: bool
) -> list[Listed]:
    """The households of a batch in a village by the names that may hang; raises Refused GUARDIAN_REQUIRED."""
    listed, minors = [], []
    for row in await tx.raw.fetch(_LINES, batch_id, int(village), paid):
        own = unseal(ctx.keys, "household_line.name", row["id"], bytes(row["name_sealed"]))
        number = unseal(ctx.keys, "household_line.id_number", row["id"], bytes(row["id_number_sealed"]))
        name = public_name(own, number, guardians.get(row["seq"]), ctx.today)
        if name is None:
            minors.append(row["seq"])
            continue
        listed.append(
            Listed(row["id"], row["household_id"], name, row["period"], row["amount_fen"], row["paid_on"]),
        )
    if minors:
        raise Refused(guardians_missing(minors))
    return listed


async def roster_text(tx: Write, batch_id: UUID, lines: Sequence[Listed]) -> tuple[UUID, str, str, dict[str, Any]]:
    """Project, policy, title and text of a batch's list: names and amounts, nothing else of a person."""
    row = await tx.raw.fetchrow(_ROSTER, batch_id)
    assert row is not None
    text = {
        "project": row["name"] or "",
        "policy": row["policy"],
        "number": row["number"],
        "lines": [{"name": line.name, "amount": format_yuan(line.fen)} for line in lines],
        "count": len(lines),
        "total": format_yuan(sum(line.fen for line in lines)),
    }
    return row["project_id"], row["policy"], row["number"], text
