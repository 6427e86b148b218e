"""Each parameter says which values fit it; its own default does, and what does not is refused when it is read."""

import pytest

from services.suite.docs import parameters_markdown
from services.suite.services import SERVICES
from shared.kernel.days import DayKind, Duration
from shared.parameters.model import Kind, Mode, Parameter, limit_mode

EVERY = {f"{service.name} {name}": each for service in SERVICES for name, each in service.declared_parameters.items()}
FUNDS, MONITORING = ({n.split()[1]: p for n, p in EVERY.items() if n.startswith(s)} for s in ("funds", "monitoring"))
FREE_TEXTS = {"publicity.forbidden_words", "name.bureau", "name.linkage_fund", "name.project_library"}


@pytest.mark.parametrize("name", [name for name, each in EVERY.items() if each.default is not None])
def test_a_declared_default_fits(name: str) -> None:
    parameter = EVERY[name]
    assert parameter.default is not None
    parameter.parse(parameter.default)


def test_texts_and_lists_say_what_they_take() -> None:
    """Only names of offices and the forbidden words are free."""
    free = {each.name for each in EVERY.values() if each.kind in {Kind.TEXT, Kind.WORDS} and each.fits is None}
    assert free == FREE_TEXTS | {"name.monitored_household"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            ("industry.min_share", text)
            for text in ("-5", "7", "1e99999", "1/0", "abc", "", "nan", "٣", "1/3333333", "0.1\n")
        ),
        *(("payment.mode", text) for text in ("INSTRUCTED", "record", "", "RECORD ")),
        *(("integration.regime", text) for text in ("BOTH", "")),
        *(("library.windows", text) for text in ("abc", "02-31..13-40", "", "07-01", "07-01..07-31,x")),
        *(
            ("urgent.complete_days", text)
            for text in ("-3", "99999999999999", "3651", "5 weekly", "5 working none 7", "")
        ),
        *(("acceptance.least_members", text) for text in ("0", "100", "1_0", "1" * 5000, "3.0")),
        *(("tender.works", text) for text in ("-1.00", "1.005", "9" * 15)),
        *(("project.start_by", text) for text in ("02-29", "13-01", "4-1")),
        *(("own_money.from_month", text) for text in ("0", "13")),
        *(("household_subsidy.standards", text) for text in ("yulu", "yulu=much")),
        ("project.county_publicity_before_decision", "yes"),
        ("rule.FW40.mode", "blocks"),
        ("disclosure.local_phone", "call us"),
        ("goal.points.output", "101"),
        ("evaluation.late_days", "0"),
    ],
)
def test_a_value_that_does_not_fit_is_no_value(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        FUNDS[name].parse(text)


@pytest.mark.parametrize("text", ["", "3,x", "0,6", "-3"])
def test_look_backs_are_months(text: str) -> None:
    with pytest.raises(ValueError, match="at least one"):
        MONITORING["elimination.months.look_back"].parse(text)


def test_values_that_fit_are_read_as_what_they_mean() -> None:
    assert FUNDS["library.windows"].parse("07-01..07-31, 12-20..02-29") == ("07-01..07-31", "12-20..02-29")
    assert FUNDS["urgent.complete_days"].parse("5 working") == Duration(5, DayKind.WORKING)
    assert str(FUNDS["goal.overshoot_from"].parse("1.5")) == "3/2"
    assert FUNDS["tender.works"].parse("4,000,000.00") == 400_000_000
    assert FUNDS["household_subsidy.standards"].parse("") == ()
    assert limit_mode("X", "", "", blocks=True, source="").parse("off") == Mode.OFF


def test_a_parameter_says_what_it_takes() -> None:
    share = Parameter("a", Kind.SHARE, None, "share", "", "", "")
    assert (share.asks_zh, share.asks_en) == (
        "小数或分数，如 1/3，0 至 1",
        "a decimal or a fraction, such as 1/3, from 0 to 1",
    )


def test_the_documented_table_has_the_same_cells_in_each_row() -> None:
    rows = [line for line in parameters_markdown().splitlines() if line.startswith("|")]
    assert {row.replace(r"\|", "").count("|") for row in rows} == {9}
    assert any(r"RECORD \| INSTRUCT" in row and "RECORD 或 INSTRUCT" in row for row in rows)
