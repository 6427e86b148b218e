"""The command line of the whole system: what `make` hands over is understood, and nonsense is refused in words."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.suite.__main__ import parser
from services.suite.people import PERSONAS, to_read
from shared.http.dev_issuer import Persona

ROOT = Path(__file__).resolve().parents[3]
MAKE = shutil.which("make")


@pytest.mark.skipif(not MAKE, reason="needs make")
@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("demo", {"command": "demo", "once": False, "port": None}),
        ("demo ONCE=0", {"command": "demo", "once": False}),
        ("demo ONCE=1 PORT=8391", {"command": "demo", "once": True, "port": 8391}),
        ("demo-reset", {"command": "reset"}),
        ("token ROLE=province", {"command": "token", "role": "province", "port": None}),
        ("token ROLE=cadre PORT=8391", {"command": "token", "role": "cadre", "port": 8391}),
        ("docs", {"command": "docs", "check": False}),
    ],
)
def test_what_make_hands_over_is_understood(typed: str, understood: Mapping[str, object]) -> None:
    told = subprocess.run(
        [str(MAKE), "--dry-run", "--no-print-directory", *typed.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    _, _, arguments = told.stdout.rpartition("-m services.suite ")
    assert vars(parser().parse_args(arguments.replace("\\\n", " ").split())).items() >= understood.items()


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "80x", ""])
@pytest.mark.parametrize("command", ["demo", "serve", "token province"])
def test_a_port_that_is_none_is_refused(command: str, port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parser().parse_args([*command.split(), f"--port={port}"])
    assert refused.value.code == 2
    assert "1–65535" in capsys.readouterr().err


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_the_line_that_comes_with_a_token_asks_for_what_its_holder_may_read(persona: Persona) -> None:
    _, service, path = to_read(persona).split("/", 2)
    described = json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))
    policies = described["paths"][f"/{path}"]["get"]["x-policy"]
    assert policies
    assert all(not policy["roles"] or persona.grants[0].role in policy["roles"] for policy in policies)
