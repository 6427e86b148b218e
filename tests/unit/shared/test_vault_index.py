"""The blind index finds equal values of one field and tells nothing else."""

import hashlib
import hmac

import pytest

from shared.vault.index import blind_index, blind_index_many
from shared.vault.keys import KeyRing, Profile

FIELD = "household_member.id_number"
VALUE = "11010519491231002X"

rings = pytest.mark.parametrize("ring", [KeyRing.fresh(profile) for profile in Profile], ids=list(Profile))


@rings
def test_the_same_value_has_the_same_index(ring: KeyRing) -> None:
    assert blind_index(ring, FIELD, VALUE) == blind_index(ring, FIELD, VALUE)
    assert len(blind_index(ring, FIELD, VALUE)) == 16


@rings
@pytest.mark.parametrize("spelling", ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ"])
def test_case_and_full_width_do_not_count(ring: KeyRing, spelling: str) -> None:
    assert blind_index(ring, FIELD, spelling) == blind_index(ring, FIELD, VALUE)


@rings
def test_another_field_value_or_deployment_has_another_index(ring: KeyRing) -> None:
    indexes = {
        blind_index(ring, FIELD, VALUE),
        blind_index(ring, "payee.id_number", VALUE),
        blind_index(ring, FIELD, "110105194912310021"),
        blind_index(KeyRing.fresh(), FIELD, VALUE),
    }
    assert len(indexes) == 4


def test_the_index_survives_a_rotation_of_the_sealing_key() -> None:
    ring = KeyRing.fresh()
    assert blind_index(ring.rotated(Profile.NATIONAL), FIELD, VALUE) == blind_index(ring, FIELD, VALUE)


def test_it_is_the_hmac_that_the_stored_indexes_were_made_with() -> None:
    ring = KeyRing.fresh()
    field_key = hmac.digest(ring.index.secret, b"blind index key\0" + FIELD.encode(), hashlib.sha256)
    expected = hmac.digest(field_key, FIELD.encode() + b"\0" + VALUE.encode(), hashlib.sha256)
    assert blind_index(ring, FIELD, VALUE) == expected[:16]


@rings
def test_many_indexes_are_the_single_ones_in_order(ring: KeyRing) -> None:
    values = [VALUE, "", "张三", VALUE]
    assert blind_index_many(ring, FIELD, values) == [blind_index(ring, FIELD, value) for value in values]
