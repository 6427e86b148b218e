"""The forms (表单) of a contract's steps; each asks for its own facts."""

from datetime import date
from typing import Annotated

from pydantic import Field

from shared.cases.binding import Form
from shared.contracts.parts import DocumentNo
from shared.contracts.wire import Yuan


class ContractSubmission(Form):
    """The unit hands the contract in; nothing is asked."""


class ContractRegistration(Form):
    """The sector registers it; nothing is asked."""


class VariationSignature(Form):
    """A side signs the contract's open variation; nothing is asked."""


class Completion(Form):
    """The day on which the works were completed (完工日期)."""

    completed_on: date


class SettlementReview(Form):
    """The value that the review centre found (评审价)."""

    settlement: Annotated[Yuan, Field(gt=0)]


class SettlementApproval(Form):
    """What is retained (质保金) of the reviewed value, or the bank guarantee (保函) that stands for it."""

    retention: Annotated[Yuan, Field(ge=0)]
    bank_guarantee: DocumentNo | None = None
    approval_document: DocumentNo


class RetentionHold(Form):
    """The contract waits for its defect period; nothing is asked."""


class ContractClosing(Form):
    """The contract is at its end; nothing is asked."""
