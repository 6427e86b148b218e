"""Payments happen elsewhere: the treasury's lines are matched, posted once, and every limit they broke speaks at once."""

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
import pytest_asyncio

from services.funds.commands.payees import ChangePayeeAccount
from services.funds.commands.payments import DraftPayment
from services.funds.commands.treasury_imports import ReceiveTreasuryPayments
from services.funds.commands.treasury_lines import MatchTreasuryLine, SetTreasuryLineAside
from shared.kernel.errors import Forbidden, NotFound, Refused
from tests.service.funds.county import COUNTY, VILLAGE, finance_clerk, sector, unit
from tests.service.funds.treasury_files import CENTRAL, NUMBER, OWN, Treasury, file_of
from tests.service.funds.works import Works, refused, stranger, treasury

pytestmark = pytest.mark.asyncio

FAR = date(2099, 12, 31)


@pytest_asyncio.fixture
async def ours(works: Works) -> Treasury:
    """The worked example in a county that pays in the treasury's own system."""
    made = Treasury(works)
    await made.until(FAR)
    return made


async def test_a_matched_line_is_posted_as_an_instruction_would_be(ours: Treasury) -> None:
    """P07, P08: committed → paid from the document that the treasury charged; the world hears the same event."""
    contract = await ours.contract()
    made = await ours.send(ours.line("ZF-0001", "288000.00", stage="预付款"))
    assert (made["posted"], made["held"], made["unmatched"], made["posted_amount"]) == (1, 0, 0, "288000.00")
    assert await ours.works.by_source("1500", contract_id=contract) == (28800000, 0)
    assert await ours.works.by_source("1300", contract_id=contract) == (57600000 - 28800000, 38400000)
    (paid,) = await ours.look("SELECT * FROM payment")
    assert (paid["stage"], paid["reference"], paid["bank_reference"]) == ("advance", "ZF-0001", "ZF-0001")
    assert await ours.works.county.state(paid["id"]) == "RECONCILED"
    (event,) = await ours.works.county.events("funds.payment.disbursed")
    assert (event["payment_id"], event["amount"], event["stage"]) == (str(paid["id"]), "288000.00", "advance")
    assert [(each["document_no"], each["amount"]) for each in event["split"]] == [(CENTRAL, "288000.00")]
    assert await ours.alerts() == []
    await ours.works.all_is_well()


async def test_the_worked_example_is_recorded_to_the_fen(ours: Treasury) -> None:
    """§3.10 steps 2 to 8, paid elsewhere: every sum of step Σ comes out, and the contract closes by itself."""
    contract = await ours.contract()
    both = {"document": ""}
    await ours.send(ours.line("ZF-0002", "288000.00", stage="预付款", **both))
    for serial in ("ZF-0003", "ZF-0004"):
        await ours.works.certify(contract, "480000.00")
        made = await ours.send(ours.line(serial, "240000.00", recoup="144000.00", stage="进度款", **both))
        assert made["posted"] == 1, await ours.look("SELECT facts FROM treasury_line")
    await ours.works.complete(contract)
    await ours.works.review(contract, "951234.57")
    await ours.works.settle(contract, "28537.03")
    await ours.send(ours.line("ZF-0007", "154697.54", purpose="工程尾款", **both))
    assert await ours.works.county.state(contract) == "RETENTION"
    ours.works.county.bench.clock.forward(days=366)
    await ours.send(ours.line("ZF-0008", "28537.03", purpose="质保金", **both))
    assert await ours.works.county.state(contract) == "CLOSED"
    assert await ours.works.by_source("1600", contract_id=contract) == (57074074, 38049383)
    assert await ours.works.by_source("1310", contract_id=contract) == (0, 0)
    assert await ours.alerts() == [("FW16", "payment")], "two equal payments on one day"
    await ours.works.all_is_well()


