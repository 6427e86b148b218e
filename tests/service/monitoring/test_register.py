"""The register: households by file and by hand, sealed, behind the wall between areas; DQ-ID-01…09, A37."""

import pytest

from services.monitoring.commands.households import RegisterHousehold, RevealHousehold
from services.monitoring.commands.members import AddMember, RemoveMember
from services.monitoring.queries.households import household as shown
from services.monitoring.queries.households import households, person, revealed
from shared.db.paging import Cursors, PageRequest
from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode
from shared.kernel.errors import NotFound
from shared.testing.services import Bench
from tests.service.monitoring.people import (
    COUNTY,
    FOREIGN_VILLAGE,
    NEXT_VILLAGE,
    TOWN,
    VILLAGE,
    bureau,
    clerk,
    committee,
    foreign,
    member,
    name,
    neighbour,
    number,
    registered,
)
from tests.service.monitoring.verbs import events, fetch, household, one, refusal, refused, register_file

pytestmark = pytest.mark.asyncio


async def test_a_corrected_file_adds_what_was_refused_and_nothing_twice(monitoring: Bench) -> None:
    rows = [registered(1, 1), registered(2, 1, "配偶"), registered(3, 2), registered(4, 2, "之子")]
    wrong = [dict(row) for row in rows]
    wrong[2]["证件号码"] = number(3)[:17] + ("1" if number(3)[17] != "1" else "2")
    first = await register_file(monitoring, wrong)
    assert (first.taken, first.refused) == (3, 1)
    assert [(row.row, row.field, row.rule) for row in first.refusals] == [(4, "id_number", "DQ-ID-03")]
    second = await register_file(monitoring, rows)
    assert (second.taken, second.unchanged, second.refused) == (4, 3, 0)
    assert await one(monitoring, "SELECT count(*) FROM household") == 2
    assert await one(monitoring, "SELECT count(*) FROM household_member WHERE relation = 'HEAD'") == 2


async def test_what_only_the_whole_register_shows_is_refused_row_by_row(monitoring: Bench) -> None:
    await register_file(monitoring, [registered(1, 1)])
    await household(monitoring, member(9), area=FOREIGN_VILLAGE, actor=foreign)
    rows = [
        registered(2, 1),  # a second head of a known household
        registered(3, 2),
        registered(4, 2),  # a second head in the file
        registered(1, 3),  # active in household 1
        registered(3, 4, "之子"),  # twice in the file
        registered(5, 2, "之子", 行政区划代码=NEXT_VILLAGE),
        registered(6, 5, 行政区划代码=FOREIGN_VILLAGE),
        registered(9, 6),  # active in another county, which this actor does not see
        registered(7, 7),
    ]
    report = await register_file(monitoring, rows)
    assert [(row.row, row.code) for row in report.refusals] == [
        (2, "HEAD_TWICE"),
        (4, "HEAD_TWICE"),
        (5, "ID_ACTIVE_ELSEWHERE"),
        (6, "ID_TWICE"),
        (7, "AREA_DIFFERS"),
        (8, "AREA_OUTSIDE"),
        (9, "ID_ACTIVE_ELSEWHERE"),
    ]
    assert (report.taken, report.refused, report.status) == (2, 7, "DONE")
    heads = await fetch(monitoring, "SELECT household_no FROM household WHERE area_code = $1 ORDER BY 1", int(VILLAGE))
    assert [row[0] for row in heads] == ["H00001", "H00002", "H00007"]


async def test_a_register_is_seen_masked_and_in_the_clear_only_after_the_look_is_noted(monitoring: Bench) -> None:
    child = {
        "name": "欧阳小明",
        "id_number": "230606201503070013",
        "relation": "SON",
        "labour": "NONE",
        "health": ["CHRONIC"],
    }
    child["id_number"] = _with_check_digit("23060620150307001")
    made = await household(monitoring, {**member(1), "phone": "13800001234"}, child)
    ring = monitoring.assembled.pipeline.resources.keys
    today = monitoring.clock.now().date()
    async with monitoring.database.read(committee) as session:
        seen = await shown(session, ring, made.household_id, today)
    assert [(each.name, each.phone) for each in seen.members] == [(name(1), "138****1234"), ("欧阳某", "")]
    assert seen.members[0].id_number == number(1)[:6] + "*" * 10 + number(1)[-2:]
    await monitoring.run(RevealHousehold(household_id=made.household_id, purpose="visit"), committee)
    (row,) = await fetch(monitoring, "SELECT command, actor, subjects::text FROM journal ORDER BY seq DESC LIMIT 1")
    assert (row["command"], row["actor"]) == ("RevealHousehold.visit", committee.id)
    assert str(made.household_id) in row["subjects"]
    async with monitoring.database.read(committee) as session:
        opened = await revealed(session, ring, made.household_id)
    assert [each.id_number for each in opened.members] == [number(1), child["id_number"]]
    assert opened.members[1].health == ("CHRONIC",)


