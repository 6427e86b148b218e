"""Distribution to households on a real database: domain-funds-assets §7.9, scenarios 76–81."""

import asyncio
from uuid import UUID

import asyncpg
import pytest

from services.assets.commands.payouts import ReverseLine, StrikeLine
from services.assets.commands.rules import SetDistributionRule
from shared.contracts import monitoring
from shared.kernel.errors import NotFound, Refused
from shared.kernel.ids import new_id
from tests.service.assets.village import (
    HERE,
    NEXT_DOOR,
    Village,
    bureau,
    clerk,
    codes,
    collective,
    committee,
    leader,
    plan_command,
    second_clerk,
    stranger,
)

A, B, C = (UUID(f"019a0000-0000-7000-8000-0000000000a{n}") for n in (1, 2, 3))
DAYS = {A: 12, B: 7, C: 5}


async def leased(village: Village) -> UUID:
    """An asset that earns, and the rule 45/55."""
    asset, *_ = await village.form_assets()
    await village.confirm_right(asset)
    await village.set_rule()
    return asset


async def earned(village: Village, asset: UUID, amount: str = "64000.00") -> UUID:
    return (await village.receive(asset, amount, kind="yield")).receipt_id


async def drawn(village: Village, receipt: UUID) -> int:
    taken: int = await village.value("SELECT drawn_fen FROM income_receipt WHERE id = $1", receipt)
    return taken


@pytest.mark.asyncio
async def test_scenario_76_a_plan_is_computed_resolved_published_filed_paid_and_told(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset)
    plan = await village.draft_plan([receipt], DAYS)
    assert {part.part: part.amount for part in plan.parts} == {"collective": 28_800_00, "household": 35_200_00}
    assert {line.household_id: line.amount for line in plan.lines} == {A: 17_600_00, B: 10_266_67, C: 7_333_33}
    assert await drawn(village, receipt) == 0
    await village.bring_to_payment(plan.plan_id)
    assert await drawn(village, receipt) == 64_000_00
    assert await village.told("assets.income.distributed_to_household") == []
    result = await village.pay_out(plan.plan_id)
    assert (result.result["paid"], result.result["amount"], result.result["open"]) == (3, "35200.00", 0)
    told = await village.told("assets.income.distributed_to_household")
    assert [(event["household_id"], event["amount"], event["income_kind"], event["asset_id"]) for event in told] == [
        (str(A), "17600.00", "property", str(asset)),
        (str(B), "10266.67", "property", str(asset)),
        (str(C), "7333.33", "property", str(asset)),
    ]
    bench = village.bench
    bank = await bench.evidence(clerk, HERE, "bank_receipt")
    paid = await bench.step(clerk, "assets.distribution", plan.plan_id, "finish_payment", evidence=bank)
    assert paid.state == "PAID"
    await bench.step(committee, "assets.distribution", plan.plan_id, "post_result")
    await bench.run_notice(committee, await village.case("distribution", plan.plan_id), HERE, last_day_in=10)
    assert (await bench.step(second_clerk, "assets.distribution", plan.plan_id, "close")).state == "CLOSED"
    contents = await village.rows("SELECT content FROM case_notice WHERE content ? 'households'")
    assert [row[0]["households"] for row in contents] == [3, 3]
    assert await village.findings() == {"assets-nobody-keeps": 1}


@pytest.mark.asyncio
async def test_scenario_77_a_tie_goes_to_the_lower_household_code(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "18181.82")
    plan = await village.draft_plan([receipt], {C: 1, B: 3, A: 3})
    assert {line.household_id: line.amount for line in plan.lines} == {A: 4_285_72, B: 4_285_71, C: 1_428_57}


