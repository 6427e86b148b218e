"""The public text of a project's notices (公示公告): the official items, without persons and phones (§1.2, §1.5)."""

from collections.abc import Mapping
from typing import Any

from services.funds.commands.project_rows import project_versions
from services.funds.domain.disclosures import SUPERVISION_PHONE
from shared.cases.binding import CaseRow
from shared.commands.command import Context, Write
from shared.kernel.money import format_yuan
from shared.parameters.divisions import name_paths


async def project_notice(tx: Write, case: CaseRow, ctx: Context) -> Mapping[str, Any]:
    """What hangs on the board or stands on the portal."""
    project = await project_versions(tx, case.subject_id)
    content = project.content
    names = await name_paths(tx.raw, [place.village for place in content.places], ctx.today)
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
        "version": project.row.version_no,
        "supervision_phone": SUPERVISION_PHONE,
    }
