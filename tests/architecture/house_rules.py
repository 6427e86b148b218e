"""The house rules that import contracts cannot see, as data: name, reason, where, and a finder over one file.
A line is excused by `# house: allow <rule> because <reason>` on it or just above; an excuse that excuses nothing fails.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("shared", "services", "deploy", "tests", "docs", ".ci")
SKIPPED_FOLDERS = {"__pycache__", "vendor"}
PLANTS = ROOT / "tests/architecture/test_house_rules_bite.py"
"""Full of violations on purpose."""
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
WHOLE_FILE = 0
"""Line number of a finding about the file itself; its excuse may stand on any line."""


@dataclass(frozen=True)
class Source:
    """One text file of the tree, by its path from the root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def strings(self) -> list[ast.Constant]:
        """String constants that are not docstrings: where SQL lives."""
        prose = {id(node.value) for node in self.nodes if isinstance(node, ast.Expr)}
        return [
            n for n in self.nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in prose
        ]


Finding = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """A house rule. `inside` and `outside` are patterns of paths it covers and spares."""

    name: str
    reason: str
    find: Callable[[Source], Iterator[Finding]]
    inside: str = r"(shared|services|tests)/"
    outside: str = r"(?!)"
    suffixes: tuple[str, ...] = field(default=(".py",))

    def covers(self, path: str) -> bool:
        return path.endswith(self.suffixes) and bool(re.match(self.inside, path)) and not re.match(self.outside, path)


def dotted(node: ast.AST) -> str:
    """`a.b.c` as written; empty where the expression is not a plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def in_strings(source: Source, pattern: str, says: str) -> Iterator[Finding]:
    for node in source.strings:
        if found := re.search(pattern, str(node.value), re.DOTALL):
            yield node.lineno + str(node.value)[: found.start()].count("\n"), f"{says}: {found.group()!r}"


def in_lines(source: Source, pattern: str, says: str) -> Iterator[Finding]:
    for number, line in enumerate(source.lines, 1):
        if found := re.search(pattern, line):
            yield number, f"{says}: {found.group()!r}"


def commits(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "begin"}
        ):
            yield node.lineno, f".{node.func.attr}( ends or opens a transaction"
    yield from in_strings(source, r"^\s*(BEGIN|COMMIT|START TRANSACTION)\s*;?\s*$", "transaction control in SQL")


STATE_SQL = r"(?i)\b(update|into|delete\s+from)\s+case_file\b|\bset\b(?:(?!\bwhere\b).)*?\bstate\s*="


def state_writes(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [dotted(target) for target in targets]
            if any(name.endswith(".state") and name != "self.state" for name in names):
                yield node.lineno, "assigns .state"
        if isinstance(node, ast.Call) and dotted(node.func).endswith("values"):
            yield from ((node.lineno, "values(state=…)") for word in node.keywords if word.arg == "state")
        if isinstance(node, ast.Call) and dotted(node.func) == "setattr" and is_text(node.args[1], "state"):
            yield node.lineno, "setattr(…, 'state', …)"
    yield from in_strings(source, STATE_SQL, "SQL writes a state")


def is_text(node: ast.AST, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


CLOCK_CALL = re.compile(
    r"(^|\.)((datetime|date|dt)\.(now|utcnow|today)|time\.(time|time_ns)|uuid\.uuid[1-8]|func\.(now|current_\w+))$"
)
CLOCK_IMPORT = {"uuid": re.compile(r"uuid[1-8]"), "time": re.compile(r"time(_ns)?")}
CLOCK_SQL = r"(?i)\b(now|clock_timestamp|statement_timestamp|gen_random_uuid|uuidv7)\(\)|\bcurrent_(timestamp|date)\b"


def own_clocks(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and CLOCK_CALL.search(dotted(node)):
            yield node.lineno, dotted(node)
        if isinstance(node, ast.ImportFrom) and (names := CLOCK_IMPORT.get(node.module or "")):
            yield from ((node.lineno, alias.name) for alias in node.names if names.fullmatch(alias.name))
    yield from in_strings(source, CLOCK_SQL, "the database's clock or ids")


BROAD = {"Exception", "BaseException"}


def broad_excepts(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and catches_all(node.type):
            if not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
                yield node.lineno, "catches everything and goes on"
        elif isinstance(node, ast.Call) and dotted(node.func).endswith("suppress") and any(map(catches_all, node.args)):
            yield node.lineno, "suppresses everything"


def catches_all(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(one is None or dotted(one).rpartition(".")[2] in BROAD for one in kinds)


def floats(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float"
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the literal {node.value}"


def lazy_relations(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "relationship":
            lazy = [word.value for word in node.keywords if word.arg == "lazy"]
            if not any(is_text(value, "raise") for value in lazy):
                yield node.lineno, 'relationship without lazy="raise"'


def foreign_tables(source: Source) -> Iterator[Finding]:
    own = source.path.split("/")[1]
    others = "|".join({"funds", "monitoring", "assets"} - {own})
    yield from in_strings(source, rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?(?:{others})\"?\.", "another service's schema")


def long_files(source: Source) -> Iterator[Finding]:
    if len(source.lines) > MAX_FILE_LINES:
        yield WHOLE_FILE, f"{len(source.lines)} lines"


def long_functions(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {length} lines"


VAGUE = re.compile(r"(^|/)(utils?|helpers?|common|misc|base_service|crud)(/|\.py$)")


def vague_names(source: Source) -> Iterator[Finding]:
    if found := VAGUE.search(source.path):
        yield WHOLE_FILE, f"{found.group(2)!r} says nothing about what is inside"


def full_inits(source: Source) -> Iterator[Finding]:
    if source.path.endswith("__init__.py") and source.text:
        yield 1, "an __init__.py holds something"


BLOCKING = re.compile(
    r"^(open|input|time\.sleep|requests\.\w+|subprocess\.\w+|os\.(system|popen)|urllib\.request\.urlopen)$"
    r"|\.(read_text|write_text|read_bytes|write_bytes)$"
)


def blocking_calls(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.AsyncFunctionDef):
            yield from (
                (call.lineno, dotted(call.func)) for call in calls_of(node) if BLOCKING.search(dotted(call.func))
            )


def calls_of(function: ast.AST) -> Iterator[ast.Call]:
    """Calls that run in this function itself, not in functions defined inside it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from calls_of(child)


