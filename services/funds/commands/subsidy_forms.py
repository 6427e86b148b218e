"""The forms (表单) of a household batch's steps, and the lines of a bank's answer."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.cases.binding import Form
from shared.contracts.parts import Code


class Roster(Form):
    """The roster speaks for itself."""


class BatchMoney(Form):
    """The batch and the project's quota speak for themselves."""


class Result(Form):
    """The bank's answers that came in speak for themselves."""


class Reissue(Form):
    """The corrected lines speak for themselves."""


class Abandonment(Form):
    """The lines that were sent as often as allowed speak for themselves."""


class BankResultLine(BaseModel):
    """What the bank says of one line (代发结果): paid with its serial, or failed with a code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seq: Annotated[int, Field(ge=1)]
    status: Literal["paid", "failed"]
    fail_code: Code | None = None
    bank_serial: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{4,64}$")] | None = None
    on: date

    @model_validator(mode="after")
    def _says_why_or_which(self) -> "BankResultLine":
        if (self.status == "paid") != (self.bank_serial is not None) or (self.status == "failed") != bool(
            self.fail_code
        ):
            message = "a paid line needs bank_serial, a failed one fail_code, and neither the other"
            raise ValueError(message)
        return self
