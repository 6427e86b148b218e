"""Each house rule catches a planted violation, spares what is meant to be spared, and can be excused by name."""

import pytest

from tests.architecture.house_rules import MAX_FILE_LINES, MAX_FUNCTION_LINES, RULES, Source, judge

BY_NAME = {rule.name: rule for rule in RULES}
WORKPLACE = "/{}/main".format("work")
REGISTRY = "files.{}.org".format("pythonhosted")
FAR_DESIGN = "../{}/design".format("shared")

PLANTED = [
    ("commit", "services/funds/commands/payments.py", "await session.commit()"),
    ("commit", "shared/cases/advance.py", "async with engine.begin() as tx: pass"),
    ("commit", "shared/db/bulk.py", "await driver.execute('COMMIT')"),
    ("state", "services/funds/commands/projects.py", "project.state = 'APPROVED'"),
    ("state", "services/funds/commands/projects.py", "setattr(project, 'state', 'APPROVED')"),
    ("state", "services/funds/bulk/lines.py", "statement = update(cases).values(state='PAID')"),
    ("state", "shared/http/feed.py", "sql = 'update case_file set due_on = $1'"),
    (
        "state",
        "services/assets/bulk/distribute.py",
        "sql = 'UPDATE right_case SET due_on = $1, state = $2 WHERE id = $3'",
    ),
    ("clock", "services/funds/domain/library.py", "today = date.today()"),
    ("clock", "services/funds/tables/library.py", "made = field(default_factory=datetime.datetime.now)"),
    ("clock", "shared/messaging/outbox.py", "from uuid import uuid4"),
    ("clock", "shared/messaging/outbox.py", "key = uuid.uuid4()"),
    ("clock", "tests/unit/test_x.py", "start = time.time()"),
    ("clock", "services/funds/queries/money.py", "sql = 'SELECT * FROM payment WHERE paid_at < now()'"),
    ("clock", "shared/ledger/tables.py", "at = Column(server_default=func.now())"),
    ("broad-except", "services/funds/api/money.py", "try: x()\nexcept Exception: pass"),
    ("broad-except", "services/funds/api/money.py", "try: x()\nexcept: pass"),
    ("broad-except", "services/funds/api/money.py", "try: x()\nexcept (KeyError, BaseException): log()"),
    ("broad-except", "shared/http/app.py", "with contextlib.suppress(Exception): x()"),
    ("float", "services/funds/domain/payments.py", "def share(part: float) -> int: ..."),
    ("float", "services/monitoring/tables/households.py", "RATE = 0.05"),
    ("float", "shared/ledger/post.py", "total = sum(amounts) * 1.0"),
    ("float", "shared/kernel/money.py", "yuan = float(text)"),
    ("lazy", "services/funds/tables/library.py", "lines = relationship('Line')"),
    ("lazy", "services/funds/tables/library.py", "lines = orm.relationship('Line', lazy='select')"),
    ("own-tables", "services/funds/queries/money.py", "sql = 'SELECT 1 FROM assets.asset'"),
    (
        "own-tables",
        "services/assets/bulk/x.py",
        "sql = f'SELECT 1 FROM asset JOIN monitoring.household USING (id) {where}'",
    ),
    ("file-length", "shared/db/bulk.py", "x = 1\n" * (MAX_FILE_LINES + 1)),
    ("function-length", "shared/db/bulk.py", "async def long():\n" + "    x = 1\n" * MAX_FUNCTION_LINES),
    ("module-name", "shared/db/utils.py", ""),
    ("module-name", "services/funds/helpers/money.py", ""),
    ("empty-init", "shared/db/__init__.py", "from shared.db.base import Base"),
    ("blocking", "shared/cases/evidence.py", "async def load():\n    return open('x').read()"),
    ("blocking", "shared/cases/evidence.py", "async def load():\n    for _ in range(3):\n        time.sleep(1)"),
    ("blocking", "shared/runtime/postgres.py", "async def start():\n    subprocess.run(['initdb'])"),
    ("blocking", "shared/cases/evidence.py", "async def load(path):\n    return path.read_bytes()"),
    ("machine-path", "docs/guide.md", f"see {WORKPLACE}/x"),
    ("machine-path", "docs/guide.md", f"see {FAR_DESIGN}/style.md"),
    ("registry-host", "requirements.lock", f"--index-url https://{REGISTRY}"),
    ("registry-host", "requirements.lock", "# from mirror.example.com"),
    ("registry-host", "docs/guide.md", f"fetch it from {REGISTRY}"),
]

