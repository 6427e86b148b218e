"""Policy values on many days at once: a file of payments spans months, and each is judged by what was in force on its day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.funds.domain.payment_limits import Shares
from services.funds.domain.payment_modes import PaymentMode
from services.funds.parameters.treasury import PAYMENT_MODE
from shared.commands.command import Write
from shared.kernel.areas import AreaCode
from shared.parameters.lookup import Adopted, adopted, read
from shared.parameters.model import Parameter

SHARES = (
    "advance.max",
    "progress.max_pay_before_settlement",
    "advance.recouped_by",
    "payment.max_before_acceptance",
)


@dataclass(frozen=True)
class DatedPolicy:
    """The adopted values of a few parameters in one area, the nearest area first, then the newest."""

    rows: Mapping[str, tuple[Adopted, ...]]
    declared: Mapping[str, Parameter]
    _shares: dict[date, Shares] = field(default_factory=dict)

    def on(self, name: str, day: date) -> Any:
        """The value in force on a day; the declared default where nobody adopted one. Raises Unknown for an unfit one."""
        found = next(
            (row for row in self.rows[name] if row.effective_from <= day <= (row.effective_to or day)),
            None,
        )
        parameter = self.declared[name]
        if found is not None and found.value is not None:
            return read(parameter, found.value, found.area, found.effective_from)
        assert parameter.default is not None, "these parameters have a default"
        return parameter.parse(parameter.default)

    def mode_on(self, day: date) -> PaymentMode:
        """How the county paid on a day."""
        return PaymentMode(self.on(PAYMENT_MODE, day))

    def shares_on(self, day: date) -> Shares:
        """The shares that limits compared with on a day."""
        if day not in self._shares:
            self._shares[day] = Shares(*(self.on(name, day) for name in SHARES))
        return self._shares[day]


async def dated_policy(tx: Write, names: Collection[str], area: AreaCode) -> DatedPolicy:
    """The values of `names` in `area`, with one statement."""
    around = {int(code) for code in area.ancestry()}
    rows: dict[str, list[Adopted]] = {name: [] for name in names}
    for row in await adopted(tx.raw, list(names)):
        if row.area in around:
            rows[row.name].append(row)
    return DatedPolicy({name: tuple(own) for name, own in rows.items()}, tx.parameters.declared)
