"""The two axes of an asset (domain-funds-assets §7.2): management class and form, and which pairs are legal."""

from enum import StrEnum
from typing import Literal

from shared.kernel.areas import AreaCode, AreaLevel
from shared.kernel.errors import Violation


class AssetClass(StrEnum):
    """Management class (管理类别) of 国办函〔2021〕51号."""

    OPERATING = "operating"
    PUBLIC_WELFARE = "public_welfare"
    HOUSEHOLD = "household"


CLASS_NAMES = {
    AssetClass.OPERATING: "经营性资产",
    AssetClass.PUBLIC_WELFARE: "公益性资产",
    AssetClass.HOUSEHOLD: "到户类资产",
}

OwnerKind = Literal["department", "township", "village_collective", "household", "other"]
"""Who owns (权属人类型): 县级部门、乡镇、村集体、农户、其他."""

_BIOLOGICAL = {"biological", "biological_productive", "biological_consumable"}
_FORMS = {
    AssetClass.OPERATING: frozenset(
        {"fixed", "in_progress", "equity", "claim", "intangible", "current", *_BIOLOGICAL},
    ),
    AssetClass.PUBLIC_WELFARE: frozenset({"fixed", "in_progress", "biological_public", "intangible"}),
    AssetClass.HOUSEHOLD: frozenset({"fixed", *_BIOLOGICAL}),
}
"""The forms (资产形态) each class may take: a household's is biological or fixed; equity and claims only operate."""

_DIGITS = {AssetClass.OPERATING: 1, AssetClass.PUBLIC_WELFARE: 2, AssetClass.HOUSEHOLD: 3}


def legal_pair(asset_class: str, form: str, field: str = "") -> Violation | None:
    """Whether an asset of this class may take this form."""
    known = asset_class in set(AssetClass)
    if known and form in _FORMS[AssetClass(asset_class)]:
        return None
    name = CLASS_NAMES[AssetClass(asset_class)] if known else f"类别 {asset_class}"
    return Violation(
        "ASSET_CLASSIFICATION",
        f"{name}不得登记为形态 {form}",
        f"an asset of class {asset_class} cannot take the form {form}",
        rule="F-7.2",
        field=field,
        remedy_zh="核对资产类别与形态",
        remedy_en="check class and form of the asset",
        facts={"asset_class": asset_class, "form": form},
    )


def code_prefix(area: int, asset_class: str, year: int) -> str:
    """What the codes of one county, class and year begin with; the running number follows (§7.3)."""
    county = f"{AreaCode(area).at(AreaLevel.COUNTY):012d}"[:6]
    return f"{county}-{_DIGITS[AssetClass(asset_class)]}-{year}"


def asset_code(prefix: str, number: int) -> str:
    """The asset's code (资产编码): county 6, class 1, year 4, running number 6."""
    return f"{prefix}-{number:06d}"
