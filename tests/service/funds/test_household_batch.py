"""Household batches on real PostgreSQL, scenario by scenario (domain-funds-assets §9, 45–52)."""

import asyncio

import pytest

from services.funds.bulk.household_files import ROSTER_HEADINGS
from services.funds.commands.recoveries import EndRecipient, OpenRecovery, ReceiveRecovery
from services.funds.commands.refunds import ReleaseRefund
from services.funds.commands.subsidies import CreateBatch, ImportBatch, RemoveLine
from services.funds.commands.subsidy_results import ImportBankResult
from services.funds.domain.postings import BOOK
from services.funds.reactions import REACTIONS
from shared.contracts.monitoring import HouseholdClosed
from shared.kernel.actors import SYSTEM
from shared.kernel.errors import Forbidden, Invalid, NotFound
from shared.kernel.roles import Role
from shared.ledger.balances import balances_as_of
from shared.testing.services import person
from tests.service.funds.county import (
    ELSEWHERE,
    TOWN,
    VILLAGE,
    bureau_head,
    finance_leader,
    finance_reviewer,
    sector,
    town_clerk,
)
from tests.service.funds.households import Households, household, id_number, line
from tests.service.funds.works import refused, rules, treasury

pytestmark = pytest.mark.asyncio

THREE = ("1500.00", "1500.00", "800.00")


async def test_45_the_header_is_the_sum_of_its_lines(households: Households) -> None:
    lines = [line(seq, amount) for seq, amount in enumerate(THREE, 1)]
    problem = await refused(households.make(lines, "3800.01"))
    assert (problem.code, problem.violations[0].facts["lines"]) == ("HEADER_MISMATCH", "3800.00")
    assert await households.county.look("SELECT id FROM household_line") == []
    await households.make(lines, "3800.00")


async def test_46_47_a_failed_line_is_corrected_and_paid_the_second_time(households: Households) -> None:
    county = households.county
    batch = await households.sent(*THREE, total="3800.00")
    assert await households.balances() == (380_000, 0, 0)
    assert await county.state(households.works.project) == "IMPLEMENTING"

    taken = await households.answer(batch, paid=[1, 3], failed=[2])
    assert (taken["state"], taken["paid"], taken["failed"]) == ("PARTIALLY_DONE", 2, 1)
    assert await households.balances() == (0, 230_000, 150_000)
    paid = await county.events("funds.household_subsidy.disbursed")
    assert [(each["household_id"], each["amount"], each["income_kind"]) for each in paid] == [
        (str(household(1)), "1500.00", "transfer"),
        (str(household(3)), "800.00", "transfer"),
    ]
    (failed,) = await county.events("funds.household_subsidy.failed")
    assert (failed["household_id"], failed["reason"]) == (str(household(2)), "name_mismatch")
    await households.works.all_is_well()

    assert (await refused(households.reissue(batch))).code == "NOTHING_CORRECTED"
    await households.correct(batch, 2)
    await households.reissue(batch)
    assert await households.balances() == (150_000, 230_000, 0)
    await households.works.all_is_well()
    assert (await households.answer(batch, paid=[2], instruction=2))["state"] == "DONE"
    assert await households.balances() == (0, 380_000, 0)
    (row,) = await county.look("SELECT tries FROM household_line WHERE batch_id = $1 AND seq = 2", batch)
    assert row["tries"] == 2
    assert (await county.take(finance_reviewer, "household_batch", batch, "close")).state == "CLOSED"
    await households.works.all_is_well()


async def test_each_line_knows_its_document_and_each_document_its_fen(households: Households) -> None:
    """Sources are used up in order: the parts make the line, and the lines make what the source gave."""
    batch = await households.sent(*THREE, total="3800.00")
    rows = await households.county.look(
        "SELECT line.seq, source.indicator_id, source.amount_fen FROM household_line_source AS source"
        " JOIN household_line AS line ON line.id = line_id WHERE batch_id = $1 ORDER BY seq, amount_fen DESC",
        batch,
    )
    central, own = households.works.central, households.works.own
    parts = {(row["seq"], row["indicator_id"]): row["amount_fen"] for row in rows}
    by_source = {source: sum(fen for (_, one), fen in parts.items() if one == source) for source in (central, own)}
    assert by_source == {central: 237_500, own: 142_500}
    assert [sum(fen for (seq, _), fen in parts.items() if seq == number) for number in (1, 2, 3)] == [
        150_000,
        150_000,
        80_000,
    ]
    assert len(parts) == 4