@pytest.mark.asyncio
async def test_scenario_78_a_flat_split_is_blocked_where_the_county_adopted_ar15(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    flat = [{"household_id": str(new_id()), "basis": "none", "weight": 1} for _ in range(5)]
    plan = await village.draft_plan([receipt], {}, recipients=flat)
    filed = await village.draft_plan([receipt], {}, recipients=flat, flat_filing_no="大乡振备〔2023〕3号")
    await village.adopt({"rule.AR15.mode": "block"})
    assert await codes(village.resolve(plan.plan_id)) == {"FLAT_SPLIT"}
    await village.resolve(filed.plan_id)
    assert await village.state("distribution", filed.plan_id) == "RESOLVED"


@pytest.mark.asyncio
async def test_scenario_78_before_that_it_is_a_warning_labelled_unverified(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    flat = [{"household_id": str(new_id()), "basis": "none", "weight": 1} for _ in range(5)]
    plan = await village.draft_plan([receipt], {}, recipients=flat)
    await village.resolve(plan.plan_id, present=11)
    outcome = await village.value("SELECT outcome FROM command_key WHERE outcome -> 'result' ->> 'state' = 'RESOLVED'")
    assert [(warning["rule"], warning["zh"][:4]) for warning in outcome["warnings"]] == [
        ("F-1.5-2", "未核实："),
        ("AR15", "未核实："),
    ]


@pytest.mark.asyncio
async def test_scenario_79_more_than_was_received_is_refused(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "29999.99")
    plan = await village.draft_plan([receipt], DAYS, total="30000.00")
    assert await codes(village.resolve(plan.plan_id)) == {"BEYOND_RECEIVED"}
    exact = await village.draft_plan([receipt], DAYS, total="29999.99")
    await village.resolve(exact.plan_id)
    assert await drawn(village, receipt) == 29_999_99


@pytest.mark.asyncio
async def test_two_plans_at_once_cannot_draw_the_same_fen(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    plans = [(await village.draft_plan([receipt], DAYS, total="60.00")).plan_id for _ in range(4)]
    results = await asyncio.gather(*(village.resolve(plan) for plan in plans), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [Refused] * 3
    assert await drawn(village, receipt) == 60_00
    assert "assets-drawn-is-planned" not in await village.findings()


@pytest.mark.asyncio
async def test_the_database_lets_no_plan_draw_more_than_arrived(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    connection = await asyncpg.connect(village.bench.names.app_dsn)
    try:
        await connection.execute(
            "SET app.low = '0'; SET app.high = '999999999999'; SET app.scope = '{[0,999999999999]}'"
        )
        with pytest.raises(asyncpg.CheckViolationError, match="drawn"):
            await connection.execute("UPDATE income_receipt SET drawn_fen = 10001 WHERE id = $1", receipt)
    finally:
        await connection.close()


@pytest.mark.asyncio
async def test_what_is_left_carries_over_and_upkeep_is_reserved_first(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "1000.09")
    first = await village.draft_plan([receipt], DAYS, upkeep=None, tax="0.09", total="400.00")
    assert (first.received, first.upkeep, first.total) == (1000_09, 100_00, 400_00)
    await village.resolve(first.plan_id)
    second = await village.draft_plan([receipt], DAYS)
    assert (second.received, second.total) == (500_00, 500_00)


@pytest.mark.asyncio
async def test_scenario_80_receipts_of_two_rules_need_two_plans(village: Village) -> None:
    asset, *_ = await village.form_assets()
    await village.set_rule("2016-01-01", 200_000)
    await village.set_rule("2019-06-01", 450_000)
    old = (await village.receive(asset, "10.00", kind="yield", received_on="2019-05-31")).receipt_id
    new = (await village.receive(asset, "10.00", kind="yield", received_on="2019-06-01")).receipt_id
    assert await codes(village.draft_plan([old, new], DAYS)) == {"RULES_DIFFER"}
    of_old, of_new = [await village.draft_plan([receipt], DAYS) for receipt in (old, new)]
    assert of_old.rule_id != of_new.rule_id
    assert await codes(village.resolve(of_old.plan_id)) == {"PART_OUTSIDE_RULE"}
    await village.resolve(of_new.plan_id)
    before = (await village.receive(asset, "10.00", kind="yield", received_on="2015-12-31")).receipt_id
    assert await codes(village.draft_plan([before], DAYS)) == {"RULE_MISSING"}
    assert await codes(village.set_rule("2019-06-01")) == {"RULE_NOT_LATER"}


@pytest.mark.asyncio
async def test_scenario_81_the_line_of_a_household_that_ended_is_struck_and_returns(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset)
    plan = await village.draft_plan([receipt], DAYS, period="2023-12")
    await village.resolve(plan.plan_id)
    gone = monitoring.HouseholdClosed(area_code=HERE, household_id=B, reason="deceased", effective_on="2023-11-20")
    await village.react(gone)
    bench = village.bench
    await bench.step(collective, "assets.distribution", plan.plan_id, "post_plan")
    await bench.run_notice(committee, await village.case("distribution", plan.plan_id), HERE, last_day_in=10)
    review = bench.step(clerk, "assets.distribution", plan.plan_id, "review_township")
    assert await codes(review) == {"RECIPIENT_INELIGIBLE"}
    (line,) = (line for line in plan.lines if line.household_id == B)
    struck = await bench.run(StrikeLine(plan_id=plan.plan_id, line_id=line.line_id, reason="户主去世，销户"), clerk)
    assert struck.result["amount"] == "10266.67"
    assert await drawn(village, receipt) == 64_000_00 - 10_266_67
    await bench.step(second_clerk, "assets.distribution", plan.plan_id, "review_township")
    await bench.step(bureau, "assets.distribution", plan.plan_id, "file_county")
    await bench.step(collective, "assets.distribution", plan.plan_id, "pay")
    await village.pay_out(plan.plan_id)
    told = await village.told("assets.income.distributed_to_household")
    assert [event["household_id"] for event in told] == [str(A), str(C)]
    assert set(await village.findings()) == {"assets-nobody-keeps"}


@pytest.mark.asyncio
async def test_a_failed_line_stays_open_until_it_is_paid_again(village: Village) -> None:
    asset = await leased(village)
    plan = await village.draft_plan([await earned(village, asset)], DAYS)
    await village.bring_to_payment(plan.plan_id)
    first, *_ = plan.lines
    result = await village.pay_out(plan.plan_id, [(first.line_id, "account_closed")])
    assert (result.result["paid"], result.result["open"]) == (2, 1)
    bank = await village.bench.evidence(clerk, HERE, "bank_receipt")
    finish = village.bench.step(clerk, "assets.distribution", plan.plan_id, "finish_payment", evidence=bank)
    assert await codes(finish) == {"LINES_OPEN"}
    again = await village.pay_out(plan.plan_id)
    assert (again.result["paid"], again.result["amount"]) == (1, "17600.00")
    assert len(await village.told("assets.income.distributed_to_household")) == 3
    await village.bench.step(clerk, "assets.distribution", plan.plan_id, "finish_payment", evidence=bank)
    assert await codes(village.pay_out(plan.plan_id)) == {"PLAN_NOT_PAYING"}


@pytest.mark.asyncio
async def test_money_that_came_back_is_taken_off_the_household_and_is_free_again(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset)
    plan = await village.draft_plan([receipt], DAYS)
    await village.bring_to_payment(plan.plan_id)
    await village.pay_out(plan.plan_id)
    first, second, _ = plan.lines
    reversal = ReverseLine(plan_id=plan.plan_id, line_id=first.line_id, reason="wrong_account")
    await village.bench.run(reversal, leader)
    (told,) = await village.told("assets.income.distribution_reversed")
    assert (told["household_id"], told["amount"], told["line_id"]) == (str(A), "17600.00", str(first.line_id))
    assert await drawn(village, receipt) == 64_000_00 - 17_600_00
    with pytest.raises(NotFound):
        await village.bench.run(reversal, leader)
    strike = StrikeLine(plan_id=plan.plan_id, line_id=second.line_id, reason="已发放的不得剔除")
    with pytest.raises(NotFound):
        await village.bench.run(strike, clerk)
    assert set(await village.findings()) == {"assets-nobody-keeps"}


@pytest.mark.asyncio
async def test_a_payout_names_only_open_lines_of_its_plan_and_days_that_were(village: Village) -> None:
    asset = await leased(village)
    plan = await village.draft_plan([await earned(village, asset)], DAYS)
    assert await codes(village.pay_out(plan.plan_id)) == {"PLAN_NOT_PAYING"}
    await village.bring_to_payment(plan.plan_id)
    assert await codes(village.pay_out(plan.plan_id, [(new_id(), "account_closed")])) == {"LINE_UNKNOWN"}
    assert await village.told("assets.income.distributed_to_household") == []


@pytest.mark.asyncio
async def test_money_sent_back_with_its_plan_is_free_again(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset)
    plan = await village.draft_plan([receipt], DAYS)
    await village.resolve(plan.plan_id)
    await village.bench.step(clerk, "assets.distribution", plan.plan_id, "send_back", reason="名单有误")
    assert await drawn(village, receipt) == 0
    assert await village.findings() == {"assets-nobody-keeps": 1}


@pytest.mark.asyncio
async def test_nothing_is_distributed_from_a_disputed_asset(village: Village) -> None:
    asset = await leased(village)
    plan = await village.draft_plan([await earned(village, asset)], DAYS)
    await village.bench.step(clerk, "assets.right", asset, "dispute", reason="邻村主张份额")
    assert await codes(village.resolve(plan.plan_id)) == {"RIGHT_DISPUTED"}


@pytest.mark.asyncio
async def test_a_household_of_another_village_gets_nothing_and_an_unknown_one_warns(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset)
    for household, area in ((A, HERE), (B, NEXT_DOOR)):
        await village.react(
            monitoring.HouseholdEnrolled(
                area_code=area,
                household_id=household,
                episode_id=new_id(),
                kind="SUDDEN",
                persons=3,
                enrolled_on="2023-06-01",
            )
        )
    outcome = await village.bench.run(plan_command([receipt], DAYS), committee)
    (warning,) = outcome.warnings
    # The village sees its own households only: B of next door is as unknown to it as C.
    assert (warning["code"], warning["facts"]["households"]) == ("RECIPIENT_UNKNOWN", sorted((str(B), str(C))))
    plan = UUID(outcome.result["plan_id"])
    await village.resolve(plan)
    await village.bench.step(collective, "assets.distribution", plan, "post_plan")
    await village.bench.run_notice(committee, await village.case("distribution", plan), HERE, last_day_in=10)
    review = village.bench.step(leader, "assets.distribution", plan, "review_township")
    assert await codes(review) == {"RECIPIENT_INELIGIBLE"}


@pytest.mark.asyncio
async def test_posts_are_paid_as_wages(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    parts = [{"part": "public_posts", "share_ppm": 1_000_000}]
    wages = [{"household_id": str(A), "part": "public_posts", "basis": "days_worked", "weight": 1}]
    assert await codes(village.draft_plan([receipt], {}, parts=parts, recipients=wages)) == {"PART_UNKNOWN"}
    rule = {"area_code": HERE, "valid_from": "2023-01-01", "document_no": "村决〔2023〕1号"}
    all_posts = [{"part": "public_posts", "min_ppm": 0, "max_ppm": 1_000_000}]
    await village.bench.run(SetDistributionRule.model_validate(rule | {"parts": all_posts}), leader)
    plan = await village.draft_plan([receipt], {}, parts=parts, recipients=wages)
    await village.bring_to_payment(plan.plan_id)
    await village.pay_out(plan.plan_id)
    (told,) = await village.told("assets.income.distributed_to_household")
    assert (told["income_kind"], told["amount"]) == ("wage", "100.00")


@pytest.mark.asyncio
async def test_a_plan_that_does_not_fit_tells_everything_at_once(village: Village) -> None:
    asset = await leased(village)
    receipt = await earned(village, asset, "100.00")
    parts = [{"part": "collective", "share_ppm": 450_000}, {"part": "household", "share_ppm": 549_999}]
    twice = [{"household_id": str(A), "basis": "points", "weight": 0} for _ in range(2)]
    attempt = village.draft_plan([receipt], {}, parts=parts, recipients=twice)
    assert await codes(attempt) == {"PART_SHARES", "RECIPIENT_TWICE", "NO_WEIGHT"}
    assert await codes(village.draft_plan([receipt], {})) == {"HOUSEHOLDS_MISSING"}
    assert await codes(village.draft_plan([receipt], DAYS, tax="100.00")) == {"NOTHING_TO_DISTRIBUTE"}
    with pytest.raises(NotFound):
        await village.draft_plan([receipt, new_id()], DAYS)
    with pytest.raises(NotFound):
        await village.bench.run(plan_command([receipt], DAYS), stranger)
