"""The public text of a project's notices (公示公告): the official items, without persons and phones (§1.2, §1.5)."""

from collections.abc import Mapping
from typing import Any

from services.funds.commands.project_rows import project_versions
from services.funds.domain.adjustment import ExitReason
from services.funds.domain.disclosures import SUPERVISION_PHONE
from services.funds.domain.project_content import ProjectContent
from services.funds.tables.adjustment import LibraryExit
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.money import format_yuan
from shared.parameters.divisions import name_paths


async def project_notice(tx: Write, case: CaseRow, ctx: Context) -> Mapping[str, Any]:
    """What hangs on the board or stands on the portal."""
    project = await project_versions(tx, case.subject_id)
    names = await name_paths(tx.raw, [place.village for place in project.content.places], ctx.today)
    return await _left(tx, case) | notice_of(project.content, project.row.version_no, names)


def notice_of(content: ProjectContent, version_no: int, names: Mapping[AreaCode, str]) -> dict[str, Any]:
    """The text of an entry; `names` are those of its places."""
    benefit = content.benefit
    return {
        "name": content.name,
        "category": content.category,
        "nature": content.nature,
        "plan_year": content.plan_year,
        "places": [names[place.village] for place in content.places],
        "content": content.content,
        "quantities": [f"{line.label} {line.quantity} {line.unit}" for line in content.quantities],
        "starts_on": content.starts_on.isoformat(),
        "ends_on": content.ends_on.isoformat(),
        "sector_authority": content.sector_authority,
        "implementing_unit": content.implementing_unit,
        "planned_total": format_yuan(content.total),
        "funding": [
            {"level": line.level, "category": line.category, "amount": format_yuan(line.amount)}
            for line in content.funding
        ],
        "beneficiaries": {
            "households": benefit.households,
            "persons": benefit.persons,
            "out_of_poverty_households": benefit.out_of_poverty_households,
            "monitored_households": benefit.monitored_households,
        },
        "linkage": [str(method) for method in content.linkage],
        "linkage_detail": content.linkage_detail,
        "goals": [f"{goal.label} {goal.target} {goal.unit}" for goal in content.goals],
        "version": version_no,
        "supervision_phone": SUPERVISION_PHONE,
    }


async def _left(tx: Write, case: CaseRow) -> dict[str, Any]:
    """Why the project left the library, on its notice of exit (出库公告, §1.6)."""
    row = await tx.session.get(LibraryExit, case.subject_id) if case.state == "EXITED" else None
    if row is None:
        return {}
    return {
        "exit": {
            "reason": row.reason,
            "wording": ExitReason(row.reason).zh,
            "document_no": row.document_no,
            "exited_on": row.exited_on.isoformat(),
        }
    }