async def test_48_the_same_person_policy_and_period_is_paid_once_in_any_township(households: Households) -> None:
    first = await households.make([line(1, "1500.00")], "1500.00")
    await households.hang(first)
    again = await households.make([line(1, "1500.00", household_id=household(99))], "1500.00")
    problem = await refused(households.hang(again))
    assert (problem.code, rules(problem), problem.violations[0].facts["lines"]) == ("SUBSIDY_TWICE", ["FW17"], [1])
    june = await households.make([line(1, "1500.00", period="2023-06")], "1500.00")
    await households.hang(june)
    twice = await households.make([line(5, "1.00"), line(6, "1.00", id_number=id_number(5))], "2.00")
    assert (await refused(households.hang(twice))).violations[0].facts["lines"] == [5, 6]


async def test_48_two_townships_at_once_hang_one_of_two_rosters(households: Households) -> None:
    batches = [
        await households.make([line(1, "1500.00", household_id=household(number))], "1500.00") for number in (1, 2)
    ]
    outcomes = await asyncio.gather(*(households.hang(each) for each in batches), return_exceptions=True)
    assert sorted(getattr(each, "code", "hung") for each in outcomes) == ["SUBSIDY_TWICE", "hung"]


async def test_a_roster_that_was_sent_back_gives_its_persons_free(households: Households) -> None:
    first = await households.make([line(1, "1500.00")], "1500.00")
    await households.hang(first)
    await households.county.take(sector, "household_batch", first, "send_back", reason="金额有误")
    second = await households.make([line(1, "1600.00")], "1600.00")
    await households.hang(second)


async def test_49_who_died_in_may_is_paid_for_may_and_not_for_june(households: Households) -> None:
    end = EndRecipient(area_code=TOWN, subject_id=household(1), ended_on="2023-05-20", reason="deceased")
    await households.county.run(end, town_clerk)
    await households.hang(await households.make([line(1, "1500.00")], "1500.00"))
    lines = [line(1, "1500.00", period="2023-06"), line(2, "1500.00", period="2023-06")]
    june = await households.make(lines, "3000.00")
    problem = await refused(households.hang(june))
    assert (problem.code, problem.violations[0].facts["lines"]) == ("RECIPIENT_ENDED", [1])
    removed = await households.county.run(RemoveLine(batch_id=june, seq=1, reason="2023年5月20日去世"), town_clerk)
    assert (removed.result["line_count"], removed.result["total"]) == (1, "1500.00")
    await households.hang(june)
    assert await households.outcomes(june) == ["REMOVED", "PENDING"]


async def test_49_a_household_that_monitoring_closed_is_paid_no_more(households: Households) -> None:
    closed = HouseholdClosed(area_code=VILLAGE, household_id=household(1), reason="deceased", effective_on="2023-05-20")
    (react,) = REACTIONS[HouseholdClosed]
    command = react(closed)
    assert command is not None
    await households.county.run(command, SYSTEM)
    june = await households.make([line(1, "1500.00", period="2023-06")], "1500.00")
    assert (await refused(households.hang(june))).code == "RECIPIENT_ENDED"


async def test_50_a_line_of_the_standard_passes_and_one_fen_more_does_not(households: Households) -> None:
    await households.hang(await households.make([line(1, "10000.00")], "10000.00"))
    above = await households.make([line(2, "10000.01")], "10000.01")
    problem = await refused(households.hang(above))
    assert (problem.code, rules(problem)) == ("ABOVE_STANDARD", ["LM14"])
    unknown = await households.make([line(3, "1.00")], "1.00", policy="other")
    assert (await refused(households.hang(unknown))).code == "POLICY_UNKNOWN"


async def test_51_a_wrong_payment_comes_back_and_earlier_figures_stay(households: Households) -> None:
    county = households.county
    batch = await households.sent(*THREE, total="3800.00")
    await households.answer(batch, paid=[1, 2, 3])
    reported = households.works.today
    wrong = await households.line_id(batch, 3)
    county.bench.clock.forward(days=40)
    await county.run(OpenRecovery(line_id=wrong), bureau_head)
    back = ReceiveRecovery(
        line_id=wrong, reason="not_eligible", bank_reference="BK-BACK-1", received_on=households.works.today
    )
    moved = await county.run(back, treasury)
    assert await households.balances() == (0, 300_000, 80_000)
    await households.works.all_is_well()
    await county.run(ReleaseRefund(refund_id=moved.result["refund_id"]), finance_leader)
    assert await households.balances() == (0, 300_000, 0)
    assert await county.balance("1200", project_id=households.works.project) == 80_000_000 - 300_000
    async with county.bench.database.read(SYSTEM) as session:
        spent = [
            (await balances_as_of(session.raw, BOOK, ("1610",), by=(), as_of=day))[()]
            for day in (reported, households.works.today)
        ]
    assert spent == [380_000, 300_000]
    (told,) = await county.events("funds.household_subsidy.recovered")
    assert (told["line_id"], told["amount"]) == (str(wrong), "800.00")
    await households.works.all_is_well()
    # The person may be paid rightly for the same period.
    await households.hang(await households.make([line(3, "500.00")], "500.00"))


