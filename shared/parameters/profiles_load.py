"""Policy profiles (政策口径): a dated set of values. A value that is not verified stays empty and is then refused."""

import csv
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

import asyncpg

from shared.kernel.actors import SYSTEM
from shared.kernel.areas import AreaCode

SHIPPED = Path(__file__).parent / "profiles"

_PROFILE = """
INSERT INTO policy_profile(code, zh, en, effective_from, effective_to, draft) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (code) DO UPDATE SET zh = excluded.zh, en = excluded.en, effective_from = excluded.effective_from,
  effective_to = excluded.effective_to, draft = excluded.draft"""
_VALUE = """
INSERT INTO parameter_value(name, area_code, effective_from, effective_to, value, document, profile, proposed_by, adopted_by)
SELECT $1, $2, effective_from, effective_to, $3, $4, code, $5, $5 FROM policy_profile WHERE code = $6
ON CONFLICT (name, area_code, effective_from) DO NOTHING"""
_IN_FORCE = """
SELECT code FROM policy_profile WHERE effective_from <= $1 AND (effective_to IS NULL OR effective_to >= $1)"""


def read(path: Path) -> list[dict[str, str]]:
    """The rows of one CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def load(
    raw: asyncpg.Connection,
    profiles: Iterable[Mapping[str, str]],
    values: Iterable[Mapping[str, str]],
    declared: Collection[str],
) -> None:
    """Store profiles and, of their values, those that this service declares; what a county adopted stays."""
    await raw.executemany(
        _PROFILE,
        [
            (
                row["code"],
                row["zh"],
                row["en"],
                date.fromisoformat(row["effective_from"]),
                date.fromisoformat(row["effective_to"]) if row["effective_to"] else None,
                row["draft"] == "yes",
            )
            for row in profiles
        ],
    )
    await raw.executemany(
        _VALUE,
        [
            (
                row["name"],
                int(AreaCode.parse(row["area"])),
                row["value"] or None,
                row["document"],
                SYSTEM.id,
                row["profile"],
            )
            for row in values
            if row["name"] in declared
        ],
    )


async def in_force(raw: asyncpg.Connection, on: date) -> str | None:
    """The code of the profile in force on the day `on`."""
    code: str | None = await raw.fetchval(_IN_FORCE, on)
    return code
