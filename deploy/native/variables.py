"""The variables of docker-compose.yml: from the environment, else from `.env`, put into the file's texts."""

import re
from collections.abc import Mapping
from pathlib import Path

from deploy.native.problems import BadCompose

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_READ_DIFFERENTLY = re.compile(r"""^['"]|[$\\]|\s#|\s$""")
_OPERATORS = (":-", "-", ":?", "?")


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` by line; raises BadCompose for what Compose would read in another way than it stands."""
    found = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = _LINE.fullmatch(line)
        if entry is None or _READ_DIFFERENTLY.search(entry[2]):
            raise BadCompose(
                f"{path} 第 {number} 行应为 名称=值，不含引号、$、反斜杠。 / "
                f"{path}, line {number}: NAME=value is wanted, without quotes, $ or backslash.",
            )
        found[entry[1]] = entry[2]
    return found


def filled(value: object, variables: Mapping[str, str]) -> object:
    """`value` with `${…}` replaced in every text below it, but not in keys; raises BadCompose."""
    if isinstance(value, str):
        return interpolated(value, variables)
    if isinstance(value, dict):
        return {key: filled(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, variables) for each in value]
    return value


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`, `$$`.

    Defaults may hold variables again. Raises BadCompose for any other form and for what is required and lacking.
    """
    made, rest = "", text
    while rest:
        before, dollar, rest = rest.partition("$")
        made += before
        if not dollar:
            break
        if rest.startswith("$"):
            made, rest = f"{made}$", rest[1:]
        elif rest.startswith("{"):
            inside, rest = _braced(rest, text)
            made += _value(inside, variables)
        elif name := _NAME.match(rest):
            made, rest = made + variables.get(name[0], ""), rest[name.end() :]
        else:
            raise BadCompose(f"无法解读 {text} / cannot be read: {text}")
    return made


def _braced(rest: str, text: str) -> tuple[str, str]:
    """What stands between `{` and its own `}`, and what follows."""
    depth = 0
    for position, letter in enumerate(rest):
        depth += (letter == "{") - (letter == "}")
        if depth == 0:
            return rest[1:position], rest[position + 1 :]
    raise BadCompose(f"缺少右括号：{text} / a brace is not closed: {text}")


def _value(inside: str, variables: Mapping[str, str]) -> str:
    name = _NAME.match(inside)
    operator = next((each for each in _OPERATORS if name and inside.startswith(each, name.end())), "")
    if name is None or (not operator and name.end() < len(inside)):
        raise BadCompose(f"不支持的写法 ${{{inside}}} / a form that is not supported: ${{{inside}}}")
    value, other = variables.get(name[0]), inside[name.end() + len(operator) :]
    if value or (value is not None and not operator.startswith(":")):
        return value
    if operator.endswith("?"):
        raise BadCompose(f"缺少变量 {name[0]}：{other} / the variable {name[0]} is missing: {other}")
    return interpolated(other, variables)