def _with_check_digit(digits: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11]


async def test_other_villages_see_neither_household_nor_person_and_may_not_look(monitoring: Bench) -> None:
    made = await household(monitoring, member(1))
    ring = monitoring.assembled.pipeline.resources.keys
    page = PageRequest(Cursors.of(ring))
    for stranger in (neighbour, foreign):
        async with monitoring.database.read(stranger) as session:
            assert isinstance(
                await refusal(shown(session, ring, made.household_id, monitoring.clock.now().date())), NotFound
            )
            assert isinstance(await refusal(person(session, ring, number(1))), NotFound)
            assert (await households(session, ring, page, AreaCode.parse(COUNTY))).items == []
        look = RevealHousehold(household_id=made.household_id, purpose="visit")
        assert (await refused(monitoring, look, stranger))[0] == "NOT_FOUND"
    async with monitoring.database.read(clerk) as session:
        assert (await person(session, ring, f" {number(1).lower()}")).household_id == made.household_id
        (listed,) = (await households(session, ring, page, AreaCode.parse(TOWN))).items
    assert (listed.head_name, listed.persons, str(listed.area_code)) == (name(1), 1, VILLAGE)


async def test_lists_are_paged_by_key(monitoring: Bench) -> None:
    await register_file(monitoring, [registered(serial, serial) for serial in range(7)])
    ring = monitoring.assembled.pipeline.resources.keys
    seen: list[object] = []
    cursor = None
    async with monitoring.database.read(bureau) as session:
        for _ in range(3):
            request = PageRequest(Cursors.of(ring), 3, cursor)
            page = await households(session, ring, request, AreaCode.parse(COUNTY), "ORDINARY")
            seen += [item.id for item in page.items]
            cursor = page.next_cursor
    assert (len(seen), len(set(seen)), cursor) == (7, 7, None)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        pytest.param(
            [member(1) | {"id_number": "110105194912310021"}],
            ("ID_CHECK_DIGIT", "DQ-ID-03", "/members/0/id_number"),
            id="A37",
        ),
        pytest.param([member(1, "SON")], ("HEAD_MISSING", "DQ-ID-08", "/members"), id="no-head"),
        pytest.param([member(1), member(2)], ("HEAD_TWICE", "DQ-ID-09", "/members/1/relation"), id="two-heads"),
        pytest.param([member(1), member(1, "SON")], ("ID_TWICE", "DQ-ID-01", "/members/1/id_number"), id="twice"),
        pytest.param([member(1, "NEIGHBOUR")], ("RELATION_UNKNOWN", "DQ-ID-10", "/members/0/relation"), id="relation"),
    ],
)
async def test_wrong_members_are_clear_problems(
    monitoring: Bench,
    members: list[dict[str, object]],
    told: tuple[str, str, str],
) -> None:
    command = RegisterHousehold.model_validate({"area_code": VILLAGE, "household_type": "ORDINARY", "members": members})
    assert await refused(monitoring, command, committee) == told
    assert await one(monitoring, "SELECT count(*) FROM household") == 0


async def test_a37_the_valid_number_is_registered(monitoring: Bench) -> None:
    made = await household(monitoring, member(1) | {"id_number": "11010519491231002X"})
    assert len(made.member_ids) == 1


async def test_a_missing_number_is_a_warning(monitoring: Bench) -> None:
    command = RegisterHousehold.model_validate(
        {
            "area_code": VILLAGE,
            "household_type": "ORDINARY",
            "members": [member(1), member(2, "SON") | {"id_number": ""}],
        }
    )
    outcome = await monitoring.run(command, committee)
    assert [(warning["code"], warning["field"]) for warning in outcome.warnings] == [
        ("ID_MISSING", "/members/1/id_number")
    ]


async def test_dq_id_01_a_person_is_active_in_one_household_only(monitoring: Bench) -> None:
    await household(monitoring, member(1))
    command = RegisterHousehold.model_validate(
        {"area_code": NEXT_VILLAGE, "household_type": "ORDINARY", "members": [member(2), member(1, "SON")]}
    )
    assert await refused(monitoring, command, neighbour) == ("ID_ACTIVE_ELSEWHERE", "DQ-ID-01", "/members/1/id_number")
    assert await one(monitoring, "SELECT count(*) FROM household") == 1