async def test_the_commitment_follows_the_document_that_was_charged(ours: Treasury) -> None:
    """P06 both ways: the treasury charged 590 000.00 to a source that bound 576 000.00 and has quota for the rest."""
    contract = await ours.contract()
    await ours.works.certify(contract, "960000.00")
    made = await ours.send(ours.line("ZF-0010", "590000.00"))
    assert made["posted"] == 1
    assert await ours.works.by_source("1600", contract_id=contract) == (59000000, 0)
    assert await ours.works.by_source("1300", contract_id=contract) == (0, 38400000 - 1400000)
    assert await ours.works.by_source("1200") == (2400000 - 1400000, 1600000 + 1400000)
    await ours.works.all_is_well()


async def test_peers_17_the_same_external_reference_never_pays_twice(ours: Treasury) -> None:
    """peers.md §2.22 #17, L5: the same file, the same serial in another file, and both at once."""
    await ours.contract()
    first = ours.line("ZF-0020", "1000.00")
    made = await ours.send(first)
    assert await ours.send(first) == made
    other = await ours.send(first, ours.line("ZF-0021", "2000.00"))
    assert (other["rows"], other["repeated"], other["posted"]) == (2, 1, 1)
    changed = await ours.send(ours.line("ZF-0020", "1000.01"))
    assert (changed["refused"], changed["posted"]) == (1, 0)
    many = [ours.line("ZF-0022", "3000.00", purpose=f"并发{n}") for n in range(5)]
    await asyncio.gather(*(ours.send(each) for each in many))
    payments = await ours.look("SELECT reference, cash_fen FROM payment ORDER BY reference")
    assert [tuple(row) for row in payments] == [("ZF-0020", 100000), ("ZF-0021", 200000), ("ZF-0022", 300000)]
    await ours.works.all_is_well()


async def test_rows_with_errors_are_named_and_the_others_count(ours: Treasury) -> None:
    await ours.contract()
    bad = {"amount": "一千", "on": "2023-13-01"}
    made = await ours.send(
        ours.line("ZF-0030", "1000.00"),
        ours.line("", "1000.00"),
        ours.line("ZF-0032", bad["amount"]),
        ours.line("ZF-0033", "1.00", on=bad["on"]),
        ours.line("ZF-0034", "-5.00"),
        ours.line("ZF-0030", "7.00"),
        ours.line("ZF-0035", "1.00", on=(ours.works.today + timedelta(days=1)).isoformat()),
        "合计,,,,,,1000.00",
    )
    assert (made["rows"], made["refused"], made["posted"]) == (7, 6, 1)
    rows = await ours.look("SELECT row_no, faults FROM treasury_fault ORDER BY row_no")
    assert [row["row_no"] for row in rows] == [3, 4, 5, 6, 7, 8]
    for row, code in zip(
        rows,
        ("CELL_MISSING", "AMOUNT_FORM", "DATE_FORM", "AMOUNT_SIGN", "SERIAL_DOUBLED", "DATE_FUTURE"),
        strict=True,
    ):
        assert [fault["code"] for fault in row["faults"]] == [code]


BROKEN: Mapping[str, tuple[str, Mapping[str, str], list[tuple[str, str]]]] = {
    "LM03 advance above 30 %": ("288000.01", {"stage": "预付款"}, [("FW10", "contract")]),
    "LM05 work above 97 % of what is certified": ("465600.01", {"stage": "进度款"}, [("FW09", "contract")]),
    "LM04 the balance before the settlement": ("100000.00", {"stage": "尾款"}, [("FW11.recorded", "payment")]),
    "LM12 an account that nobody registered": (
        "100000.00",
        {"stage": "进度款", "account": "6228480000000000999"},
        [("FW12", "payment")],
    ),
}


@pytest.mark.parametrize(("amount", "changed", "alerts"), BROKEN.values(), ids=list(BROKEN))
async def test_a_broken_limit_speaks_in_the_command_that_records(
    ours: Treasury, amount: str, changed: Mapping[str, str], alerts: list[tuple[str, str]]
) -> None:
    """§3.5 in a county that pays elsewhere: what would have been blocked is posted, for it is a fact, and alerts."""
    contract = await ours.contract()
    await ours.works.certify(contract, "480000.00")
    made = await ours.send(ours.line("ZF-0040", amount, **changed))
    assert made["posted"] == 1
    assert await ours.alerts() == alerts
    assert await ours.works.county.events("funds.alert.raised")
    await ours.works.all_is_well(stranger=alerts == [("FW12", "payment")])


