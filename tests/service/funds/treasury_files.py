"""Files as the treasury's system writes them, and the county of the worked example paying in that system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.funds.commands.treasury_imports import ReceiveTreasuryIndicators, ReceiveTreasuryPayments
from services.funds.commands.treasury_lines import MatchTreasuryLines
from shared.kernel.actors import SYSTEM
from tests.service.funds.county import COUNTY, finance_clerk
from tests.service.funds.works import Works, treasury

CENTRAL, OWN = "黑财指(农)〔2023〕34号", "同财农〔2023〕3号"
PAYEE, ACCOUNT = "大庆市恒远建筑工程有限公司", "6228480000000000001"
NUMBER = "同乡建合〔2023〕1号"
HEADINGS = (
    "支付凭证号,支付日期,指标文号,合同编号,收款人全称,收款人账号,支付金额,抵扣预付款,款项性质,用途,审批人,发票号码"
)


def file_of(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *lines, ""]).encode()


@dataclass(frozen=True)
class Treasury:
    """The worked example in a county that records what the treasury paid."""

    works: Works

    @property
    def today(self) -> str:
        return self.works.today.isoformat()

    def line(self, serial: str, amount: str, **changed: str) -> str:
        cells = {
            "serial": serial,
            "on": self.today,
            "document": CENTRAL,
            "contract": NUMBER,
            "payee": PAYEE,
            "account": ACCOUNT,
            "amount": amount,
            "recoup": "",
            "stage": "",
            "purpose": "冷棚工程",
            "approvals": "李某审核、王某审批",
            "invoice": "",
        }
        assert changed.keys() <= cells.keys()
        return ",".join((cells | changed).values())

    async def send(self, *lines: str, **asked: Any) -> Mapping[str, Any]:
        command = ReceiveTreasuryPayments(area_code=COUNTY, content=file_of(*lines), **asked)
        return (await self.works.county.run(command, treasury)).result

    async def indicators(self, content: str) -> Mapping[str, Any]:
        command = ReceiveTreasuryIndicators(area_code=COUNTY, content=content.encode())
        return (await self.works.county.run(command, finance_clerk)).result

    async def again(self) -> Mapping[str, Any]:
        return (await self.works.county.run(MatchTreasuryLines(area_code=COUNTY), treasury)).result

    async def until(self, last: date) -> None:
        """From the day after `last` on the county instructs its payments here."""
        sql = "UPDATE parameter_value SET effective_from = $1 WHERE name = 'payment.mode'"
        async with self.works.county.bench.database.write(SYSTEM) as tx:
            await tx.raw.execute(sql, last + timedelta(days=1))
            await tx.session.commit()

    async def use_elsewhere(self, number: str) -> None:
        """A payment of another county names an invoice with this number."""
        sql = "INSERT INTO invoice_use SELECT number_index, payment_id FROM payment_invoice WHERE number = $1"
        async with self.works.county.bench.database.write(SYSTEM) as tx:
            await tx.raw.execute(sql, number)
            await tx.session.commit()

    async def contract(self, amount: str = "960000.00", **changed: Any) -> UUID:
        """The contract that the lines name, unless told otherwise."""
        return await self.works.contract(amount, **{"number": NUMBER} | changed)

    async def look(self, sql: str, *values: Any) -> Sequence[asyncpg.Record]:
        return await self.works.county.look(sql, *values)

    async def lines(self) -> list[tuple[str, str, str]]:
        """Serial, outcome and reason of each line."""
        return [
            tuple(row) for row in await self.look("SELECT serial, outcome, reason FROM treasury_line ORDER BY serial")
        ]

    async def alerts(self) -> list[tuple[str, str]]:
        """Rule and subject of each open alert."""
        sql = "SELECT check_id, subject_kind FROM alert WHERE closed_at IS NULL ORDER BY 1, 2"
        return [(row["check_id"].removeprefix("funds-"), row["subject_kind"]) for row in await self.look(sql)]