@pytest.mark.parametrize(
    ("area", "code"), [(TOWN, "AREA_NOT_VILLAGE"), ("230606008999", "AREA_UNKNOWN"), (FOREIGN_VILLAGE, "NOT_FOUND")]
)
async def test_a_household_belongs_to_a_village_of_the_registrar(monitoring: Bench, area: str, code: str) -> None:
    command = RegisterHousehold.model_validate(
        {"area_code": area, "household_type": "ORDINARY", "members": [member(1)]}
    )
    assert (await refused(monitoring, command, clerk))[0] == code


async def test_a_household_number_is_registered_once_in_a_county(monitoring: Bench) -> None:
    body = {"area_code": VILLAGE, "household_type": "ORDINARY", "household_no": "H1"}
    await monitoring.run(RegisterHousehold.model_validate(body | {"members": [member(1)]}), committee)
    again = RegisterHousehold.model_validate(body | {"members": [member(2)]})
    assert (await refused(monitoring, again, committee))[0] == "HOUSEHOLD_NO_TAKEN"
    elsewhere = body | {"area_code": FOREIGN_VILLAGE, "members": [member(3)]}
    await monitoring.run(RegisterHousehold.model_validate(elsewhere), foreign)


async def test_6_5_members_come_and_go_and_the_head_is_handed_over(monitoring: Bench) -> None:
    made = await household(monitoring, member(1), member(2, "SPOUSE"))
    joining = {"household_id": made.household_id, "member": member(3, "SON"), "joined_on": "2024-05-01"}
    await monitoring.run(AddMember.model_validate(joining), committee)
    second_head = AddMember.model_validate(joining | {"member": member(4)})
    assert await refused(monitoring, second_head, committee) == ("HEAD_TWICE", "DQ-ID-09", "/member/relation")
    leaving = {"member_id": made.member_ids[0], "reason": "DEATH", "left_on": "2024-05-03"}
    assert (await refused(monitoring, RemoveMember.model_validate(leaving), committee))[0] == "NEW_HEAD_NEEDED"
    await monitoring.run(RemoveMember.model_validate(leaving | {"new_head_id": made.member_ids[1]}), committee)
    assert (await refused(monitoring, RemoveMember.model_validate(leaving), committee))[0] == "MEMBER_NOT_ACTIVE"
    heads = await fetch(monitoring, "SELECT id FROM household_member WHERE relation = 'HEAD' AND left_on IS NULL")
    assert [row["id"] for row in heads] == [made.member_ids[1]]


async def test_6_5_with_the_last_member_the_household_is_closed(monitoring: Bench) -> None:
    made = await household(monitoring, member(1))
    leaving = {"member_id": made.member_ids[0], "reason": "DEATH", "left_on": "2024-05-03"}
    outcome = await monitoring.run(RemoveMember.model_validate(leaving), committee)
    assert outcome.result["closed"] is True
    (closed,) = await events(monitoring, "monitoring.household.closed")
    assert (closed["household_id"], closed["reason"]) == (str(made.household_id), "DECEASED")
    joining = {"household_id": made.household_id, "member": member(2), "joined_on": "2024-05-04"}
    assert (await refused(monitoring, AddMember.model_validate(joining), committee))[0] == "HOUSEHOLD_CLOSED"
    again = await household(monitoring, member(1) | {"relation": "HEAD"})
    assert again.household_id != made.household_id


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT id FROM household_member WHERE id_number_index = '\\x00' AND left_on IS NULL",
            "household_member_person",
        ),
        ("SELECT id FROM household WHERE household_no = 'H1'", "household_no_once"),
        ("SELECT record_no FROM spending_entry WHERE person_key = 0 AND item = 1", "spending_entry_person"),
        ("SELECT id FROM clue WHERE subject_key = '\\x00' AND item = 'x' AND period = 'y'", "clue_once"),
        (
            "SELECT id FROM clue WHERE area_code BETWEEN 1 AND 2 AND disposition IS NULL ORDER BY area_code, due_on, id",
            "clue_worklist",
        ),
    ],
)
async def test_the_wall_between_areas_leaves_the_indexes_usable(monitoring: Bench, query: str, index: str) -> None:
    async with monitoring.database.read(bureau) as session:
        await session.raw.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = await session.raw.fetch(f"EXPLAIN {query}")
    told = "\n".join(row[0] for row in plan)
    assert f"using {index} " in told
    assert "Index Cond" in told


async def test_personal_fields_are_sealed_for_their_own_row(monitoring: Bench) -> None:
    await household(monitoring, member(1) | {"phone": "13800001234"})
    async with monitoring.database.read(SYSTEM) as session:
        row = await session.raw.fetchrow("SELECT to_jsonb(m)::text AS told FROM household_member m")
    assert row is not None
    for secret in (number(1), name(1), "13800001234"):
        assert secret not in row["told"]
        assert secret.encode().hex() not in row["told"]
