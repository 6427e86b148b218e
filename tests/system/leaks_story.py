"""Personal data through every door that takes it, good and bad, and what the answers were."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import httpx2
import orjson

from services.suite.demo import papers
from services.suite.people import COUNTY, VILLAGE
from shared.contracts.catalogue import encode, wrap
from shared.contracts.event import Event
from shared.contracts.funds_project import ProjectAccepted
from shared.contracts.samples import sample
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from tests.service.monitoring.people import SPENDING_HEADINGS, csv_file
from tests.system.kill_kit import Stubborn, Witness
from tests.system.leaks_canaries import STEMS, card, id_number, name, phone

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
TODAY = date(2023, 6, 1)

_INJECT = """
INSERT INTO outbox(id, topic, key, type, area_code, envelope, at) VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)"""


@dataclass
class Teller:
    """Sends requests and keeps every answer that is no success."""

    client: Stubborn
    witness: Witness
    problems: list[tuple[str, int, bytes]] = field(default_factory=list)
    _serial: "itertools.count[int]" = field(default_factory=itertools.count)

    async def bad(self, persona: str, method: str, path: str, **request: Any) -> httpx2.Response:
        """A request that is refused."""
        headers = await self.client.login(persona) | {"Idempotency-Key": f"bad-{next(self._serial)}"}
        answer = await self.client.http.request(method, path, headers=headers | request.pop("headers", {}), **request)
        assert answer.is_client_error, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        self.problems.append((f"{method} {path[:40]}", answer.status_code, answer.content))
        return answer


def member(n: int, **changed: Any) -> dict[str, Any]:
    """A member with every personal field."""
    stated = {"name": name(n), "id_number": id_number(n), "relation": "HEAD", "labour": "NORMAL", "phone": phone(n)}
    return stated | {"health": ["SERIOUS"]} | changed


def household(*members: Mapping[str, Any], **changed: Any) -> dict[str, Any]:
    return {"area_code": str(VILLAGE), "household_type": "ORDINARY", "members": list(members)} | changed


def line(n: int, **changed: Any) -> dict[str, Any]:
    """A line of a subsidy roster."""
    stated = {"seq": n + 1, "household_id": str(new_id()), "person_name": name(n), "id_number": id_number(n)}
    bank = {"card_number": card(n), "bank_code": "ICBC", "village": str(VILLAGE), "period": "2023-06"}
    return stated | bank | {"amount": "100.00", "basis": "名册"} | changed


def batch(project: str, number: str, *lines: Mapping[str, Any]) -> dict[str, Any]:
    header = {"area_code": str(COUNTY), "project_id": project, "number": number, "policy": "020101"}
    return header | {"line_count": len(lines), "total": f"{len(lines) * 100}.00", "lines": list(lines)}


async def in_monitoring(teller: Teller) -> str:
    """Households, clues and files; the id of the household that holds the canaries."""
    client = teller.client
    made = await client.post("village_committee", "/monitoring/v1/households", household(member(0)))
    own: str = made["household_id"]
    joining = {"member": member(1, relation="SPOUSE"), "joined_on": "2023-05-01"}
    await client.post("village_committee", f"/monitoring/v1/households/{own}/members", joining)
    clue = {"area_code": str(VILLAGE), "source": "CADRE", "item": "serious_illness", "event_on": "2023-05-02"}
    clue |= {"note": STEMS["note"]}
    await client.post("village_committee", "/monitoring/v1/clues", clue | {"household_id": own})
    await client.post("village_committee", "/monitoring/v1/clues", clue | {"id_number": id_number(2), "name": name(2)})
    await client.post("village_committee", "/monitoring/v1/clues", clue | {"born_on": "1937-02-11", "name": name(3)})
    await client.send(
        "sector_clerk",
        "/monitoring/v1/imports/department/medical_insurance/inpatient_self_paid",
        headers={"Content-Type": "text/csv"},
        params={"area_code": str(COUNTY)},
        content=csv_file(SPENDING_HEADINGS, map(spending, range(10)), "gb18030"),
    )
    await _refused_in_monitoring(teller, own)
    return own


def spending(n: int) -> dict[str, str]:
    """A row of the medical insurance's file; every third is broken."""
    number = id_number(n, flaw=n % 3 == 2)
    cells = (f"YB{n:04d}", name(n), number, str(VILLAGE), "2023-05-03", "98765.43")
    return dict(zip(SPENDING_HEADINGS, cells, strict=True))