async def test_before_the_acceptance_at_most_ninety_percent(ours: Treasury) -> None:
    """LM07: 864 000.00 of 960 000.00 pass, one fen more speaks on the payment; LM05 speaks on the contract."""
    contract = await ours.contract()
    await ours.works.certify(contract, "960000.00")
    await ours.send(ours.line("ZF-0041", "864000.00", document="", stage="进度款"))
    assert await ours.alerts() == []
    await ours.send(ours.line("ZF-0042", "0.01", document="", stage="进度款"))
    assert await ours.alerts() == [("FW09.recorded", "payment")]


async def test_a_limit_that_a_county_switched_off_is_silent(ours: Treasury) -> None:
    contract = await ours.contract()
    await ours.works.certify(contract, "960000.00")
    await ours.works.mode("LM07", "off")
    await ours.send(ours.line("ZF-0043", "864000.01", document="", stage="进度款"))
    assert await ours.alerts() == []


async def test_an_alert_stays_one_when_its_cause_is_recorded_again(ours: Treasury) -> None:
    """Scenario 64 where payments are recorded: the second look at the same contract raises nothing new."""
    await ours.contract()
    await ours.send(ours.line("ZF-0044", "288000.01", stage="预付款"))
    await ours.send(ours.line("ZF-0045", "0.01", stage="预付款"))
    await ours.again()
    assert await ours.alerts() == [("FW10", "contract")]


async def test_what_the_ledger_cannot_bear_is_held_and_alerts_until_it_can(ours: Treasury) -> None:
    """LM02, D12: paid without quota, without certified work, or on a paper contract; no fen is posted that is not there."""
    contract = await ours.works.draft("300000.00", number=NUMBER)
    await ours.send(ours.line("ZF-0050", "1000.00", stage="预付款"))
    assert await ours.lines() == [("ZF-0050", "held", "NOT_REGISTERED")]
    assert await ours.alerts() == [("FW-unposted", "treasury_line")]
    before = await ours.works.balances()
    assert (await ours.again())["held"] == 1
    assert await ours.works.balances() == before
    await ours.works.register(contract)
    assert (await ours.again())["posted"] == 1
    assert (await ours.again())["posted"] == 0, "what was posted earlier is not counted again"
    assert await ours.look("SELECT 1 FROM alert WHERE closed_at IS NULL AND cleared_on IS NULL") == []

    made = await ours.send(
        ours.line("ZF-0051", "300000.00", stage="预付款"),
        ours.line("ZF-0052", "1.00", stage="进度款"),
        ours.line("ZF-0053", "1.00", stage="质保金"),
        ours.line("ZF-0054", "1.00", stage="预付款", document="黑财指(农)〔2023〕99号"),
    )
    assert (made["posted"], made["held"]) == (0, 4)
    assert [reason for _, outcome, reason in await ours.lines() if outcome == "held"] == [
        "LIMIT",
        "LIMIT",
        "LIMIT",
        "BEYOND_QUOTA",
    ]
    opened = await ours.look("SELECT check_id FROM alert WHERE cleared_on IS NULL ORDER BY check_id")
    assert [row["check_id"].removeprefix("funds-") for row in opened] == [
        "FW-unposted",
        "FW09.unposted",
        "FW09.unposted",
        "FW11.unposted",
    ]
    await ours.works.all_is_well()


async def test_money_of_ours_that_was_paid_without_a_contract_alerts(ours: Treasury) -> None:
    """§4.2: our document, no contract of ours. What is charged to other money is listed and alerts nobody."""
    made = await ours.send(
        ours.line("ZF-0060", "1000.00", contract="别的合同1号"),
        ours.line("ZF-0061", "1000.00", contract="", document="黑财指(社)〔2023〕8号"),
        ours.line("ZF-0062", "1000.00", contract="", document="", payee="某某供电公司", account="95598000"),
    )
    assert made["unmatched"] == 3
    assert await ours.lines() == [
        ("ZF-0060", "unmatched", "NO_CONTRACT"),
        ("ZF-0061", "unmatched", "DOCUMENT_UNKNOWN"),
        ("ZF-0062", "unmatched", "NOT_OURS"),
    ]
    assert await ours.alerts() == [("FW-unposted", "treasury_line")]


