"""What an entry by a publication elsewhere is judged by, for one project as for a whole list (§1.5, §1.6)."""

from collections.abc import Sequence
from datetime import date

from services.funds.commands.adjustment_forms import PublishedEntry
from services.funds.domain.negative_list import Verdict
from services.funds.domain.project_content import ProjectContent
from services.funds.domain.publication import PublishedFacts
from shared.commands.command import Context, Write
from shared.kernel.areas import AreaCode
from shared.kernel.days import last_day


async def runs_until(tx: Write, form: PublishedEntry, area: AreaCode, ctx: Context) -> date:
    """The last day of a county notice that began when the list's did, by the policy of that day."""
    days = await tx.parameters.get("publicity.min_days.county", area, form.hung_from)
    return last_day(form.hung_from, days, ctx.calendar)


def facts_of(
    content: ProjectContent, form: PublishedEntry, until: date, hits: Sequence[Verdict], ctx: Context
) -> PublishedFacts:
    """The facts of one entry; the form's one reason answers for all its warnings."""
    accepted = {each.rule_id: form.warnings_reason for each in hits}
    return PublishedFacts(content, form.publication, until, ctx.today, hits, accepted)