async def _refused_in_monitoring(teller: Teller, own: str) -> None:
    path = "/monitoring/v1/households"
    wrong: list[Mapping[str, Any]] = [
        household(member(4, id_number=id_number(4, flaw=True))),
        household(member(0)),
        household(member(4, name=name(4) + "9")),
        household(member(4, relation=name(4))),
        household(member(4, labour=name(4))),
        household(member(4, health=[STEMS["note"]])),
        household(member(4, id_number=id_number(4) * 9)),
        household(member(4, shares_budget=id_number(4))),
        household(member(4), members=name(4)),
        household(member(4), overlays=[phone(4)]),
        household(member(4), area_code=id_number(4)),
        household(member(4), household_no=phone(4) + "\0"),
    ]
    for body in wrong:
        await teller.bad("village_committee", "POST", path, json=body)
    garbage = orjson.dumps(household(member(4)))[:-4]
    await teller.bad("village_committee", "POST", path, content=garbage, headers={"Content-Type": "application/json"})
    await teller.bad("village_committee", "POST", f"{path}/search", json={"id_number": id_number(5)})
    await teller.bad("village_committee", "POST", f"{path}/search", json={"id_number": id_number(5)[:-2]})
    await teller.bad("village_committee", "GET", path, params={"area_code": id_number(5)})
    await teller.bad("village_committee", "GET", f"{path}/{id_number(5)}")
    await teller.bad("village_committee", "GET", f"/monitoring/v1/{name(5)}")
    await teller.bad("neighbour", "POST", f"{path}/{own}/reveal", json={"purpose": "visit"})
    await teller.bad("neighbour", "POST", path, json=household(member(5)))
    clue = {"area_code": str(VILLAGE), "source": "CADRE", "item": STEMS["note"], "event_on": "2023-05-02"}
    await teller.bad("village_committee", "POST", "/monitoring/v1/clues", json=clue | {"name": name(5)})
    await teller.bad("village_committee", "POST", "/monitoring/v1/clues", json=clue | {"amount": phone(5)})
    await teller.bad(
        "sector_clerk",
        "POST",
        "/monitoring/v1/imports/department/medical_insurance/inpatient_self_paid",
        headers={"Content-Type": "text/csv"},
        params={"area_code": str(COUNTY)},
        content=csv_file([name(5), *SPENDING_HEADINGS[1:]], []),
    )


async def in_funds(teller: Teller) -> None:
    """A payee's account, and a roster with names, numbers and cards."""
    client = teller.client
    payee = {"area_code": str(COUNTY), "name": "守望建设有限公司", "kind": "company", "bank_name": "工商银行"}
    payee |= {"credit_code": "91230606MA1B2C3D4E", "account": STEMS["account"] + "0001"}
    made = await client.post("finance_clerk", "/funds/v1/payees", payee)
    changed = {"bank_name": "农业银行", "account": STEMS["account"] + "0002"}
    await client.post("finance_clerk", f"/funds/v1/payees/{made['id']}/account", changed)
    wage = next(project for project in papers.listed() if project.name == "就业务工补贴")
    entry = {"area_code": str(COUNTY), "content": papers.entry(wage, [("central", wage.amount)])}
    project = (await client.post("sector_clerk", "/funds/v1/projects", entry))["id"]
    await client.post("sector_clerk", "/funds/v1/household-batches", batch(project, "B1", *map(line, range(6))))
    wrong_account = payee | {"account": STEMS["account"] + "X"}
    await teller.bad("finance_clerk", "POST", "/funds/v1/payees", json=wrong_account)
    wrong: list[Mapping[str, Any]] = [
        batch(project, "B2", line(6, id_number=id_number(6, flaw=True))),
        batch(project, "B2", line(6, card_number=card(6) + "X")),
        batch(project, "B2", line(6, village=card(6))),
        batch(project, "B2", line(6, amount=name(6))),
        batch(project, "B2", line(6), line(6)),
        batch(name(6), "B2", line(6)),
    ]
    for body in wrong:
        await teller.bad("sector_clerk", "POST", "/funds/v1/household-batches", json=body)


async def in_assets(teller: Teller) -> None:
    """An asset's custodian with name and phone; the asset comes of an event, as from funds."""
    accepted = sample(ProjectAccepted)
    draft = {"line": 1, "label": "冷库", "asset_class": "operating", "form": "fixed", "quantity": "1", "unit": "座"}
    draft |= {"direct_cost": "1000.00", "village": str(VILLAGE)}
    owner = {"owner_kind": "village_collective", "owner_area": str(VILLAGE), "share_ppm": 1_000_000}
    event = ProjectAccepted.model_validate(
        accepted.model_dump(mode="json")
        | {"area_code": str(VILLAGE), "project_id": str(new_id()), "asset_list_draft": [draft], "owners": [owner]}
        | {"asset_forming": True, "asset_class": "operating", "accepted_on": date(2023, 5, 1).isoformat()},
    )
    await _publish(teller.witness, event)
    asset = await _asset_of(teller, event.project_id)
    agreement = await teller.client.send(
        "village_collective",
        "/assets/v1/evidence",
        headers={"Content-Type": "image/png"},
        params={"area_code": str(VILLAGE), "kind": "custody_agreement", "taken_on": TODAY.isoformat()},
        content=PNG,
    )
    custody = {
        "custody_kind": "village",
        "body": "村委会",
        "person": name(7),
        "phone": phone(7),
        "money_source": "村集体",
    }
    case = f"assets/v1/custodies/{asset}"
    await teller.client.step("village_collective", case, "assign", custody | {"evidence": [agreement["id"]]})
    wrong = [custody | {"phone": phone(7) * 9}, custody | {"custody_kind": name(7)}, custody | {name(7): phone(7)}]
    for body in wrong:
        await teller.bad("village_collective", "POST", f"/{case}/assign", json=body, headers={"If-Match": '"2"'})


async def _publish(witness: Witness, event: Event) -> None:
    """As if funds had said it."""
    event_id, now = new_id(), SystemClock().now()
    envelope = wrap(event, id=event_id, time=now, sequence=0, correlation=event_id, causation=event_id)
    values = (event_id, event.TOPIC, event.key, envelope.type, int(event.area_code), encode(envelope).decode(), now)
    await witness.fetch("funds", _INJECT, *values)


async def _asset_of(teller: Teller, project: UUID) -> str:
    headers = await teller.client.login("auditor")
    async with asyncio.timeout(20):
        while True:
            found = await teller.client.http.get(
                "/assets/v1/assets", params={"project_id": str(project)}, headers=headers
            )
            if items := found.json()["items"]:
                asset: str = items[0]["id"]
                return asset
            await asyncio.sleep(0.05)