async def test_without_a_contract_number_payee_document_and_amount_decide(ours: Treasury) -> None:
    """One fitting contract is it; of two the one whose open sum is paid exactly; else a person decides."""
    payee = await ours.works.payee()
    first = await ours.contract("300000.00", payee=payee)
    second = await ours.contract("200000.00", payee=payee, number="同乡建合〔2023〕2号")
    blank = {"contract": "", "document": OWN}
    await ours.works.certify(first, "300000.00")
    await ours.works.certify(second, "50000.00")
    await ours.send(
        ours.line("ZF-0070", "50000.00", **blank),
        ours.line("ZF-0071", "12345.00", **blank),
        ours.line("ZF-0072", "250000.00", **blank),
    )
    assert await ours.lines() == [
        ("ZF-0070", "posted", ""),
        ("ZF-0071", "unmatched", "AMBIGUOUS"),
        ("ZF-0072", "posted", ""),
    ]
    posted = await ours.look("SELECT reference, contract_id FROM payment ORDER BY 1")
    assert [tuple(row) for row in posted] == [("ZF-0070", second), ("ZF-0072", first)]

    (line,) = await ours.look("SELECT id FROM treasury_line WHERE outcome = 'unmatched'")
    match = MatchTreasuryLine(line_id=line["id"], contract_id=first, reason="施工单位来函确认")
    assert (await ours.works.county.run(match, finance_clerk)).result["outcome"] == "posted"
    assert (await refused(ours.works.county.run(match, finance_clerk))).code == "LINE_POSTED"
    await ours.works.all_is_well()


async def test_a_line_set_aside_ends_its_alert_and_can_come_back(ours: Treasury) -> None:
    await ours.send(ours.line("ZF-0080", "1000.00"))
    (line,) = await ours.look("SELECT id FROM treasury_line")
    aside = SetTreasuryLineAside(line_id=line["id"], reason="误列指标，国库已更正")
    with pytest.raises(Forbidden):
        await ours.works.county.run(aside, unit)
    with pytest.raises((NotFound, Forbidden)):
        await ours.works.county.run(aside, stranger)
    assert (await ours.works.county.run(aside, treasury)).result["outcome"] == "set_aside"
    assert await ours.look("SELECT 1 FROM alert WHERE cleared_on IS NULL") == []
    contract = await ours.contract()
    assert (await ours.again())["set_aside"] == 1
    match = MatchTreasuryLine(line_id=line["id"], contract_id=contract, stage="advance", reason="更正有误，实为本合同")
    assert (await ours.works.county.run(match, treasury)).result["outcome"] == "posted"


async def test_where_the_county_records_nothing_is_instructed(ours: Treasury) -> None:
    """PAYMENT_MODE: neither requested, reviewed, approved nor instructed; what is in transit already ends as it began."""
    contract = await ours.contract()
    await ours.until(ours.works.today - timedelta(days=1))
    asked = [await ours.works.request(contract, "advance", amount) for amount in ("1000.00", "2000.00")]
    await ours.works.approve(asked[0])
    await ours.works.instruct(asked[0])
    await ours.works.submit(asked[1])
    await ours.until(FAR)
    fields = {"contract_id": contract, "stage": "advance", "amount": "1.00", "reference": "YK-0001"}
    draft = DraftPayment.model_validate(fields | {"applied_on": ours.works.today})
    assert (await refused(ours.works.county.run(draft, unit))).code == "PAYMENT_MODE"
    attempt = ours.works.county.take(sector, "payment", asked[1], "review_sector")
    assert (await refused(attempt)).code == "PAYMENT_MODE"
    assert (await ours.works.confirm(asked[0], "1000.00")).state == "PAID"


