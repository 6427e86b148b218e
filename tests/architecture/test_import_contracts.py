"""The import contracts of .importlinter hold, and a planted violation of each is caught."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house_rules import ROOT

LINT = "from importlinter.cli import lint_imports_command as run; run(['--no-logo', '--no-cache'])"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=root, capture_output=True, text=True, check=False)


def test_the_tree_keeps_the_import_contracts() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert " 0 broken" in outcome.stdout


FLOOR = [
    *("shared/kernel/money", "shared/contracts/catalogue", "shared/workflow/model", "shared/vault/keys"),
    *(
        "shared/db/base",
        "shared/messaging/kafka_sender",
        "shared/messaging/relay",
        "shared/ledger/model",
        "shared/ledger/post",
    ),
    *("shared/commands/pipeline", "shared/http/app", "services/suite/demo", "tests/bench/harness"),
    "deploy/kafka/cluster",
]
ROOMS = [
    *("service", "reactions", "parameters", "api/a", "commands/a", "queries/a", "checks/a", "bulk/a"),
    *("workflows/a", "tables/a", "domain/a", "domain/b"),
]
SERVICES = [f"services/{name}/{room}" for name in ("funds", "monitoring", "assets") for room in ROOMS]

PLANTED = [
    ("house", "shared/commands/pipeline", "import services.funds.service"),
    ("house", "services/funds/service", "import services.suite.demo"),
    ("deploy-apart", "deploy/kafka/cluster", "import services.funds.service"),
    ("deploy-apart", "services/suite/demo", "import deploy.kafka.cluster"),
    ("services-apart", "services/funds/commands/a", "import services.assets.tables.a"),
    ("shared-rooms", "shared/messaging/relay", "import shared.commands.pipeline"),
    ("shared-rooms", "shared/utilities", ""),
    ("service-rooms", "services/funds/queries/a", "import services.funds.commands.a"),
    ("service-rooms", "services/funds/commands/a", "import services.funds.reactions"),
    ("service-rooms", "services/funds/importer", ""),
    ("pure", "services/funds/domain/a", "import sqlalchemy"),
    ("pure", "services/funds/workflows/a", "import fastapi"),
    ("pure", "services/funds/domain/a", "import shared.ledger.post"),
    ("pure", "shared/ledger/model", "import sqlalchemy"),
    ("thin-doors", "services/funds/api/a", "import services.funds.tables.a"),
    ("thin-doors", "services/funds/api/a", "import sqlalchemy"),
    ("front-door", "services/suite/demo", "import services.funds.commands.a"),
    ("front-door", "tests/bench/harness", "import services.funds.tables.a"),
    ("one-kafka", "shared/messaging/relay", "import aiokafka"),
    ("one-vault", "shared/http/app", "import cryptography"),
    ("acyclic", "services/funds/domain/a", "import services.funds.domain.b"),
]


@pytest.fixture
def skeleton(tmp_path: Path) -> Path:
    """A clean tree of empty modules under the real contract file, with the imports that must stay allowed."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for module in (*FLOOR, *SERVICES):
        plant(tmp_path, module, "")
    plant(tmp_path, "shared/ledger/post", "import sqlalchemy")
    plant(tmp_path, "shared/messaging/kafka_sender", "import aiokafka")
    plant(tmp_path, "shared/vault/keys", "import cryptography.hazmat")
    plant(tmp_path, "services/funds/domain/b", "import services.funds.domain.a")
    plant(tmp_path, "services/suite/demo", "import services.funds.service")
    plant(tmp_path, "services/funds/migrations/versions/2026_first", "import services.funds.tables.a")
    return tmp_path


def plant(root: Path, module: str, line: str) -> None:
    file = root / f"{module}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(line, "utf-8")
    if "migrations" in module:
        return
    for folder in file.relative_to(root).parents:
        if folder.parts not in {(), ("tests",)}:
            (root / folder / "__init__.py").touch()


def test_the_clean_skeleton_passes(skeleton: Path) -> None:
    outcome = lint_imports(skeleton)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(("contract", "module", "line"), PLANTED)
def test_a_violation_is_caught(skeleton: Path, contract: str, module: str, line: str) -> None:
    plant(skeleton, module, line)
    outcome = lint_imports(skeleton)
    assert outcome.returncode == 1
    assert f"{titles()[contract]} BROKEN" in outcome.stdout, outcome.stdout


def test_every_contract_is_shown_to_bite() -> None:
    assert {contract for contract, _, _ in PLANTED} == set(titles())


def titles() -> dict[str, str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter", "utf-8")
    prefix = "importlinter:contract:"
    return {name.removeprefix(prefix): contracts[name]["name"] for name in contracts if name.startswith(prefix)}
