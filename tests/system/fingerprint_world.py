"""A small piece of business in two databases, told with any ids, at any time and in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from shared.kernel.ids import derived_id
from tests.system.walls_rows import filling, put

Line = tuple[str, str, int, Mapping[str, str]]
"""Service, table, number of the row, and values of its columns."""


@dataclass(frozen=True, slots=True)
class World:
    """One telling: its ids come from `seed`."""

    seed: UUID
    moment: str

    def __getitem__(self, name: str) -> str:
        """The id of what is called `name`, as SQL."""
        return f"'{derived_id(self.seed, name)}'"

    async def tell(self, admins: Mapping[str, asyncpg.Connection], order: int) -> None:
        """Write everything; rows come in `order` 1 or backwards with -1."""
        for service, table, number, given in (*self._work(1), *self._work(2), *self._papers(), *self._elsewhere())[
            ::order
        ]:
            await put(admins[service], await filling(admins[service], table, number, given))

    def _work(self, number: int) -> Sequence[Line]:
        """A project, its contract with a payee, a payment with its case and its entry."""
        here = {name: self[f"{name}{number}"] for name in ("project", "payee", "contract", "payment", "case", "entry")}
        project, payee, contract, payment, case, entry = here.values()
        parties = {"project_id": project, "payee_id": payee}
        documents = f"ARRAY[{', '.join(sorted((self['paper1'], self['paper2'])))}]::uuid[]"
        paid = {"contract_id": contract, "cash_fen": "7", "reference": f"'DT-{number}'", "documents": documents}
        step = {"case_id": case, "actor": self["clerk"], "at": self.moment}
        return [
            ("funds", "project", number, {"id": project}),
            ("funds", "payee", number, {"id": payee, "account_sealed": f"decode('{self.seed.hex}', 'hex')"}),
            ("funds", "contract", number, {"id": contract, **parties}),
            ("funds", "payment", number, {"id": payment, **parties, **paid}),
            (
                "funds",
                "case_file",
                1,
                {"id": case, "subject_id": payment, "state": "'PAID'", "entered_at": self.moment},
            ),
            ("funds", "case_step", 1, step),
            ("funds", "case_step", 2, step),
            ("funds", "ledger_entry", 1, {"id": entry, "document": f"'payment:' || {payment} || ':1'"}),
            ("assets", "ref_project", 1, {"project_id": project}),
        ]

    def _papers(self) -> Sequence[Line]:
        """Things without a key of their own, and what the machine writes about all of them."""
        both = sorted((self["payment1"], self["payment2"]))
        subjects = f"jsonb_build_array({', '.join(f'''jsonb_build_object('id', {each})''' for each in both)})"
        envelope = (
            f"jsonb_build_object('id', {self['event']}::text, 'time', {self.moment},"
            f" 'data', jsonb_build_object('project_id', {self['project1']}::text, 'amount', '7.00'))"
        )
        lines: list[Line] = [
            ("funds", "outbox", 1, {"id": self["event"], "key": self["project1"], "envelope": envelope}),
            ("funds", "journal", 1, {"id": self["command"], "correlation": self["cause"], "subjects": subjects}),
        ]
        for number in (1, 2):
            allocation = self[f"allocation{number}"]
            line = {
                "allocation_id": allocation,
                "indicator_id": self["indicator"],
                "project_id": self[f"project{number}"],
            }
            lines += [
                ("funds", "allocation", 1, {"id": allocation}),
                ("funds", "allocation_line", number, line),
                ("funds", "case_evidence", 1, {"id": self[f"paper{number}"], "uploaded_by": self["clerk"]}),
            ]
        return lines

    def _elsewhere(self) -> Sequence[Line]:
        return [("assets", "asset", 1, {"id": self["asset"], "project_id": self["project1"]})]