async def test_where_the_county_instructs_nothing_is_recorded(ours: Treasury) -> None:
    """PAYMENT_MODE by county and day: a file of such days is refused, in one of both kinds such rows are."""
    await ours.contract()
    today = ours.works.today
    await ours.until(today - timedelta(days=2))
    command = ReceiveTreasuryPayments(area_code=COUNTY, content=file_of(ours.line("ZF-0090", "1.00")))
    with pytest.raises(Refused) as caught:
        await ours.works.county.run(command, treasury)
    assert caught.value.code == "PAYMENT_MODE"
    made = await ours.send(
        ours.line("ZF-0090", "1.00"), ours.line("ZF-0091", "2.00", on=(today - timedelta(days=2)).isoformat())
    )
    assert (made["refused"], made["posted"]) == (1, 1)


async def test_39_an_invoice_that_was_paid_elsewhere_speaks(ours: Treasury) -> None:
    """LM13, scenario 39: the invoice of another county's payment is claimed once and alerts here (FW16)."""
    await ours.contract()
    await ours.works.claim_elsewhere("23232000000012345678")
    await ours.use_elsewhere("23232000000012345678")
    await ours.send(
        ours.line("ZF-0096", "1000.00", invoice="23232000000012345678", stage="预付款"),
        ours.line("ZF-0097", "1001.00", invoice="23232000000012345679", stage="预付款"),
        ours.line("ZF-0098", "1002.00", invoice="短号"),
    )
    claims = await ours.look(
        "SELECT number, claimed FROM payment_invoice WHERE area_code = $1 ORDER BY number", int(VILLAGE)
    )
    assert [tuple(row) for row in claims] == [("23232000000012345678", False), ("23232000000012345679", True)]
    assert ("FW16.invoice", "payment") in await ours.alerts()
    assert [row["row_no"] for row in await ours.look("SELECT row_no FROM treasury_fault")] == [4]


async def test_a_payee_whom_nobody_confirmed_speaks(ours: Treasury) -> None:
    """F-3.2.3: an account changed just before, for which one person alone stands: both are told."""
    payee = await ours.works.payee()
    await ours.contract(payee=payee)
    change = ChangePayeeAccount(payee_id=payee, bank_name="工商银行大同支行", account="6222020000000000007")
    await ours.works.county.run(change, finance_clerk)
    await ours.send(ours.line("ZF-0095", "1000.00", account="6222020000000000007", stage="预付款"))
    assert await ours.alerts() == [("FW-recorded", "payment"), ("FW14", "payment")]


async def test_a_serial_under_which_this_system_paid_is_not_paid_again(ours: Treasury) -> None:
    contract = await ours.contract()
    yesterday = (ours.works.today - timedelta(days=1)).isoformat()
    await ours.until(ours.works.today - timedelta(days=1))
    payment = await ours.works.request(contract, "advance", "1000.00")
    await ours.works.approve(payment)
    await ours.works.instruct(payment)
    await ours.works.confirm(payment, "1000.00", "BK-7777")
    made = await ours.send(ours.line("BK-7777", "1000.00", on=yesterday))
    assert made["unmatched"] == 1
    assert await ours.lines() == [("BK-7777", "unmatched", "SERIAL_USED")]


async def test_a_thousand_lines_go_in_sets(ours: Treasury) -> None:
    """One file, one entry for each posting of a payment, one event each; the trial balance is 0."""
    await ours.contract()
    made = await ours.send(*(ours.line(f"ZF-{n:06d}", "1.00", stage="预付款") for n in range(1000)))
    assert (made["posted"], made["posted_amount"]) == (1000, "1000.00")
    entries = await ours.look(
        "SELECT template, count(*) AS n FROM ledger_entry GROUP BY 1 HAVING count(*) = 1000 ORDER BY 1"
    )
    assert [row["template"] for row in entries] == ["P07", "P08"]
    assert len(await ours.works.county.events("funds.payment.disbursed")) == 1000
    await ours.works.all_is_well()
