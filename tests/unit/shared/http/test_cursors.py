"""Cursors: they come back as they were written, and nobody can write one."""

import base64
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.paging import Cursors
from shared.kernel.areas import AreaCode
from shared.kernel.errors import Invalid
from shared.vault.keys import KeyRing

cursors = Cursors(b"secret")
values = st.one_of(
    st.uuids(),
    st.integers(-(2**62), 2**62),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


@given(st.lists(values, min_size=1, max_size=4), st.binary(max_size=8))
def test_a_cursor_reads_as_it_was_written(keys: list[Any], query: bytes) -> None:
    assert cursors.read(cursors.write(keys, query), query) == keys


def test_an_area_code_is_a_number_in_it() -> None:
    assert cursors.read(cursors.write([AreaCode(230606000000)], b""), b"") == [230606000000]


@pytest.mark.parametrize("value", [None, 1.5, b"x"])
def test_only_plain_keys_can_order_a_page(value: object) -> None:
    with pytest.raises(TypeError):
        cursors.write([value], b"")


def refused(cursor: str, query: bytes = b"q") -> None:
    with pytest.raises(Invalid) as caught:
        cursors.read(cursor, query)
    assert caught.value.code == "CURSOR_INVALID"


def test_a_changed_cursor_is_refused() -> None:
    good = cursors.write([UUID(int=7), date(2023, 6, 9), datetime(2023, 6, 9, tzinfo=UTC)], b"q")
    packed = base64.urlsafe_b64decode(good + "==")
    for place in range(len(packed)):
        changed = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
        refused(base64.urlsafe_b64encode(changed).decode().rstrip("="))
    refused(good, b"another query")
    for rubbish in ("", "x", "=", "é", good[:-1], good + "A", "A" * 200):
        refused(rubbish)


def test_each_deployment_signs_with_its_own_secret() -> None:
    first, second = KeyRing.fresh(), KeyRing.fresh()
    cursor = Cursors.of(first).write([1], b"q")
    assert Cursors.of(first).read(cursor, b"q") == [1]
    with pytest.raises(Invalid):
        Cursors.of(second).read(cursor, b"q")


@given(st.text())
def test_no_rubbish_gets_through(text: str) -> None:
    refused(text)