async def test_52_households_take_exactly_what_two_villages_leave(households: Households) -> None:
    """1 800 000.00 less twice 500 000.00: the quota of 800 000.00 is paid to the fen, and not one more."""
    lines = [line(seq, "10000.00") for seq in range(1, 81)]
    beyond = [*lines, line(81, "0.01")]
    batch = await households.make(beyond, "800000.01")
    await households.approve(batch)
    problem = await refused(households.county.take(finance_reviewer, "household_batch", batch, "check_finance"))
    assert (problem.code, rules(problem)) == ("INSUFFICIENT", ["LM02"])
    await households.county.take(sector, "household_batch", batch, "send_back", reason="超出额度")
    exact = await households.make(lines, "800000.00")
    await households.instruct(exact)
    await households.answer(exact, paid=list(range(1, 81)))
    assert await households.balances() == (0, 80_000_000, 0)
    assert await households.county.balance("1200", project_id=households.works.project) == 0
    await households.works.all_is_well()


# ── the bank's answers ──────────────────────────────────────────────────────


async def test_an_answer_with_one_impossible_line_is_refused_whole(households: Households) -> None:
    batch = await households.sent(*THREE, total="3800.00")
    before = await households.works.balances()
    problem = await refused(households.answer(batch, paid=[1, 2, 9]))
    assert (problem.code, problem.violations[0].facts["lines"]) == ("SEQ_UNKNOWN", [9])
    assert await households.works.balances() == before
    assert await households.outcomes(batch) == ["PENDING", "PENDING", "PENDING"]
    assert (await refused(households.answer(batch, paid=[1], failed=[1]))).code == "RESULT_DOUBLED"
    assert (await refused(households.answer(batch, paid=[1], instruction=2))).code == "NOT_INSTRUCTED"


async def test_38_a_late_duplicate_changes_nothing_and_a_contradiction_is_refused(households: Households) -> None:
    batch = await households.sent(*THREE, total="3800.00")
    first = await households.answer(batch, paid=[1, 3], failed=[2])
    again = await households.answer(batch, paid=[1, 3], failed=[2])
    assert (again["repeated"], again["id"]) == (True, first["id"])
    more = await households.answer(batch, paid=[1], failed=[2])
    assert (more["paid"], more["failed"]) == (0, 0)
    problem = await refused(households.answer(batch, paid=[2], failed=[1]))
    assert (problem.code, problem.violations[0].facts["lines"]) == ("RESULT_CONFLICT", [1, 2])

    await households.correct(batch, 2)
    await households.reissue(batch)
    late = await households.answer(batch, failed=[2])
    assert (late["failed"], await households.outcomes(batch)) == (0, ["PAID", "REISSUED", "PAID"])
    assert (await refused(households.answer(batch, paid=[2]))).code == "RESULT_CONFLICT"
    assert len(await households.county.events("funds.household_subsidy.disbursed")) == 2
    await households.works.all_is_well()


async def test_a_line_that_never_arrives_goes_back_to_the_quota(households: Households) -> None:
    county = households.county
    batch = await households.sent(*THREE, total="3800.00")
    await households.answer(batch, paid=[1, 2], failed=[3])
    abandon = {"step": "abandon", "evidence": "abandon_notice"}
    for instruction in (2, 3):
        problem = await refused(
            county.take(
                finance_leader, "household_batch", batch, abandon["step"], abandon["evidence"], reason="联系不上"
            )
        )
        assert problem.code == "TRIES_LEFT"
        await households.correct(batch, 3)
        await households.reissue(batch)
        await households.answer(batch, failed=[3], instruction=instruction)
    await households.correct(batch, 3)
    assert (await refused(households.reissue(batch))).code == "TRIES_EXHAUSTED"
    await county.take(finance_leader, "household_batch", batch, "abandon", "abandon_notice", reason="联系不上")
    assert await households.outcomes(batch) == ["PAID", "PAID", "ABANDONED"]
    assert await households.balances() == (0, 300_000, 0)
    assert await county.balance("1200", project_id=households.works.project) == 80_000_000 - 300_000
    assert (await county.take(treasury, "household_batch", batch, "finish")).state == "DONE"
    await households.works.all_is_well()


