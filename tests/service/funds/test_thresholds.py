"""Control indicators: the probes of 宜宾 2021 against the service's own thresholds, and the report on a county's rows."""

import csv
import io
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest

from services.funds.domain.thresholds import BY_NAME, Verdict
from services.funds.queries.thresholds import CONTROL_REPORT
from services.funds.service import SERVICE
from shared.bulletins.figures import parse_figure
from shared.kernel.areas import AreaCode
from shared.kernel.ids import new_id
from shared.parameters.lookup import Parameters
from shared.reports.report import Asked
from tests.service.funds.bulletin_cases import data, expected
from tests.service.funds.ground import HOME, Ground

CASE = "yibin-2021-control-thresholds"
PROBES = list(csv.DictReader(io.StringIO(data(CASE).decode("utf-8-sig"))))


def share(text: str) -> Fraction:
    figure = parse_figure(text)
    assert figure is not None
    return figure.value / 100


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe["探针"])
def test_the_service_judges_each_probe_by_its_own_threshold(probe: dict[str, str]) -> None:
    """以上 and 以内 include the number itself; nothing is rounded first."""
    control = BY_NAME[probe["指标"]]
    threshold = SERVICE.declared_parameters[control.parameter]
    assert threshold.default is not None
    limit = threshold.parse(threshold.default)
    assert limit == share(probe["阈值(%)"])
    (check,) = [each for each in expected(CASE)["checks"] if each["id"] == probe["探针"]]
    verdict = control.verdict(share(probe["实际值(%)"]), limit, date(2021, 12, 31))
    assert (verdict is Verdict.MET) is check["expected"]
    assert verdict.value == probe["应判定"]


def test_the_target_of_a_year_is_no_breach_in_october() -> None:
    """p4: 88.05 % on 31 October is below the target of the year, whose day has not come."""
    control = BY_NAME["年度资金支付率"]
    assert control.verdict(Fraction(8805, 10000), Fraction(95, 100), date(2021, 10, 31)) is Verdict.NOT_DUE
    assert control.verdict(Fraction(96, 100), Fraction(95, 100), date(2021, 10, 31)) is Verdict.MET
    assert control.verdict(None, Fraction(95, 100), date(2021, 12, 31)) is Verdict.NOTHING


async def money(ground: Ground, indicator: Any, account: str, fen: int, on: date) -> None:
    """An entry of an account and its counterpart, in fen."""
    entry = new_id()
    await ground.put(
        "ledger_entry",
        id=entry,
        template="P08",
        document=str(entry),
        at=datetime(2023, 1, 1, tzinfo=UTC),
        on_day=on,
        line_count=2,
        command_id=new_id(),
        area_code=HOME,
    )
    sql = """INSERT INTO ledger_line(entry_id, line_no, account, indicator_id, fiscal_year, signed_fen, area_code)
             VALUES ($1, 1, $2, $3, 2023, $4, $5), ($1, 2, '1400', $3, 2023, -$4::bigint, $5)"""
    await ground.raw.execute(sql, entry, account, indicator, fen, HOME)


async def report(ground: Ground, as_of: date) -> dict[Any, tuple[Any, Any, Any, Any]]:
    asked = Asked(
        AreaCode(HOME), date(2023, 1, 1), as_of, Parameters(ground.raw, SERVICE.declared_parameters), ground.calendar
    )
    rows = await CONTROL_REPORT.gather(ground.raw, asked)
    return {row["name"]: (row["actual"], row["sign"], row["threshold"], row["verdict"]) for row in rows}


@pytest.mark.asyncio
@pytest.mark.parametrize(("fen", "verdict"), [(9_500, "达标"), (9_499, "不达标")])
async def test_the_report_shows_rate_threshold_and_verdict(ground: Ground, fen: int, verdict: str) -> None:
    indicator = await ground.indicator({"1000": "100.00", "1100": "0.00"})
    await money(ground, indicator, "1000", -10_000, date(2023, 3, 1))
    await money(ground, indicator, "1600", 8_000, date(2023, 6, 1))
    await money(ground, indicator, "1600", fen - 8_000, date(2023, 12, 31))
    for month, overdue in (("2023-05", 4_36), ("2023-11", 80)):
        await ground.put("ref_microcredit_month", area_code=HOME, month=month, balance_fen=100_00, overdue_fen=overdue)
    assert await report(ground, date(2023, 12, 31)) == {
        "年度资金支付率": (Fraction(fen, 10_000), "≥", Fraction(19, 20), verdict),
        "小额信贷逾期率": (Fraction(1, 125), "≤", Fraction(1, 125), "达标"),
        "指标分配率": (Fraction(1), "≥", Fraction(1), "达标"),
        "预警信息处理率": (None, "≥", Fraction(1), "无数据"),
    }
    in_june = await report(ground, date(2023, 6, 30))
    assert in_june["年度资金支付率"] == (Fraction(4, 5), "≥", Fraction(19, 20), "未到考核日")
    assert in_june["小额信贷逾期率"][3] == "不达标"


@pytest.mark.asyncio
async def test_a_county_may_hold_itself_to_more(ground: Ground) -> None:
    await ground.adopt("payment.year_end_min", "98/100")
    indicator = await ground.indicator({"1000": "100.00", "1100": "0.01"})
    await money(ground, indicator, "1000", -10_000, date(2023, 3, 1))
    await money(ground, indicator, "1600", 9_799, date(2023, 6, 1))
    shown = await report(ground, date(2023, 12, 31))
    assert shown["年度资金支付率"][3] == "不达标"
    assert shown["指标分配率"][3] == "不达标"
