"""Canaries: what must never stand in a log does not, whatever field or text it hides in (T29)."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from shared.runtime.logs import set_up_logs

ID, LEGACY_CARD, CARD, PHONE = "110105199003071234", "622202100112345", "6222021001123456789", "13912345678"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjbGVyayJ9.c2lnbmF0dXJl"
CANARIES = (ID, "11010519900307123X", LEGACY_CARD, CARD, "6222 0210 0112 3456 789", PHONE, "+86 139 1234 5678", TOKEN)

Written = Callable[[], list[dict[str, object]]]


@pytest.fixture
def written() -> Iterator[Written]:
    handlers, level = logging.getLogger().handlers, logging.getLogger().level
    out = io.StringIO()
    set_up_logs("INFO", out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    logging.getLogger().handlers, logging.getLogger().level = handlers, level
    structlog.reset_defaults()


def raised(fault: Exception) -> Exception:
    with pytest.raises(type(fault)):
        raise fault
    return fault


def test_each_line_is_json_with_the_correlation(written: Written) -> None:
    with structlog.contextvars.bound_contextvars(correlation="c-1"):
        structlog.get_logger("http").info("request", route="/v1/payments", status=200, ms=1.5, ok=True, none=None)
    (line,) = written()
    assert line["correlation"] == "c-1"
    assert line["level"] == "info"
    assert (line["status"], line["ms"], line["ok"], line["none"]) == (200, 1.5, True, None)
    assert "timestamp" in line


@pytest.mark.parametrize("canary", CANARIES)
def test_t29_patterns_are_hidden_everywhere(written: Written, canary: str) -> None:
    log = structlog.get_logger("any")
    event = f"got {canary}."
    log.info(event, detail=canary, deep={"list": [canary, {"x": f"<{canary}>"}]}, number=canary)
    log.info("numbers", value=int(CARD))
    logging.getLogger("asyncpg").warning("refused %s", canary)
    log.error("broken", exc_info=raised(ValueError(f"no such person: {canary}")))
    lines = written()
    assert len(lines) == 4
    assert canary not in json.dumps(lines)
    assert CARD not in json.dumps(lines)
    assert "ValueError" in str(lines[3]["exception"])


@pytest.mark.parametrize(
    "field",
    ["name", "member_name", "id_number", "phone", "bank_card", "address", "birth_date", "disease", "access_token",
     "Authorization", "app_dsn", "姓名", "疾病"],
)  # fmt: skip
def test_t29_denied_fields_are_hidden_whatever_they_hold(written: Written, field: str) -> None:
    structlog.get_logger("any").info("household", **{field: "张三丰", "inner": {field: ["张三丰"]}})
    assert "张三丰" not in json.dumps(written(), ensure_ascii=False)


def test_t29_what_the_database_quotes_is_hidden(written: Written) -> None:
    fault = RuntimeError("duplicate key\nDETAIL:  Key (head)=(张三丰) already exists.\n[parameters: ('张三丰', 7)]")
    log = structlog.get_logger("any")
    log.error("failed", address="postgresql://app:geheim@db/funds", exc_info=raised(fault))
    log.info("connecting to postgresql://app:geheim@db/funds")
    text = json.dumps(written(), ensure_ascii=False)
    assert "张三丰" not in text
    assert "geheim" not in text
    assert "duplicate key" in text


def test_ids_areas_and_times_stay_readable(written: Written) -> None:
    facts = {
        "subject": "0195a1b2-1234-7123-8123-123456789012",
        "area_code": "230606101200",
        "correlation": "4bf92f3577b34da6a3ce929d0e0e4736",
        "at": "2026-03-02T08:00:00+08:00",
        "amount": "317400000.00",
    }
    structlog.get_logger("any").info("moved", **facts)
    (line,) = written()
    assert {key: line[key] for key in facts} == facts
