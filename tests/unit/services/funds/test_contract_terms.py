"""Terms of contracts (domain-funds-assets §3.5): LM15 days to pay a small firm, LM16 what bears a fee."""

import pytest

from services.funds.domain.contract_terms import FeeSource, fee_source, small_firm_days
from services.funds.domain.contracts import fields_complete
from services.funds.domain.limits import stands
from shared.kernel.money import parse_yuan
from tests.unit.services.funds.test_contracts import facts


@pytest.mark.parametrize(
    ("days", "passes"),
    [
        pytest.param(30, True, id="LM15 as policy has it"),
        pytest.param(60, True, id="LM15 the most a contract may agree"),
        pytest.param(61, False, id="LM15 one day beyond"),
    ],
)
def test_lm15_a_contract_agrees_at_most_sixty_days(days: int, passes: bool) -> None:
    found = small_firm_days(days, 60)
    assert (found is None) is passes
    assert found is None or (found.rule, found.field, found.facts["days"]) == ("LM15", "/pay_days", "61")


@pytest.mark.parametrize(
    ("category", "stated", "contracted", "fee", "passes"),
    [
        pytest.param("010101", "30000.00", "0", "30000.00", True, id="LM16 all of the second-class cost"),
        pytest.param("010101", "30000.00", "0", "30000.01", False, id="LM16 one fen beyond"),
        pytest.param("010101", "30000.00", "10000.00", "20000.00", True, id="LM16 fees together"),
        pytest.param("010101", "30000.00", "10000.01", "20000.00", False, id="LM16 fees together one fen beyond"),
        pytest.param("010101", "0", "0", "0.01", False, id="LM16 no second-class cost stated"),
        pytest.param("070101", "0", "0", "30000.00", True, id="LM16 the management fee bears it"),
        pytest.param("010701", "0", "0", "30000.00", False, id="LM16 07 elsewhere in the code is no management fee"),
    ],
)
def test_lm16_what_bears_a_fee(category: str, stated: str, contracted: str, fee: str, passes: bool) -> None:
    found = fee_source(parse_yuan(fee), FeeSource(category, parse_yuan(stated), parse_yuan(contracted)))
    assert (found is None) is passes
    assert found is None or (found.rule, found.field) == ("LM16", "/fee")


def test_where_they_block_they_stop_the_submission() -> None:
    late, unborne = small_firm_days(61, 60), fee_source(1, FeeSource("010101", 0))
    assert late is not None
    assert unborne is not None
    assert fields_complete(facts("1.00", blocked={"LM15": late})) is late
    assert stands("LM16")(facts("1.00", blocked={"LM16": unborne})) is unborne
