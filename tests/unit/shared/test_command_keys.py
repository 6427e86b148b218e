"""What a key stands for: the same input has the same hash in every process."""

import subprocess
import sys

_PROGRAM = """
from typing import ClassVar
from shared.commands.command import Command
from shared.commands.keys import input_hash
from shared.kernel.roles import Role

class Pick(Command):
    ROLES: ClassVar[frozenset[Role]] = frozenset()
    PRECONDITIONS: ClassVar[frozenset[str]] = frozenset({"seen"})
    colours: frozenset[str]
    content: bytes = b""
    seen: int = 0

words = ["red", "green", "blue", "black", "white", "grey"]
same = {input_hash(Pick(colours=words, seen=seen)) for seen in range(3)}
assert len(same) == 1
assert input_hash(Pick(colours=words, content=b"x")) not in same
print(same.pop().hex())
"""


def test_g2_the_hash_of_a_command_does_not_depend_on_the_process() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(hashes) == 1