MACHINE = r"(?<![\w.$}-])/(?:[w]ork|[r]oot|home/\w+|Users/\w+)/|\.\./[s]hared/(?:design|cases)"
HOSTS = r"\b(?:pypi\.[o]rg|[p]ythonhosted\.org|registry\.[n]pmjs|[n]pmmirror|maven\.[o]rg|maven\.apache\.[o]rg)\b"


def machine_paths(source: Source) -> Iterator[Finding]:
    yield from in_lines(source, MACHINE, "a path of one machine")


def registry_hosts(source: Source) -> Iterator[Finding]:
    yield from in_lines(source, HOSTS, "the address of a package registry")
    if source.path.endswith(".lock"):
        yield from in_lines(source, r"://|\b[\w-]+\.(?:com|cn|org|net|io|dev|internal)\b", "an address in a lock")


CODE = r"(shared|services)/"
TEXT = (
    *(".py", ".md", ".toml", ".lock", ".yml", ".yaml", ".sh", ".sql", ".json", ".csv", ".html", ".css", ".js"),
    *(".ini", ".cfg", ".txt", ".example", ".importlinter", ".gitignore", "Makefile", "Dockerfile", "NOTICE", ".ci/run"),
)
COMMITTERS = r"shared/(commands/pipeline\.py|(messaging|delivery|testing|runtime)/)|.*/migrations/"
CLOCKS = r"shared/kernel/(clock|ids)\.py|tests/bench/"
"""The yardsticks of the figures go around the floor; that is what they measure."""
NEAR_MONEY = r"services/[^/]+/(domain|tables|parameters)(/|\.py)|shared/ledger/|shared/kernel/money\.py"

RULES = (
    Rule("commit", "one command is one transaction, and the pipeline owns it", commits, CODE, COMMITTERS),
    Rule(
        "state",
        "a case moves only by advance(), with history, due date and event",
        state_writes,
        CODE,
        r"shared/cases/",
    ),
    Rule("clock", "time and ids come from the kernel, so that demo time and replay hold", own_clocks, outside=CLOCKS),
    Rule(
        "broad-except",
        "errors are handled by kind; only the supervisor restarts and delivery parks",
        broad_excepts,
        CODE,
        r"shared/(runtime/supervisor|delivery/attempt)\.py",
    ),
    Rule("float", "money, income and ratios are integers and fractions", floats, NEAR_MONEY),
    Rule("lazy", "a relation that loads by itself is a hidden query", lazy_relations),
    Rule("own-tables", "services meet in events, never in SQL", foreign_tables, r"services/(funds|monitoring|assets)/"),
    Rule("file-length", f"a file has at most {MAX_FILE_LINES} lines", long_files, suffixes=(".py", ".sh", "Makefile")),
    Rule("function-length", f"a function has at most {MAX_FUNCTION_LINES} lines", long_functions),
    Rule("module-name", "a module is named after what it holds", vague_names),
    Rule("empty-init", "nothing happens on import of a package", full_inits),
    Rule("blocking", "a blocking call stops every other request", blocking_calls, outside=r"tests/bench/"),
    Rule("machine-path", "the tree works on any machine", machine_paths, inside="", suffixes=TEXT),
    Rule(
        "registry-host", "where packages come from is the machine's setting", registry_hosts, inside="", suffixes=TEXT
    ),
)

EXCUSE = re.compile(r"house: allow (?P<rule>[\w-]+) because \w")


def judge(rule: Rule, source: Source) -> list[str]:
    """Findings of one rule in one file that nobody excused, and excuses of this rule that excuse nothing."""
    if not rule.covers(source.path):
        return []
    excuses = {
        number
        for number, line in enumerate(source.lines, 1)
        if any(found["rule"] == rule.name for found in EXCUSE.finditer(line))
    }
    used: set[int] = set()
    left = []
    for line, says in rule.find(source):
        near = excuses if line == WHOLE_FILE else excuses & {line, line - 1}
        used |= near
        if not near:
            left.append(f"{source.path}:{line}: {says}")
    left += [f"{source.path}:{line}: excuses nothing, remove it" for line in sorted(excuses - used)]
    return left


def tree() -> list[Source]:
    """Every text file of the project, read once."""
    paths = [path for path in ROOT.iterdir() if path.is_file()]
    for room in ROOMS:
        paths += [path for path in (ROOT / room).rglob("*") if not SKIPPED_FOLDERS & set(path.parts)]
    names = ((path, path.relative_to(ROOT).as_posix()) for path in sorted(paths) if path.is_file() and path != PLANTS)
    return [Source(name, path.read_text("utf-8")) for path, name in names if name.endswith(TEXT)]
