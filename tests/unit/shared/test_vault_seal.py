"""Sealed values open only where they were sealed, with the key that sealed them (M-PI-10, G8)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.vault.keys import KeyRing, MissingKey, Profile
from shared.vault.seal import (
    Tampered,
    key_id_of,
    seal,
    seal_bytes,
    seal_column,
    seal_many,
    unseal,
    unseal_bytes,
    unseal_many,
)

FIELD = "household_member.id_number"
ROW = UUID(int=1)
OTHER_ROW = UUID(int=2)
VALUE = "11010519491231002X"

rings = pytest.mark.parametrize("ring", [KeyRing.fresh(profile) for profile in Profile], ids=list(Profile))


@rings
@pytest.mark.parametrize("value", [VALUE, "", "巴特尔·𠮷", "1" * 5000])
def test_a_value_comes_back_as_it_went_in(ring: KeyRing, value: str) -> None:
    assert unseal(ring, FIELD, ROW, seal(ring, FIELD, ROW, value)) == value


@rings
def test_a_sealed_value_shows_nothing_and_never_looks_the_same_twice(ring: KeyRing) -> None:
    first, second = seal(ring, FIELD, ROW, VALUE), seal(ring, FIELD, ROW, VALUE)
    assert first != second
    assert VALUE[6:14].encode() not in first
    assert len(first) == len(VALUE) + 31


@rings
@pytest.mark.parametrize(
    ("field", "row"),
    [(FIELD, OTHER_ROW), ("household_member.phone", ROW), ("household_member.id_numbe", ROW)],
    ids=["another row", "another field", "a field with a shorter name"],
)
def test_a_moved_value_does_not_open(ring: KeyRing, field: str, row: UUID) -> None:
    sealed = seal(ring, FIELD, ROW, VALUE)
    with pytest.raises(Tampered):
        unseal(ring, field, row, sealed)


@rings
def test_no_byte_can_be_changed_or_cut(ring: KeyRing) -> None:
    sealed = seal(ring, FIELD, ROW, VALUE)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises((Tampered, MissingKey)):
            unseal(ring, FIELD, ROW, changed)
        with pytest.raises(Tampered):
            unseal(ring, FIELD, ROW, sealed[:at])


def test_the_key_of_another_deployment_does_not_open() -> None:
    with pytest.raises(Tampered):
        unseal(KeyRing.fresh(), FIELD, ROW, seal(KeyRing.fresh(), FIELD, ROW, VALUE))


@pytest.mark.parametrize("before", Profile)
@pytest.mark.parametrize("after", Profile)
def test_after_a_rotation_old_values_open_and_new_ones_use_the_new_key(before: Profile, after: Profile) -> None:
    old = KeyRing.fresh(before)
    new = old.rotated(after)
    from_before, from_after = seal(old, FIELD, ROW, VALUE), seal(new, FIELD, ROW, VALUE)

    assert [key_id_of(from_before), key_id_of(from_after)] == [1, 2]
    assert unseal_many(new, FIELD, [(ROW, from_before), (ROW, from_after)]) == [VALUE, VALUE]
    with pytest.raises(MissingKey):
        unseal(old, FIELD, ROW, from_after)


@given(st.lists(st.tuples(st.uuids(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_many_values_are_sealed_in_their_order(rows: list[tuple[UUID, str]]) -> None:
    ring = KeyRing.fresh()
    sealed = seal_many(ring, FIELD, rows)
    ids, values = [row_id for row_id, _ in rows], [value for _, value in rows]
    assert unseal_many(ring, FIELD, zip(ids, sealed, strict=True)) == values


@rings
def test_what_is_no_text_is_sealed_alike(ring: KeyRing) -> None:
    content = bytes(range(256)) * 9
    assert unseal_bytes(ring, FIELD, ROW, seal_bytes(ring, FIELD, ROW, content)) == content
    with pytest.raises(Tampered):
        unseal_bytes(ring, FIELD, OTHER_ROW, seal_bytes(ring, FIELD, ROW, content))


@rings
def test_a_column_is_sealed_for_its_rows(ring: KeyRing) -> None:
    sealed = seal_column(ring, FIELD, [ROW.bytes, OTHER_ROW.bytes], iter([VALUE, "张三"]))
    assert unseal_many(ring, FIELD, zip([ROW, OTHER_ROW], sealed, strict=True)) == [VALUE, "张三"]
