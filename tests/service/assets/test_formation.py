"""From a project's events to assets with value and sources: domain-funds-assets §7.4, §8, scenarios 69–72, 87."""

import asyncpg
import pytest

from shared.contracts.funds_project import (
    PaymentDisbursed,
    PaymentReturned,
    ProjectEnteredLibrary,
    ProjectSettlementAdjusted,
)
from shared.contracts.parts import IndicatorAmount
from shared.kernel.errors import Refused
from shared.kernel.ids import new_id
from tests.service.assets.village import (
    FEES,
    HERE,
    LIST,
    PROJECT,
    SOURCES,
    WHEN,
    Village,
    X,
    Y,
    accepted,
    draft,
    settled,
    source,
)

VALUES = "SELECT name, value_fen, is_provisional FROM asset ORDER BY list_line"


@pytest.mark.asyncio
async def test_acceptance_gives_provisional_assets_with_their_cases(village: Village) -> None:
    await village.react(accepted())
    assert await village.rows("SELECT code, value_fen, is_provisional FROM asset ORDER BY list_line") == [
        ("230606-1-2023-000001", 605_528_88, True),
        ("230606-1-2023-000002", 253_549_64, True),
        ("230606-1-2023-000003", 100_921_48, True),
    ]
    states = await village.rows("SELECT workflow, state, count(*) FROM case_file GROUP BY 1, 2 ORDER BY 1")
    assert states == [
        ("assets.custody", "UNASSIGNED", 3),
        ("assets.right", "PENDING", 3),
        ("assets.use", "IN_USE", 3),
    ]
    told = await village.told("assets.asset.registered")
    assert [(event["value"], event["provisional"]) for event in told] == [
        ("605528.88", True),
        ("253549.64", True),
        ("100921.48", True),
    ]


@pytest.mark.asyncio
async def test_scenario_69_settlement_gives_final_values_and_whole_sources(village: Village) -> None:
    await village.form_assets()
    assert await village.rows(VALUES) == [
        ("温室大棚", 618_922_78, False),
        ("供水管网", 259_158_00, False),
        ("冷库", 103_153_79, False),
    ]
    shares = await village.rows("SELECT DISTINCT indicator_id, share_ppm FROM asset_source ORDER BY 2 DESC")
    assert shares == [(X, 581_656), (Y, 387_770), (FEES, 30_574)]
    borne = await village.rows(
        "SELECT indicator_id, sum(amount_fen)::bigint FROM asset_source GROUP BY 1 ORDER BY 2 DESC"
    )
    assert borne == [(X, 570_740_74), (Y, 380_493_83), (FEES, 30_000_00)]
    told = await village.told("assets.asset.valued")
    assert [event["value"] for event in told] == ["618922.78", "259158.00", "103153.79"]
    assert [sum(part["share_ppm"] for part in event["sources"]) for event in told] == [1_000_000] * 3
    assert await village.rows(
        "SELECT state, count(*) FROM case_file WHERE workflow = 'assets.handover' GROUP BY 1"
    ) == [("PENDING", 3)]
    assert await village.findings() == {}


@pytest.mark.asyncio
async def test_scenario_70_three_equal_sources(village: Village) -> None:
    sources = tuple(source(each, "财农〔2023〕1号", "central", "333333.33") for each in (X, Y, FEES))
    await village.react(
        settled(settlement="999999.99", indirect_costs=(), sources=sources, asset_list=(draft(1, "冷库", "999999.99"),))
    )
    assert await village.rows("SELECT share_ppm FROM asset_source ORDER BY line_no") == [
        (333_334,),
        (333_333,),
        (333_333,),
    ]


@pytest.mark.asyncio
async def test_scenario_71_the_database_refuses_shares_that_are_not_whole(village: Village) -> None:
    asset, *_ = await village.form_assets()
    connection = await asyncpg.connect(village.bench.names.app_dsn)
    try:
        await connection.execute(
            "SET app.low = '0'; SET app.high = '999999999999'; SET app.scope = '{[0,999999999999]}'"
        )
        for statement in (
            "UPDATE asset_source SET share_ppm = share_ppm - 1 WHERE asset_id = $1 AND line_no = 1",
            "DELETE FROM asset_source WHERE asset_id = $1 AND line_no = 3",
            """INSERT INTO asset_source SELECT asset_id, 9, indicator_id, document_no, level, category, 0, 1, area_code
                 FROM asset_source WHERE asset_id = $1 AND line_no = 1""",
            "UPDATE asset_owner SET share_ppm = 999999 WHERE asset_id = $1",
        ):
            with pytest.raises(asyncpg.CheckViolationError, match="1000000 ppm"):
                await connection.execute(statement, asset)
        swap = "UPDATE asset_source SET share_ppm = CASE line_no WHEN 1 THEN share_ppm - 1 WHEN 2 THEN share_ppm + 1"
        await connection.execute(f"{swap} ELSE share_ppm END WHERE asset_id = $1", asset)
    finally:
        await connection.close()


@pytest.mark.asyncio
async def test_scenario_72_one_event_twice_gives_one_set(village: Village) -> None:
    first, second = new_id(), new_id()
    for _ in range(2):
        await village.react(accepted(), first)
        await village.react(settled(), second)
    assert await village.value("SELECT count(*) FROM asset") == 3
    assert len(await village.told("assets.asset.registered")) == 3
    assert len(await village.told("assets.asset.valued")) == 3