async def test_the_same_roster_twice_has_one_effect(households: Households) -> None:
    lines = [line(1, "1500.00")]
    header = households.header(lines, "1500.00")
    command = CreateBatch.model_validate({**header, "lines": lines})
    first = await households.county.run(command, town_clerk)
    again = await households.county.run(command, town_clerk)
    assert (again.result["id"], again.result["repeated"]) == (first.result["id"], True)
    other = CreateBatch.model_validate({**header, "lines": [line(1, "1500.00", period="2023-07")]})
    assert (await refused(households.county.run(other, town_clerk))).code == "BATCH_NUMBER_USED"


async def test_a_csv_roster_and_a_csv_answer(households: Households) -> None:
    rows = [
        f"{seq},{household(seq)},,王某,{id_number(seq)},62284800000000{seq:05d},ABC,230606100200,2023-05,10.00,雨露"
        for seq in (1, 2)
    ]
    content = "\n".join([",".join(ROSTER_HEADINGS), *rows])
    header = households.header(rows, "20.00")
    made = await households.county.run(ImportBatch.model_validate({**header, "content": content}), town_clerk)
    batch = made.result["id"]
    broken = content.replace(id_number(2), id_number(2)[:-1] + "?")
    problem = await refused(
        households.county.run(ImportBatch.model_validate({**header, "content": broken}), town_clerk)
    )
    assert isinstance(problem, Invalid)
    assert problem.violations[0].field == "/lines/1/id_number"
    await households.instruct(batch)
    today = households.works.today
    answer = f"序号,状态,失败代码,银行流水号,日期\n1,paid,,ABC-0001,{today}\n2,failed,closed,,{today}\n"
    taken = await households.county.run(ImportBankResult(batch_id=batch, instruction_no=1, content=answer), treasury)
    assert (taken.result["paid"], taken.result["failed"]) == (1, 1)


# ── persons ─────────────────────────────────────────────────────────────────


async def test_no_personal_field_is_stored_in_the_clear_or_told(households: Households) -> None:
    batch = await households.sent(*THREE, total="3800.00")
    await households.answer(batch, paid=[1, 2], failed=[3])
    for table in ("household_line", "outbox", "journal", "case_notice"):
        for row in await households.county.look(f"SELECT {table}::text AS all FROM {table}"):  # noqa: S608  our tables
            assert id_number(1) not in row["all"], table
            assert "6228480000000000001" not in row["all"], table
            assert "王某" not in row["all"], table


async def test_a_roster_hangs_its_days_before_it_is_approved(households: Households) -> None:
    batch = await households.make([line(1, "1500.00")], "1500.00")
    await households.hang(batch)
    households.county.bench.clock.forward(days=9)
    attempt = households.county.take(
        person("sector leader", "230606000000", Role.SECTOR_LEADER), "household_batch", batch, "approve"
    )
    assert (await refused(attempt)).code == "PUBLICITY_RUNNING"


async def test_foreign_hands_find_no_batch(households: Households) -> None:
    batch = await households.sent(*THREE, total="3800.00")
    stranger = person("strange treasury", ELSEWHERE, Role.TREASURY)
    content = f"序号,状态,银行流水号,日期\n1,paid,ABC-0001,{households.works.today}"
    with pytest.raises(NotFound):
        await households.county.run(ImportBankResult(batch_id=batch, instruction_no=1, content=content), stranger)
    with pytest.raises(Forbidden):
        await households.county.take(town_clerk, "household_batch", batch, "finish")


async def test_a_thousand_lines_go_in_sets(households: Households) -> None:
    """One entry, one statement a table: the number of statements does not grow with the lines."""
    lines = [line(seq, "1.00") for seq in range(1, 1001)]
    batch = await households.make(lines, "1000.00")
    await households.instruct(batch)
    await households.answer(batch, paid=list(range(1, 1000)), failed=[1000])
    entries = await households.county.look(
        "SELECT template, line_count FROM ledger_entry WHERE template IN ('P16', 'P17')"
    )
    assert {row["template"] for row in entries} == {"P16", "P17"}
    assert len(await households.county.events("funds.household_subsidy.disbursed")) == 999
    await households.works.all_is_well()
