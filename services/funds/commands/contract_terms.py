"""What of a contract's terms is broken: the days in which a small firm is paid (LM15), and what bears a fee (LM16)."""

from collections.abc import Mapping

from services.funds.domain.contract_terms import PAY_DAYS, PAY_DAYS_MAX, FeeSource, fee_source, small_firm_days
from services.funds.tables.contracts import Contract, Payee
from shared.commands.command import Write
from shared.kernel.errors import Violation

# The registration holds the project, so that two fees cannot both take the same cost.
_FEE_SOURCE = """
SELECT p.category, coalesce(((v.content ->> 'second_class_cost')::numeric * 100)::bigint, 0) AS second_class_cost,
       (SELECT coalesce(sum(amount_fen + variation_fen), 0)::bigint
          FROM contract JOIN case_file AS c ON c.workflow = 'funds.contract' AND c.subject_id = contract.id
         WHERE contract.project_id = p.id AND fee IS NOT NULL AND c.state NOT IN ('DRAFT', 'CANCELLED')
           AND contract.id <> $2) AS contracted
  FROM project AS p JOIN project_version AS v ON v.project_id = p.id AND v.version_no = p.version_no
 WHERE p.id = $1"""


async def broken_terms(tx: Write, contract: Contract) -> Mapping[str, Violation | None]:
    """LM15 by the values of the day of signing, and LM16 by the project's present content."""
    return {"LM15": await _pay_days(tx, contract), "LM16": await _fee(tx, contract)}


async def _pay_days(tx: Write, contract: Contract) -> Violation | None:
    payee = await tx.session.get_one(Payee, contract.payee_id)
    if not payee.is_small_firm:
        return None
    values = await tx.parameters.get_many((PAY_DAYS, PAY_DAYS_MAX), contract.area_code, contract.signed_on)
    agreed = values[PAY_DAYS] if contract.pay_days is None else contract.pay_days
    return small_firm_days(agreed, values[PAY_DAYS_MAX])


async def _fee(tx: Write, contract: Contract) -> Violation | None:
    if contract.fee is None:
        return None
    row = await tx.raw.fetchrow(_FEE_SOURCE, contract.project_id, contract.id)
    assert row is not None, "a contract is of a project"
    return fee_source(contract.amount_fen, FeeSource(**row))
