"""The key ring file: made once, private, whole or not at all, and refused when damaged."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from shared.vault.keys import BrokenRing, KeyRing, KeyState, Profile
from shared.vault.ring_file import load_or_create_ring, load_ring, save_ring


@pytest.mark.parametrize("profile", Profile)
def test_the_first_run_makes_a_ring_and_the_next_reads_it(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "keys" / "ring.json"
    made = load_or_create_ring(path, profile)
    assert load_or_create_ring(path, profile) == made
    assert made.active.algorithm is profile.seals
    assert [file.name for file in path.parent.iterdir()] == ["ring.json"]


@pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX promise")
def test_only_the_owner_may_read_the_ring(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    load_or_create_ring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    save_ring(path, load_ring(path).rotated(Profile.NATIONAL))
    assert path.stat().st_mode & 0o777 == 0o600


def test_first_runs_at_once_share_one_ring(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: load_or_create_ring(path), range(16)))
    assert all(ring == rings[0] for ring in rings)


def test_a_rotated_ring_is_stored_with_its_retired_key(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    rotated = KeyRing.fresh().rotated(Profile.NATIONAL)
    save_ring(path, rotated)
    assert load_ring(path) == rotated
    assert [key.state for key in load_ring(path).keys.values()] == [KeyState.DECRYPT_ONLY, KeyState.ACTIVE]


def _no_active_key(ring: dict[str, Any]) -> None:
    ring["keys"][0]["state"] = "decrypt-only"


def _same_id_twice(ring: dict[str, Any]) -> None:
    ring["keys"].append(ring["keys"][0] | {"state": "decrypt-only"})


def _short_secret(ring: dict[str, Any]) -> None:
    ring["keys"][0]["secret"] = "AAAA"


def _short_index_secret(ring: dict[str, Any]) -> None:
    ring["index"]["secret"] = "AAAA"


def _unknown_algorithm(ring: dict[str, Any]) -> None:
    ring["keys"][0]["algorithm"] = "DES"


def _later_format(ring: dict[str, Any]) -> None:
    ring["format"] = 2


def _id_too_large(ring: dict[str, Any]) -> None:
    ring["keys"][0]["id"] = 65_536


def _no_index(ring: dict[str, Any]) -> None:
    del ring["index"]


@pytest.mark.parametrize(
    "damage",
    [
        _no_active_key,
        _same_id_twice,
        _short_secret,
        _short_index_secret,
        _unknown_algorithm,
        _later_format,
        _id_too_large,
        _no_index,
    ],
)
def test_a_damaged_ring_is_refused(tmp_path: Path, damage: Callable[[dict[str, Any]], None]) -> None:
    path = tmp_path / "ring.json"
    load_or_create_ring(path)
    stored = json.loads(path.read_text())
    damage(stored)
    path.write_text(json.dumps(stored))
    with pytest.raises(BrokenRing):
        load_ring(path)


def test_neither_a_message_nor_a_representation_shows_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "ring.json"
    ring = load_or_create_ring(path)
    secret = json.loads(path.read_text())["keys"][0]["secret"]
    path.write_text(path.read_text()[:-2])
    with pytest.raises(BrokenRing) as refusal:
        load_ring(path)
    assert secret not in f"{refusal.value!r} {refusal.value.__cause__!r}"
    assert repr(ring.active.secret) not in repr(ring)
    assert repr(ring.index.secret) not in repr(ring)


def test_a_missing_file_is_no_ring(tmp_path: Path) -> None:
    with pytest.raises(BrokenRing):
        load_ring(tmp_path / "ring.json")
