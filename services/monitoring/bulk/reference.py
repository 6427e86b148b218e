"""Loads the reference data that the service ships: thresholds of clues."""

import csv
from datetime import date
from pathlib import Path

import asyncpg

from shared.kernel.areas import AreaCode
from shared.kernel.money import parse_yuan

SHIPPED = Path(__file__).parents[1] / "data"

_RULE = """
INSERT INTO clue_rule(area_code, item, person_scope, valid_from, department, code, version, metric, operator,
                      threshold_fen, document)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"""


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of one shipped CSV file."""
    with (SHIPPED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def load_clue_rules(raw: asyncpg.Connection) -> None:
    """Store the shipped thresholds; what is there stays."""
    await raw.executemany(
        _RULE,
        [
            (
                int(AreaCode.parse(row["area"])),
                row["item"],
                row["person_scope"],
                date.fromisoformat(row["valid_from"]),
                row["department"],
                row["code"],
                int(row["version"]),
                row["metric"],
                row["operator"],
                parse_yuan(row["threshold"]),
                row["document"],
            )
            for row in read_rows("clue_rules.csv")
        ],
    )
