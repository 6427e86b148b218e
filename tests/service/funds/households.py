"""Household batches on their way: rosters, notices, the bank's answers; the words of these tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.funds.bulk.household_files import RESULT_HEADINGS, ROSTER_HEADINGS
from services.funds.commands.recoveries import CorrectLine
from services.funds.commands.subsidies import CreateBatch, ImportBatch
from services.funds.commands.subsidy_results import ImportBankResult, ReceiveBankResult
from shared.cases.advance import StepTaken
from shared.kernel.actors import Actor
from shared.kernel.ids import derived_id, new_id
from shared.kernel.roles import Role
from shared.testing.services import person
from tests.service.funds.county import COUNTY, TOWN, VILLAGE, County, finance_reviewer, sector, town_clerk
from tests.service.funds.works import Works, treasury

POLICY = "yulu"
sector_leader = person("sector leader", COUNTY, Role.SECTOR_LEADER)
second_town_clerk = person("second town clerk", TOWN, Role.TOWNSHIP_CLERK)
_HOUSEHOLDS = UUID("7d1a2d0e-5a5b-5a8e-9a53-1b8c6f0d2e11")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(number: int) -> str:
    """An invented resident number with a right check digit."""
    born = date(1960, 1, 1) + timedelta(days=number // 999)
    digits = f"230606{born:%Y%m%d}{number % 999 + 1:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def household(number: int) -> UUID:
    return derived_id(_HOUSEHOLDS, str(number))


def line(seq: int, amount: str, **changed: Any) -> dict[str, Any]:
    """A line for household and person number `seq`."""
    return {
        "seq": seq,
        "household_id": household(seq),
        "person_name": "王某",
        "id_number": id_number(seq),
        "card_number": f"62284800000000{seq:05d}",
        "bank_code": "ABC",
        "village": VILLAGE,
        "period": "2023-05",
        "amount": amount,
        "basis": "雨露计划 一学期",
    } | changed


@dataclass(frozen=True)
class Households:
    """One household project with quota, and its batches."""

    works: Works

    @property
    def county(self) -> County:
        return self.works.county

    def header(self, lines: Sequence[object], total: str, **changed: Any) -> dict[str, Any]:
        return {
            "area_code": TOWN,
            "project_id": self.works.project,
            "number": f"2023-{new_id().hex[-8:]}",
            "policy": POLICY,
            "line_count": len(lines),
            "total": total,
        } | changed

    async def make(
        self, lines: Sequence[Mapping[str, Any]], total: str, actor: Actor = town_clerk, **changed: Any
    ) -> UUID:
        """A draft batch."""
        command = CreateBatch.model_validate({**self.header(lines, total, **changed), "lines": lines})
        return UUID((await self.county.run(command, actor)).result["id"])

    async def import_roster(self, rows: Sequence[str], total: str, **changed: Any) -> UUID:
        """A draft batch of a file; a row is its cells with commas."""
        content = "\n".join([",".join(ROSTER_HEADINGS), *rows])
        command = ImportBatch.model_validate({**self.header(rows, total, **changed), "content": content})
        return UUID((await self.county.run(command, town_clerk)).result["id"])

    async def import_answer(self, batch: UUID, rows: Sequence[str], instruction: int = 1) -> dict[str, Any]:
        """The bank's answer as a file."""
        content = "\n".join([",".join(RESULT_HEADINGS), *rows])
        command = ImportBankResult(batch_id=batch, instruction_no=instruction, content=content)
        return (await self.county.run(command, treasury)).result

    async def hang(self, batch: UUID) -> StepTaken:
        return await self.county.take(town_clerk, "household_batch", batch, "post_roster", "roster")

    async def approve(self, batch: UUID) -> None:
        """From the draft to the sector's approval, past its notice."""
        await self.hang(batch)
        await self.county.hang(town_clerk, batch)
        await self.county.take(sector_leader, "household_batch", batch, "approve")

    async def instruct(self, batch: UUID) -> None:
        """From the draft to the bank."""
        await self.approve(batch)
        await self.county.take(finance_reviewer, "household_batch", batch, "check_finance")
        await self.county.take(treasury, "household_batch", batch, "instruct")

    async def sent(self, *amounts: str, total: str) -> UUID:
        """A batch at the bank, one line for each amount."""
        batch = await self.make([line(seq, amount) for seq, amount in enumerate(amounts, 1)], total)
        await self.instruct(batch)
        return batch

    async def answer(
        self, batch: UUID, paid: Sequence[int] = (), failed: Sequence[int] = (), instruction: int = 1, key: str = ""
    ) -> dict[str, Any]:
        """The bank's answer: numbers of lines that were paid, and that failed."""
        on = self.works.today
        results = [
            {"seq": seq, "status": "paid", "bank_serial": f"ABC-{batch.hex[-8:]}-{seq}", "on": on} for seq in paid
        ]
        results += [{"seq": seq, "status": "failed", "fail_code": "name_mismatch", "on": on} for seq in failed]
        command = {"batch_id": batch, "instruction_no": instruction, "results": results}
        outcome = await self.county.run(ReceiveBankResult.model_validate(command), treasury, key=key)
        return outcome.result

    async def correct(self, batch: UUID, *numbers: int) -> None:
        for seq in numbers:
            command = CorrectLine(
                line_id=await self.line_id(batch, seq), card_number="6217000000000000002", bank_code="CCB"
            )
            await self.county.run(command, town_clerk)

    async def reissue(self, batch: UUID) -> None:
        """Both sides sign the second try."""
        for actor in (sector, finance_reviewer):
            await self.county.take(actor, "household_batch", batch, "reissue")

    async def line_id(self, batch: UUID, seq: int) -> UUID:
        (row,) = await self.county.look("SELECT id FROM household_line WHERE batch_id = $1 AND seq = $2", batch, seq)
        key: UUID = row["id"]
        return key

    async def outcomes(self, batch: UUID) -> list[str]:
        rows = await self.county.look("SELECT outcome FROM household_line WHERE batch_id = $1 ORDER BY seq", batch)
        return [row["outcome"] for row in rows]

    async def balances(self) -> tuple[int, int, int]:
        """Accounts 1400, 1610 and 1700 of the project, in fen."""
        project = {"project_id": self.works.project}
        return (
            await self.county.balance("1400", **project),
            await self.county.balance("1610", **project),
            await self.county.balance("1700", **project),
        )