SPARED = [
    ("commit", "shared/commands/pipeline.py", "await session.commit()"),
    ("commit", "services/funds/domain/words.py", "verb = 'begin'"),
    ("state", "shared/cases/advance.py", "sql = 'UPDATE case_file SET state = $1'"),
    ("state", "shared/runtime/supervisor.py", "self.state = 'stopped'"),
    ("state", "shared/http/auth.py", "request.state.actor = actor"),
    ("state", "services/funds/queries/projects.py", "sql = 'UPDATE note SET text = $1 WHERE state = $2'"),
    ("clock", "shared/kernel/clock.py", "now = datetime.now(UTC)"),
    ("clock", "services/funds/commands/projects.py", "at = ctx.clock.now()"),
    ("clock", "services/funds/commands/projects.py", "'''Never calls now() itself.'''"),
    ("broad-except", "shared/runtime/supervisor.py", "try: x()\nexcept Exception: restart()"),
    ("broad-except", "shared/db/sessions.py", "try: x()\nexcept Exception:\n    undo()\n    raise"),
    ("broad-except", "shared/db/sessions.py", "try: x()\nexcept KeyError: pass"),
    ("float", "shared/http/health.py", "TIMEOUT_SECONDS = 0.5"),
    ("float", "services/funds/domain/payments.py", "share = Fraction(1, 3)"),
    ("lazy", "services/funds/tables/library.py", "lines = relationship('Line', lazy='raise')"),
    ("own-tables", "services/funds/reactions.py", "TYPE = 'assets.asset.registered'"),
    ("own-tables", "services/funds/queries/money.py", "sql = 'SELECT 1 FROM funds.payment'"),
    ("file-length", "shared/db/bulk.py", "x = 1\n" * MAX_FILE_LINES),
    ("function-length", "shared/db/bulk.py", "def long():\n" + "    x = 1\n" * (MAX_FUNCTION_LINES - 1)),
    ("module-name", "shared/db/bulk.py", ""),
    ("empty-init", "shared/db/__init__.py", ""),
    ("blocking", "shared/cases/evidence.py", "def load():\n    return open('x').read()"),
    (
        "blocking",
        "shared/cases/evidence.py",
        "async def load():\n    def read(): return open('x')\n    await to_thread(read)",
    ),
    ("machine-path", "services/funds/api/work.py", "route = '/v1/work/items'"),
    ("machine-path", "docs/guide.md", "see ../shared/kernel/money.py"),
    ("registry-host", "requirements.lock", "aiokafka==0.14.0 \\"),
]


@pytest.mark.parametrize(("name", "path", "text"), PLANTED)
def test_a_violation_is_caught(name: str, path: str, text: str) -> None:
    assert judge(BY_NAME[name], Source(path, text))


@pytest.mark.parametrize(("name", "path", "text"), SPARED)
def test_the_allowed_is_spared(name: str, path: str, text: str) -> None:
    assert judge(BY_NAME[name], Source(path, text)) == []


def test_every_rule_is_shown_to_bite_and_to_spare() -> None:
    assert {name for name, _, _ in PLANTED} == {name for name, _, _ in SPARED} == set(BY_NAME)


EXCUSED = "# house: allow commit because the bench measures commits"


@pytest.mark.parametrize("text", [f"s.commit()  {EXCUSED}", f"{EXCUSED}\ns.commit()"])
def test_an_excuse_with_a_reason_stands(text: str) -> None:
    assert judge(BY_NAME["commit"], Source("services/funds/commands/lag.py", text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "s.commit()  # house: allow commit",
        "s.commit()  # house: allow commit because ",
        "s.commit()  # house: allow clock because it is late",
        f"{EXCUSED}\n\ns.commit()",
    ],
    ids=["no reason", "empty reason", "another rule", "too far away"],
)
def test_a_poor_excuse_does_not_stand(text: str) -> None:
    assert judge(BY_NAME["commit"], Source("services/funds/commands/lag.py", text))


def test_an_excuse_for_nothing_is_found() -> None:
    (found,) = judge(BY_NAME["commit"], Source("services/funds/commands/lag.py", EXCUSED))
    assert "excuses nothing" in found


def test_a_whole_file_may_be_excused_anywhere() -> None:
    text = "x = 1\n" * MAX_FILE_LINES + "# house: allow file-length because it is one table"
    assert judge(BY_NAME["file-length"], Source("shared/db/bulk.py", text)) == []
