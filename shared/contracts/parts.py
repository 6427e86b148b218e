"""Wire forms and parts that several events share; no form can hold a personal number (M-PI-08, platform.md §3.5)."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, PydanticKnownError

from shared.contracts.wire import Area, Yuan
from shared.kernel.money import PPM, format_yuan

_LAST_YEAR, _MOST = 2999, 2**31 - 1


def _up_to(limit: int) -> AfterValidator:
    """A limit beside the published one: a schema that is published may not become tighter."""

    def check(value: int) -> int:
        if value > limit:
            raise PydanticKnownError("less_than_equal", {"le": limit})
        return value

    return AfterValidator(check)


_CODE = r"^([A-Za-z][A-Za-z0-9_.-]{0,47}|\d{1,8})$"
TEXT_PATTERN = r"^\D*(\d{1,8}\D+)*\d{0,8}$"
"""A text without nine digits in a row (M-PI-06)."""

Code = Annotated[str, Field(pattern=_CODE, description="code", examples=["code"])]
"""A code (代码): a word, or up to eight digits. Lists are open: a reader meets values it does not know."""

Category = Annotated[str, Field(pattern=_CODE, description="category code", examples=["010202"])]
"""Category of a project (domain-funds-assets §1.3) or of a fund (§2.2)."""

Level = Annotated[
    str, Field(pattern=_CODE, description="level code", examples=["central", "provincial", "city", "county"])
]
"""Level of government a sum comes from, or a notice hangs at."""

Severity = Annotated[str, Field(pattern=_CODE, description="severity code", examples=["red", "amber", "blue"])]
"""How urgent a warning is."""

AssetClass = Annotated[
    str, Field(pattern=_CODE, description="asset class code", examples=["operating", "public_welfare", "household"])
]
"""Management class of an asset (domain-funds-assets §7.2)."""

IncomeKind = Annotated[
    str, Field(pattern=_CODE, description="income kind code", examples=["transfer", "property", "wage"])
]
"""The line of the income sheet on which a sum is counted (M-INC-01)."""

DocumentNo = Annotated[
    str,
    Field(
        pattern=TEXT_PATTERN,
        min_length=2,
        max_length=80,
        description="document number",
        examples=["黑财指(农)〔2023〕34号"],
    ),
]
"""Number of an official document (文号)."""

Label = Annotated[str, Field(pattern=TEXT_PATTERN, min_length=1, max_length=80, description="text", examples=["冷库"])]
"""What papers call a thing or a unit of measure, after the text filter M-PI-06; never a person."""

Measured = Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,6})?$", description="decimal quantity", examples=["12.5"])]
"""A physical quantity as decimal text."""

Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="month", examples=["2025-06"])]
"""A calendar month."""

Period = Annotated[
    str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2]))?$", description="month or year", examples=["2025-06", "2025"])
]
"""The month or the year for which a sum is paid."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256", examples=["0" * 64])]
"""SHA-256 in hexadecimal."""

Year = Annotated[int, Field(ge=1949, le=9999, description="year", examples=[2025]), _up_to(_LAST_YEAR)]
"""A calendar year; none after 2999, so that arithmetic on its days never ends."""

Count = Annotated[int, Field(ge=0, description="count", examples=[3]), _up_to(_MOST)]
"""How many; an integer column holds it."""

Ppm = Annotated[int, Field(ge=0, le=PPM, description="parts per million", examples=[PPM])]
"""A share in parts per million of one whole."""


class Part(BaseModel):
    """A part of an event; later versions may add fields, so unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class IndicatorAmount(Part):
    """What one indicator document (指标文件) bears of a sum."""

    indicator_id: UUID
    document_no: DocumentNo
    amount: Yuan


class SourceAmount(IndicatorAmount):
    """What one source of money (资金来源) bears of a sum, with its level and fund category."""

    level: Level
    category: Category


class OwnerShare(Part):
    """The share of one owner (权属人): a department, township, village collective or household, never named."""

    owner_kind: Code
    owner_area: Area
    share_ppm: Ppm
    owner_id: UUID | None = None


class AssetDraft(Part):
    """One line of the acceptance list (交付清单) from which an asset is formed."""

    line: Count
    label: Label
    asset_class: AssetClass
    form: Code
    quantity: Measured
    unit: Label
    direct_cost: Yuan
    village: Area
    catalogue: Code | None = None


class Quantity(Part):
    """A measured output (工程量) of a project."""

    kind: Code
    quantity: Measured
    unit: Label


class IndirectCost(Part):
    """A cost beside the works (待摊费用): design, supervision, tender."""

    kind: Code
    amount: Yuan


def must_add_up(whole: int, parts: Iterable[int]) -> None:
    """Raises ValueError unless `parts` make exactly `whole` (fen or ppm)."""
    if whole != sum(parts):
        raise PydanticCustomError("parts_do_not_add_up", "the parts do not make the whole")


def must_be_whole(shares: Collection[int]) -> None:
    """Raises ValueError unless there are no shares or they make exactly 1 000 000 ppm."""
    must_add_up(PPM if shares else 0, shares)


def yuan(amount: int) -> str:
    """Fen as a sentence says it."""
    return f"{format_yuan(amount)}元"


def day(value: date) -> str:
    """A day as a sentence says it."""
    return f"{value.year}年{value.month}月{value.day}日"
