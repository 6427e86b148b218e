"""Use (使用状态): each change is seen by one person and verified by another, with photos and the figures behind it (§7.5)."""

from datetime import date
from typing import Any

from pydantic import Field

from services.assets.commands.standing import asset_of, status_changed, weigh
from services.assets.domain.limits import USE as USE_LIMIT
from services.assets.domain.rights import asset_disposed
from services.assets.domain.use import UseFacts, idle, idle_long_enough, inefficient, inefficient_enough
from services.assets.tables.register import AssetUse
from services.assets.workflows.use import USE
from shared.cases.binding import Binding, CaseRow, Form, StepBinding
from shared.commands.command import Context, Write
from shared.contracts.parts import Ppm
from shared.contracts.wire import Yuan
from shared.kernel.errors import Violation

_FIGURES = ("use.idle_days", "use.least_income", "use.least_capacity")


class IdleFound(Form):
    """Since when the asset is not used."""

    unused_since: date


class InefficientFound(Form):
    """Income of twelve months against what was agreed, or the used capacity."""

    income: Yuan | None = Field(default=None, ge=0)
    agreed: Yuan | None = Field(default=None, ge=0)
    used_ppm: Ppm | None = None


async def _facts(tx: Write, case: CaseRow, form: Any, ctx: Context) -> UseFacts:
    asset = await asset_of(tx, case.subject_id)
    found: dict[str, Violation | None] = {}
    if isinstance(form, IdleFound | InefficientFound):
        figures = await tx.parameters.get_many(_FIGURES, case.area, ctx.today)
        found[USE_LIMIT] = (
            idle_long_enough(form.unused_since, ctx.today, figures["use.idle_days"])
            if isinstance(form, IdleFound)
            else inefficient_enough(
                form.income,
                form.agreed,
                form.used_ppm,
                figures["use.least_income"],
                figures["use.least_capacity"],
            )
        )
    return UseFacts(
        is_disposed=asset.disposed_on is not None,
        unused_since=form.unused_since if isinstance(form, IdleFound) else None,
        has_figures=isinstance(form, InefficientFound) and _has_figures(form),
        blocked=await weigh(tx, ctx, case.area, found, tell=True),
    )


def _has_figures(form: InefficientFound) -> bool:
    return (form.income is not None and form.agreed is not None) or form.used_ppm is not None


async def _change(tx: Write, case: CaseRow, form: Form, ctx: Context) -> None:
    figures = form if isinstance(form, InefficientFound) else InefficientFound()
    tx.session.add(
        AssetUse(
            asset_id=case.subject_id,
            case_version=case.version,
            use=case.state,
            changed_on=ctx.today,
            unused_since=form.unused_since if isinstance(form, IdleFound) else None,
            income_fen=figures.income,
            agreed_fen=figures.agreed,
            used_ppm=figures.used_ppm,
            area_code=int(case.area),
        ),
    )
    tx.emit(await status_changed(tx, case, ctx, "use_state"))


USE_BINDING = Binding(
    USE,
    "uses",
    guards={"idle": idle, "inefficient": inefficient, "asset_disposed": asset_disposed},
    facts=_facts,
    steps={
        "find_idle": StepBinding(IdleFound, _change),
        "find_inefficient": StepBinding(InefficientFound, _change),
        **{
            step: StepBinding(perform=_change)
            for step in ("find_damaged", "find_lost", "repair", "return_to_use", "revive")
        },
    },
)
