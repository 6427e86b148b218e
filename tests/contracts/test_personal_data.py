"""Events carry no personal data: the lint finds none, each planted one is found, and no text form could hold any."""

import re
from datetime import date
from typing import get_args
from uuid import UUID

import pytest
from pydantic import TypeAdapter, create_model

from shared.contracts import parts
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.event import DataClass, Event
from shared.contracts.parts import Code, Part
from shared.contracts.samples import sample
from shared.kernel.areas import AreaCode
from tests.contracts.personal_data import BANNED_WORDS, personal_data

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}", re.IGNORECASE)
LONG_DIGITS = re.compile(r"\d{9,}")
OTHER = UUID("0193aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee")


class Contact(Part):
    phone: Code


@pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)
def test_no_event_carries_personal_data(event_type: type[Event]) -> None:  # M-PI-08
    assert personal_data(event_type) == []


@pytest.mark.parametrize(
    ("field", "form", "data_class", "fault"),
    [
        *((f"head_{word}", Code, DataClass.L3, f"named like a person's {word}") for word in sorted(BANNED_WORDS)),
        ("contact", Contact, DataClass.L2, "contact.phone: named like a person's phone"),
        ("contacts", tuple[Contact, ...], DataClass.L2, "contacts.phone: named like a person's phone"),
        ("contact", Contact | None, DataClass.L2, "contact.phone: named like a person's phone"),
        ("remarks", str, DataClass.L2, "remarks: free text"),
        ("extras", dict[str, str], DataClass.L2, "extras: anything at all"),
        ("share", float, DataClass.L2, "share: a floating number"),
        ("household_id", UUID, DataClass.L2, "refers to a household and is of class L2"),
        ("cause", Code, DataClass.L3, "cause: must be private"),
        ("policy", Code, DataClass.L3, "policy: must be private"),
        ("person_id", UUID | None, DataClass.L3, "person_id: must be private"),
    ],
)
def test_planted_personal_data_is_found(field: str, form: type, data_class: DataClass, fault: str) -> None:
    planted = create_model("Planted", __base__=Event, **{field: (form, ...)})  # type: ignore[call-overload]
    planted.DATA_CLASS = data_class
    assert any(fault in found for found in personal_data(planted)), personal_data(planted)


TEXT_FORMS = {
    name: TypeAdapter(form).json_schema()["pattern"]
    for name, form in vars(parts).items()
    if get_args(form)[:1] == (str,)
}


@pytest.mark.parametrize(
    "pattern", [pytest.param(TEXT_FORMS[name], id=name) for name in TEXT_FORMS if name != "Sha256"]
)
@pytest.mark.parametrize(
    "personal",
    [
        "13812345678",
        "230606199001011234",
        "23060619900101123X",
        "6228480402564890018",
        "张三13812345678",
        "110105-13812345678",
    ],
)
def test_no_text_form_holds_a_personal_number(pattern: str, personal: str) -> None:
    assert re.match(pattern, personal) is None


def test_all_text_forms_are_looked_at() -> None:
    assert {"Code", "DocumentNo", "Label", "Period", "Measured", "Category"} <= TEXT_FORMS.keys()


@pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)
def test_the_sentence_may_be_shown_to_anybody(event_type: type[Event]) -> None:
    event = sample(event_type)
    sentence = event.sentence()
    assert sentence.endswith("。")
    assert re.search(r"[\u4e00-\u9fff]", sentence)
    assert not UUID_TEXT.search(sentence)
    assert not LONG_DIGITS.search(sentence)
    assert not re.search(r"[A-Za-z_]{3,}", sentence), "a sentence speaks Chinese, not codes"


@pytest.mark.parametrize("event_type", CATALOGUE.values(), ids=CATALOGUE)
def test_the_sentence_says_nothing_of_ids_place_or_private_fields(event_type: type[Event]) -> None:
    event = sample(event_type)
    hidden = {field for field, value in event if isinstance(value, UUID)} | event_type.PRIVATE | {"area_code"}
    other = event.model_copy(update=dict.fromkeys(hidden, OTHER))
    assert other.sentence() == event.sentence()


def test_a_sentence_with_a_private_field_would_be_noticed() -> None:
    class Talkative(Event):
        TYPE = "monitoring.planted.told"
        PRIVATE = frozenset({"cause"})
        cause: Code

        def sentence(self) -> str:
            return f"原因：{self.cause}。"

    event = Talkative(area_code=AreaCode.parse("230606"), cause="ILLNESS")
    assert event.model_copy(update={"cause": OTHER}).sentence() != event.sentence()


def test_amounts_and_days_are_said_in_words() -> None:
    assert parts.yuan(123450) == "1234.50元"
    assert parts.day(date(2025, 6, 3)) == "2025年6月3日"