@pytest.mark.asyncio
async def test_scenario_72_the_same_fact_under_another_id_gives_no_second_set(village: Village) -> None:
    await village.form_assets()
    await village.react(accepted())
    await village.react(settled())
    assert await village.value("SELECT count(*) FROM asset") == 3
    assert [row[1] for row in await village.rows(VALUES)] == [618_922_78, 259_158_00, 103_153_79]
    assert await village.findings() == {}


@pytest.mark.asyncio
async def test_settlement_takes_the_draft_list_in_proportion_when_it_has_none(village: Village) -> None:
    await village.react(accepted(asset_list_draft=(draft(1, "冷库", "3.00"), draft(2, "管网", "1.00"))))
    await village.react(settled(asset_list=(), settlement="100.01", indirect_costs=(), sources=(_borne("100.01"),)))
    assert [row[1] for row in await village.rows(VALUES)] == [75_01, 25_00]


@pytest.mark.asyncio
async def test_owners_named_at_the_settlement_are_planned_where_nobody_was_before(village: Village) -> None:
    await village.react(accepted(owners=(), asset_list_draft=LIST[:2]))
    assert await village.value("SELECT count(*) FROM asset_owner") == 0
    await village.react(settled())
    assert await village.rows("SELECT share_ppm, count(*) FROM asset_owner GROUP BY 1") == [(1_000_000, 3)]


@pytest.mark.asyncio
async def test_a_project_without_a_list_is_one_asset(village: Village) -> None:
    await village.react(entered())
    await village.react(accepted(asset_list_draft=()))
    await village.react(settled(asset_list=()))
    assert await village.rows(VALUES) == [("鲜食玉米制品生产基地", 981_234_57, False)]


@pytest.mark.asyncio
async def test_a_project_that_forms_no_asset_gives_none(village: Village) -> None:
    await village.react(accepted(asset_forming=False))
    await village.react(settled(asset_forming=False))
    assert await village.value("SELECT count(*) FROM asset") == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "wrong, code",
    [
        pytest.param({"asset_list": LIST[:2]}, "ASSET_LIST_SUM", id="the list is too short"),
        pytest.param(
            {"asset_list": (draft(1, "温室大棚", "951234.57"),)},
            "ASSET_LINE_GONE",
            id="a registered asset is gone",
        ),
        pytest.param(
            {"asset_list": (*LIST, draft(4, "股金", "0.00", asset_class="household", form="equity"))},
            "ASSET_CLASSIFICATION",
            id="an illegal pair",
        ),
    ],
)
async def test_a_settlement_that_does_not_fit_changes_nothing(
    village: Village, wrong: dict[str, object], code: str
) -> None:
    await village.react(accepted())
    with pytest.raises(Refused) as caught:
        await village.react(settled(**wrong))
    assert code in {violation.code for violation in caught.value.violations}
    assert await village.value("SELECT count(*) FROM asset WHERE is_provisional") == 3
    assert await village.value("SELECT settled_on FROM ref_project") is None


@pytest.mark.asyncio
async def test_an_audit_cut_falls_on_each_source_and_each_asset(village: Village) -> None:
    await village.form_assets()
    # Scenario 43 cuts 1 000.01 by 600.01 and 400.00.
    cut = ProjectSettlementAdjusted(
        area_code=HERE,
        project_id=PROJECT,
        adjusted_on=WHEN,
        delta="-1000.01",
        settlement="950234.56",
        sources=(
            SOURCES[0].model_copy(update={"amount": -600_01}),
            SOURCES[1].model_copy(update={"amount": -400_00}),
        ),
        approval_document="同审〔2024〕2号",
    )
    await village.react(cut)
    assert await village.value("SELECT sum(value_fen)::bigint FROM asset") == 980_234_56
    borne = await village.rows(
        "SELECT indicator_id, sum(amount_fen)::bigint FROM asset_source GROUP BY 1 ORDER BY 2 DESC"
    )
    assert borne == [(X, 570_140_73), (Y, 380_093_83), (FEES, 30_000_00)]
    assert await village.findings() == {}


@pytest.mark.asyncio
async def test_payments_count_as_value_under_construction(village: Village) -> None:
    await village.react(entered())
    payment = {"area_code": HERE, "project_id": PROJECT, "payment_id": new_id(), "stage": "advance", "paid_on": WHEN}
    split = (
        IndicatorAmount(indicator_id=X, document_no="黑财指(农)〔2023〕34号", amount="172800.00"),
        IndicatorAmount(indicator_id=Y, document_no="黑财指(农)〔2023〕78号", amount="115200.00"),
    )
    await village.react(PaymentDisbursed(**payment, amount="288000.00", split=split))
    await village.react(PaymentDisbursed(**payment, amount="172800.00", split=split[:1]))
    await village.react(
        PaymentReturned(**payment, amount="115200.00", split=split[1:], reason="account", returned_on=WHEN)
    )
    assert await village.rows("SELECT indicator_id, paid_fen FROM ref_project_paid ORDER BY 2 DESC") == [
        (X, 345_600_00),
        (Y, 0),
    ]


def entered() -> ProjectEnteredLibrary:
    return ProjectEnteredLibrary(
        area_code=HERE,
        project_id=PROJECT,
        title="鲜食玉米制品生产基地",
        category="010203",
        plan_year=2023,
        villages=(HERE,),
        planned_total="19500000.00",
        households=10,
        persons=30,
        asset_forming=True,
        asset_class="operating",
    )


def _borne(amount: str) -> object:
    return source(X, "黑财指(农)〔2023〕34号", "central", amount)
