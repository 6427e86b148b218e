"""Rows planted where a rule looks, inside a transaction that is rolled back: the smallest story for one finding."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.funds.service import SERVICE
from shared.checks.policy import Policy
from shared.checks.run import explain, run_check
from shared.kernel.actors import SYSTEM
from shared.kernel.days import Calendar
from shared.kernel.ids import new_id
from tests.service.funds.county import COUNTY, FUND, VILLAGE, entry

HOME, FIELD = int(COUNTY), int(VILLAGE)
CHECKS = {check.id.removeprefix("funds-"): check for check in SERVICE.checks}
NOBODY = UUID(int=0)

_FOUND = "SELECT subject_key, severity, facts FROM finding WHERE check_id = $1 AND closed_at IS NULL"


def yuan(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)


@dataclass(frozen=True)
class Ground:
    """A county without a story; amounts are given in yuan."""

    raw: asyncpg.Connection
    calendar: Calendar

    async def found(self, rule: str, on: str) -> dict[str, str]:
        """What the check of `rule` finds on a day, by subject: how bad it is; and that it says the same of each alone."""
        check = CHECKS[rule]
        noon = datetime.combine(date.fromisoformat(on), datetime.min.time(), UTC).replace(hour=4)
        policy = Policy(SERVICE.declared_parameters, self.calendar)
        await run_check(self.raw, check, now=noon, policy=policy)
        rows = await self.raw.fetch(_FOUND, check.id)
        for row in rows:  # what is found of all is told of each
            told = await explain(self.raw, check, row["subject_key"], now=noon, policy=policy)
            assert [each.severity or check.severity for each in told] == [row["severity"]], row["subject_key"]
        return {row["subject_key"]: row["severity"] for row in rows}

    async def put(self, table: str, **values: Any) -> None:
        """Insert one row; dictionaries and lists of them become JSON."""
        given = [_stored(value) for value in values.values()]
        places = ", ".join(f"${n}" for n in range(1, len(given) + 1))
        sql = f"INSERT INTO {table}({', '.join(values)}) VALUES ({places})"  # noqa: S608  names of this test
        await self.raw.execute(sql, *given)

    async def adopt(self, name: str, value: str, since: str = "2020-01-01", area: int = HOME) -> None:
        await self.put(
            "parameter_value",
            name=name,
            area_code=area,
            effective_from=date.fromisoformat(since),
            value=value,
            document="县文件",
            proposed_by=SYSTEM.id,
            adopted_by=SYSTEM.id,
        )

    async def case(self, workflow: str, subject: UUID, state: str, since: str = "2023-01-05", area: int = HOME) -> UUID:
        case_id = new_id()
        day = date.fromisoformat(since)
        await self.put(
            "case_file",
            id=case_id,
            workflow=f"funds.{workflow}",
            workflow_version=1,
            subject_id=subject,
            area_code=area,
            state=state,
            round=1,
            marks={},
            version=1,
            started_on=day,
            entered_at=datetime.combine(day, datetime.min.time(), UTC).replace(hour=4),
            is_open=True,
        )
        return case_id

    async def balance(self, account: str, amount: str, **where: Any) -> None:
        """A balance on the ledger as it would stand after its postings."""
        where = {"indicator_id": NOBODY, "fiscal_year": 2023, "area_code": HOME} | where
        await self.put("ledger_balance", account=account, amount_fen=yuan(amount), **where)

    async def indicator(self, accounts: Mapping[str, str], state: str = "CONFIRMED", **changed: Any) -> UUID:
        """An indicator of 2023 with these balances, received on 1 March."""
        indicator_id = new_id()
        fields: dict[str, Any] = {
            "area_code": HOME,
            "issuer": "省财政厅",
            "document_no": str(indicator_id),
            "line_no": 1,
            "title": "衔接资金",
            "issued_on": date(2022, 12, 20),
            "received_on": date(2023, 3, 1),
            "fiscal_year": 2023,
            "level": "central",
            "category": FUND,
            "functional_class": "2130505",
            "is_advance_notice": False,
            "is_direct_fund": False,
            "purpose": "",
            "supervision_code": "",
            "amount_fen": 1,
        } | changed
        await self.put("indicator", id=indicator_id, **fields)
        await self.case("indicator", indicator_id, state)
        for account, amount in accounts.items():
            await self.balance(account, amount, indicator_id=indicator_id, fiscal_year=fields["fiscal_year"])
        return indicator_id

    async def project(
        self, state: str, accounts: Mapping[str, str] | None = None, since: str = "2023-01-05", **changed: Any
    ) -> UUID:
        """A project of 2023 in a state, with these balances; `content` changes its entry."""
        project_id = new_id()
        content = entry(**changed.pop("content", {}))
        fields: dict[str, Any] = {
            "area_code": FIELD,
            "plan_year": 2023,
            "name": content["name"],
            "category": content["category"],
            "planned_total_fen": 1,
            "is_industry": False,
            "is_household_project": False,
            "asset_forming": False,
            "content_key": "key",
            "version_no": 1,
        } | changed
        await self.put("project", id=project_id, **fields)
        version = {"changed": [], "reason": "", "changed_by": NOBODY, "changed_at": datetime(2023, 1, 1, tzinfo=UTC)}
        await self.put(
            "project_version",
            project_id=project_id,
            version_no=1,
            content=content,
            area_code=fields["area_code"],
            **version,
        )
        await self.case("project", project_id, state, since, fields["area_code"])
        for account, amount in (accounts or {}).items():
            await self.balance(account, amount, project_id=project_id, area_code=fields["area_code"])
        return project_id

    async def allocated(self, project: UUID, on: str, amount: str = "1.00", indicator: UUID = NOBODY) -> None:
        """A posted allocation to a project."""
        allocation_id = new_id()
        posted = date.fromisoformat(on)
        await self.put("allocation", id=allocation_id, area_code=HOME, year=posted.year, title="分配", posted_on=posted)
        await self.put(
            "allocation_line",
            allocation_id=allocation_id,
            line_no=1,
            project_id=project,
            indicator_id=indicator,
            amount_fen=yuan(amount),
            area_code=HOME,
        )

    async def accepted(self, project: UUID, on: str) -> None:
        """A passed acceptance of a project."""
        await self.put(
            "acceptance",
            id=new_id(),
            project_id=project,
            seq=1,
            case_version=1,
            accepted_on=date.fromisoformat(on),
            passed=True,
            members="[]",
            deliverables="[]",
            provisional_value_fen=0,
            recorded_by=NOBODY,
            recorded_at=datetime(2023, 1, 1, tzinfo=UTC),
            area_code=FIELD,
        )

    async def posted(self, account: str, amount: str, on: str, template: str, **where: Any) -> None:
        """An entry of one line and its counterpart."""
        entry_id, indicator = new_id(), new_id()
        await self.put(
            "ledger_entry",
            id=entry_id,
            template=template,
            document=str(entry_id),
            at=datetime(2023, 1, 1, tzinfo=UTC),
            on_day=date.fromisoformat(on),
            line_count=2,
            command_id=new_id(),
            area_code=HOME,
        )
        sql = """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, project_id, fiscal_year, signed_fen,
                 area_code) VALUES ($1, 1, $2, $3, $4, 2023, $5, $6), ($1, 2, '1400', $3, NULL, 2023, -$5::bigint, $6)"""
        await self.raw.execute(sql, entry_id, account, indicator, where.get("project_id"), yuan(amount), HOME)


def _stored(value: Any) -> Any:
    return orjson.dumps(value, default=str).decode() if isinstance(value, dict | list) and _is_json(value) else value


def _is_json(value: Any) -> bool:
    return isinstance(value, dict) or any(isinstance(each, dict) for each in value)
