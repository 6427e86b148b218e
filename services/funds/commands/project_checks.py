"""The check of an entry's content against itself and the reference data, wherever new content comes in."""

from services.funds.commands.reference import industry_flags, known_funds
from services.funds.domain.library import content_violations, unknown_code
from services.funds.domain.project_content import ProjectContent
from shared.commands.command import Write
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid


async def check_content(tx: Write, content: ProjectContent, home: AreaCode) -> list[str]:
    """The category of `content` if it counts as industry; raises Invalid with everything that is wrong."""
    wrong = content_violations(content, home)
    flags = await industry_flags(tx.raw, [content.category], content.plan_year)
    if content.category not in flags:
        wrong.append(unknown_code("/content/category", content.category, content.plan_year))
    for year in sorted({line.year for line in content.funding}):
        asked = {line.category for line in content.funding if line.year == year}
        known = await known_funds(tx.raw, asked, year)
        wrong += [unknown_code("/content/funding", code, year) for code in sorted(asked - known)]
    if wrong:
        raise Invalid(*wrong)
    return [code for code, counts in flags.items() if counts]
