"""The files of the embedded server: where they lie, who owns them, how a new cluster is laid out."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.postgres_account import Account, PostgresUnavailable, outside, short_hash
from shared.runtime.postgres_binaries import Binaries, find_binaries
from shared.runtime.postgres_state import StateFile

SUPERUSER = "postgres"
HOST = "127.0.0.1"
_LONGEST_SOCKET = 90  # bytes of a directory; the system allows about 104 for the whole address
_LOCALES = ("C.UTF-8", "C")  # not every system has the first

_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "password_encryption": "scram-sha-256",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing row or statement may hold a name or an ID number: the server's log tells neither.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
_HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Home:
    """One cluster's place: settings belong to us, `server` with data, log and socket to the server's account."""

    path: Path
    account: Account
    binaries: Binaries
    socket_dir: Path | None

    @property
    def data(self) -> Path:
        """The data directory."""
        return data_of(self.path)

    @property
    def log(self) -> Path:
        """The server's log, one file per start and the one before."""
        return self.path / "server" / "log"

    @property
    def settings_file(self) -> Path:
        """The settings of the present start."""
        return self.path / "postgresql.conf"

    def make_ready(self, port: int, settings: Mapping[str, str]) -> None:
        """State port, addresses and authentication for the next start, and clear what the last one left."""
        hba = self.path / "pg_hba.conf"
        hba.write_text(_HBA)
        chosen = {**_SETTINGS, **settings} | {"port": str(port), "hba_file": str(hba)}
        chosen["unix_socket_directories"] = str(self.socket_dir or "")
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in chosen.items()]
        self.settings_file.write_text("".join(lines))
        for file in (hba, self.settings_file):
            file.chmod(0o644)  # the server's account reads them; they hold no secret
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".1"))
        for left in self.socket_dir.glob(".s.PGSQL.*") if self.socket_dir else ():
            left.unlink()  # its lock may name a process number that lives on as a zombie or another's

    def log_tail(self) -> str:
        """The last lines of the log, for a message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        except FileNotFoundError:
            return ""


def data_of(home: Path) -> Path:
    """The data directory below a home."""
    return home / "server" / "data"


def home_of(state_dir: Path, state: StateFile) -> Path:
    """Where the cluster of a state directory lies."""
    return state.outside_home() or state_dir / "postgres"


def make_state_dir(state_dir: Path) -> None:
    """Make the state directory if it is missing; its mode is never changed."""
    state_dir.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def prepare_home(state_dir: Path, state: StateFile, *, durable: bool) -> Home:
    """Find or lay out the cluster of a state directory; raises PostgresUnavailable when that cannot be done."""
    account = Account.choose()
    if state.outside_home() is None and account.is_other and not account.can_enter(state_dir):
        state.remember_outside_home(outside() / short_hash(str(state_dir)))
    path = home_of(state_dir, state)
    _make_directory(path, 0o755 if account.is_other else 0o700)
    _make_directory(path / "server", 0o700, account)
    version = data_of(path) / "PG_VERSION"
    binaries = find_binaries(account, major=int(version.read_text()) if version.exists() else None)
    home = Home(path, account, binaries, _socket_dir(path / "server", account))
    if not version.exists():
        _lay_out(home, state.password(SUPERUSER), durable=durable)
    return home


def unusable(state_dir: Path, problem: OSError) -> PostgresUnavailable:
    """What to say when the system denies us a file."""
    return PostgresUnavailable(
        f"数据库目录 {state_dir} 不可用：{problem} / The database's directory {state_dir} cannot be used: {problem}",
    )


def _make_directory(path: Path, mode: int, account: Account | None = None) -> None:
    wanted = account.uid if account else os.geteuid()
    if not path.is_dir():
        path.mkdir()
        path.chmod(mode)
        if account:
            account.give(path)
    elif path.stat().st_uid != wanted:
        raise PostgresUnavailable(
            f"{path} 属于另一用户（uid {path.stat().st_uid}），请用当初的用户运行，或先清除数据。 / "
            f"{path} belongs to another user (uid {path.stat().st_uid}); run as that user, or clear the data first.",
        )


def _socket_dir(server_dir: Path, account: Account) -> Path | None:
    """A directory that only the account can enter and whose name is short enough; None: TCP only."""
    if len(os.fsencode(server_dir)) <= _LONGEST_SOCKET and not set(',"') & set(str(server_dir)):
        return server_dir
    short = Path("/tmp") / f"shouwang-{short_hash(str(server_dir))}"  # noqa: S108  owner and mode are checked
    try:
        short.mkdir(mode=0o700)
        account.give(short)
    except FileExistsError:
        pass
    found = short.lstat()
    is_private = short.is_dir() and not short.is_symlink() and found.st_mode & 0o777 == 0o700  # noqa: PLR2004
    return short if is_private and found.st_uid == account.uid else None


def _lay_out(home: Home, password: str, *, durable: bool) -> None:
    """Make a new cluster beside its final place, so that a start that is killed leaves no half cluster behind."""
    fresh = home.data.with_suffix(".new")
    descriptor, name = tempfile.mkstemp(dir=home.path)
    word = Path(name)
    code, output = 1, ""
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(password)
        home.account.give(word)
        for locale in _LOCALES:
            shutil.rmtree(fresh, ignore_errors=True)
            code, output = home.account.run(
                home.binaries.program("initdb"),
                *("-D", str(fresh), "-U", SUPERUSER, f"--pwfile={word}", "-E", "UTF8", f"--locale={locale}"),
                *("--data-checksums", "--auth=scram-sha-256", "--no-instructions"),
                *(() if durable else ("--no-sync",)),
            )
            if code == 0 or "locale" not in output:
                break
    finally:
        word.unlink()
    if code != 0:
        raise PostgresUnavailable(f"数据库初始化失败。 / initdb failed.\n{output}")
    shutil.rmtree(home.data, ignore_errors=True)
    fresh.rename(home.data)
