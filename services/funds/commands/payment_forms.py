"""The forms (表单) of a payment's steps; each asks for its own facts."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.cases.binding import Form
from shared.contracts.parts import Code, DocumentNo
from shared.contracts.wire import Yuan

Reference = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,64}$", description="流水号", examples=["BK20230901-0001"])]


class Invoice(BaseModel):
    """An invoice (发票): code and number as printed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{8,32}$", examples=["23232000000012345678"])]
    amount: Annotated[Yuan, Field(gt=0)]
    issued_on: date


class PaymentSubmission(Form):
    """The unit applies; nothing is asked."""


class SectorReview(Form):
    """The sector has looked at the papers; nothing is asked."""


class FinanceReview(Form):
    """Finance has looked at the amounts; nothing is asked."""


class PaymentApproval(Form):
    """The approver's rank (审批层级), and the county leader's countersignature (会签) where the amount asks for it."""

    rank: Literal["section_head", "deputy_director", "director"]
    countersignature: DocumentNo | None = None


class Instruction(Form):
    """The treasury sends the instruction; nothing is asked."""


class BankSlipForm(Form):
    """What the bank's slip says (银行回单)."""

    bank_reference: Reference
    amount: Yuan
    on: date


class BankReturn(BankSlipForm):
    """The bank's slip of a returned payment (退票)."""

    fail_code: Code


class Statement(BankSlipForm):
    """The line of the bank statement (对账单) that shows the payment."""

    statement_no: DocumentNo


class PaymentRevision(Form):
    """What of the request is corrected; the rest stays."""

    amount: Annotated[Yuan, Field(gt=0)] | None = None
    recoup: Annotated[Yuan, Field(ge=0)] | None = None
    applied_on: date | None = None
    opinion_on: date | None = None
    documents: tuple[UUID, ...] | None = None
    invoices: tuple[Invoice, ...] | None = None
