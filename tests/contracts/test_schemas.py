"""The committed JSON Schemas are those of the classes, samples keep them, and a break is refused."""

import json
import shutil
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from shared.contracts.catalogue import CATALOGUE, public_data
from shared.contracts.compatibility import breaking_changes
from shared.contracts.event import Event
from shared.contracts.goldens import COMMAND, SCHEMAS, schema_of, schema_text, write_schemas
from shared.contracts.samples import sample

STALE = f"stale, run: {COMMAND}"

each_event = pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)


@each_event
def test_the_committed_schema_is_that_of_the_class(event_type: type[Event]) -> None:
    path = SCHEMAS / f"{event_type.wire_type()}.json"
    assert path.exists(), STALE
    assert path.read_text("utf-8") == schema_text(event_type), STALE


@each_event
def test_the_class_breaks_nothing_of_the_committed_schema(event_type: type[Event]) -> None:
    committed = json.loads((SCHEMAS / f"{event_type.wire_type()}.json").read_text("utf-8"))
    assert breaking_changes(committed, schema_of(event_type)) == []


def test_no_committed_schema_has_lost_its_class() -> None:
    assert {path.stem for path in SCHEMAS.iterdir()} == set(CATALOGUE)


@each_event
def test_samples_keep_the_schema_inside_and_outside(event_type: type[Event]) -> None:
    schema = schema_of(event_type)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    event = sample(event_type)
    validator.validate(event.model_dump(mode="json"))
    validator.validate(public_data(event))


def test_writing_brings_stale_and_missing_schemas_up_to_date(tmp_path: Path) -> None:
    directory = tmp_path / "schemas"
    assert set(write_schemas(directory)) == set(CATALOGUE)
    stale = directory / "funds.payment.disbursed.v1.json"
    stale.write_text(stale.read_text("utf-8").replace("the bank or treasury", "the bank"), "utf-8")
    assert write_schemas(directory) == ["funds.payment.disbursed.v1"]
    assert write_schemas(directory) == []


def test_writing_refuses_a_break_and_leaves_everything(tmp_path: Path) -> None:
    directory = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, directory)
    published = directory / "funds.payment.disbursed.v1.json"
    older = json.loads(published.read_text("utf-8"))
    older["properties"]["payee_kind"] = {"type": "string", "pattern": "^[a-z]+$"}
    published.write_text(json.dumps(older), "utf-8")
    (directory / "funds.plan.published.v1.json").unlink()
    with pytest.raises(ValueError, match=r"funds\.payment\.disbursed\.v1: \.payee_kind: removed"):
        write_schemas(directory)
    assert json.loads(published.read_text("utf-8")) == older
    assert not (directory / "funds.plan.published.v1.json").exists()
