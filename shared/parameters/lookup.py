"""Finds the value of a parameter: the nearest area first, then the newest row in force on the day (M-LINE-05)."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

import asyncpg

from shared.kernel.areas import AreaCode
from shared.kernel.errors import Unknown, Violation
from shared.parameters.model import Parameter

_EFFECTIVE = """
SELECT DISTINCT ON (name) name, value FROM parameter_value
 WHERE name = ANY($1::text[]) AND area_code = ANY($2::bigint[])
   AND adopted_by IS NOT NULL AND effective_from <= $3 AND (effective_to IS NULL OR effective_to >= $3)
 ORDER BY name, area_code DESC, effective_from DESC"""

_ADOPTED = """
SELECT name, area_code AS area, effective_from, effective_to, value FROM parameter_value
 WHERE name = ANY($1::text[]) AND adopted_by IS NOT NULL ORDER BY name, area_code DESC, effective_from DESC"""


class Adopted(NamedTuple):
    """One dated row of a parameter that two persons adopted; `value` None withdraws it from the area."""

    name: str
    area: int
    effective_from: date
    effective_to: date | None
    value: str | None


def missing(name: str, area: int, on: date) -> Unknown:
    """The refusal for a figure that policy has not stated; there is no fallback (M-LINE-06)."""
    return Unknown(
        Violation(
            "PARAMETER_MISSING",
            f"缺少政策参数 {name}（{AreaCode(area)}，{on}）",
            f"no value of {name} for {AreaCode(area)} on {on}",
            rule="M-LINE-06",
            remedy_zh="请县级主管部门按文件录入并经两人采用该参数",
            remedy_en="have the county adopt the value with its document number, by two persons",
            facts={"parameter": name, "area_code": str(AreaCode(area)), "on": on.isoformat()},
        ),
    )


def read(parameter: Parameter, text: str, area: int, on: date) -> Any:
    """The value of a stored text; raises Unknown for one that does not fit, naming where and when it holds."""
    try:
        return parameter.parse(text)
    except ValueError as error:
        place = AreaCode(area)
        raise Unknown(
            Violation(
                "PARAMETER_UNFIT",
                f"政策参数 {parameter.name} 的值不合要求（{place}，{on}），应为：{parameter.asks_zh}",
                f"the value of {parameter.name} for {place} on {on} does not fit: it takes {parameter.asks_en}",
                rule="M-LINE-06",
                remedy_zh="请按文件重新提出并采用合要求的参数值",
                remedy_en="propose and adopt a value that fits",
                facts={"parameter": parameter.name, "area_code": str(place), "on": on.isoformat()},
            ),
        ) from error


class Parameters:
    """Values for one transaction; each (name, area, day) is read once."""

    def __init__(self, raw: asyncpg.Connection, declared: Mapping[str, Parameter]) -> None:
        """`declared`: every parameter of the service by name."""
        self._raw = raw
        self._declared = declared
        self._seen: dict[tuple[str, int, date], Any] = {}

    @property
    def declared(self) -> Mapping[str, Parameter]:
        """Every parameter of the service by name."""
        return self._declared

    def declares(self, name: str) -> bool:
        """Whether the service has a parameter of this name."""
        return name in self._declared

    async def get(self, name: str, area: int, on: date) -> Any:
        """The typed value of `name` in `area` on the day `on`; raises Unknown when policy has not stated it fitly."""
        return (await self.get_many((name,), area, on))[name]

    async def get_many(self, names: Collection[str], area: int, on: date) -> dict[str, Any]:
        """The values of several names with one statement."""
        wanted = [name for name in names if (name, area, on) not in self._seen]
        if wanted:
            areas = [int(code) for code in AreaCode(area).ancestry()]
            found = await self._raw.fetch(_EFFECTIVE, wanted, areas, on)
            rows: dict[str, str | None] = {row["name"]: row["value"] for row in found}
            for name in wanted:
                declared = self._declared[name]
                text = rows.get(name, declared.default)
                self._seen[name, area, on] = None if text is None else read(declared, text, area, on)
        values = {name: self._seen[name, area, on] for name in names}
        for name, value in values.items():
            if value is None:
                raise missing(name, area, on)
        return values


async def values_on(
    raw: asyncpg.Connection,
    declared: Mapping[str, Parameter],
    area: int,
    on: date,
) -> dict[str, str | None]:
    """The text of every declared parameter in force; None where policy has not stated it."""
    areas = [int(code) for code in AreaCode(area).ancestry()]
    found = {row["name"]: row["value"] for row in await raw.fetch(_EFFECTIVE, list(declared), areas, on)}
    return {name: found.get(name, parameter.default) for name, parameter in sorted(declared.items())}


async def adopted(raw: asyncpg.Connection, names: Collection[str]) -> list[Adopted]:
    """All adopted rows of `names`, of each name the nearest areas first, then the newest."""
    return [Adopted(*row) for row in await raw.fetch(_ADOPTED, list(names))]
