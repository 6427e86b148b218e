"""The command line of the whole system: `python -m services.suite --help` lists what it can do."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from services.suite import bulletin, operate, thread
from services.suite.settings import SuiteSettings
from shared.db.migrate import NewerDatabase
from shared.http.dev_issuer import NotForProduction
from shared.kernel.errors import Problem
from shared.runtime.loop import run
from shared.runtime.postgres_account import PostgresUnavailable
from shared.runtime.readiness import NotPrepared
from shared.runtime.serving import PortTaken
from shared.runtime.settings import BadSettings

_PORTS = range(1, 65_536)


def port(text: str) -> int:
    """A port number as typed; raises argparse's error for anything else."""
    if text.isascii() and text.isdigit() and int(text) in _PORTS:
        return int(text)
    raise argparse.ArgumentTypeError(f"端口应为 1–65535 的整数 / a port is a whole number of 1–65535: {text}")


def parser() -> argparse.ArgumentParser:
    """Commands and their options."""
    top = argparse.ArgumentParser(prog="python -m services.suite", description="守望 / Shouwang")
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="启动演示 / play the story and keep serving")
    demo.add_argument("--once", action="store_true", help="演示结束后退出 / end after the story")
    demo.add_argument("--port", type=port, default=None)
    demo.add_argument("--target", default="", help="已运行系统的地址 / the front of a running system, http://host:port")
    serve = commands.add_parser("serve", help="只启动服务 / serve without the story")
    serve.add_argument("--port", type=port, default=None)
    commands.add_parser(
        "front", help="分布演示的门户 / front page, logins and clock of services in their own processes"
    )
    commands.add_parser("reset", help="清除演示数据 / clear the demo's data")
    token = commands.add_parser("token", help="演示令牌 / a token of one persona")
    token.add_argument("role")
    token.add_argument("--port", type=port, default=None)
    docs = commands.add_parser("docs", help="生成文档 / write the generated documents")
    docs.add_argument("--check", action="store_true", help="只检查是否过期 / only tell what is stale")
    divisions = commands.add_parser("divisions", help="行政区划 / administrative divisions")
    load = divisions.add_subparsers(dest="action", required=True).add_parser("load", help="导入区划文件 / load a file")
    load.add_argument("file", type=Path)
    load.add_argument("--since", default=None, help="生效日期 / valid from, YYYY-MM-DD")
    events = commands.add_parser("events", help="搁置事件 / parked events").add_subparsers(dest="action", required=True)
    events.add_parser("parked", help="列出 / list")
    inspect = events.add_parser("inspect", help="查看 / show one")
    inspect.add_argument("service")
    inspect.add_argument("id")
    replay = events.add_parser("replay", help="重放 / handle again, in order")
    replay.add_argument("service")
    replay.add_argument("ids", nargs="+")
    replay.add_argument("--accept-gap", action="store_true")
    discard = events.add_parser("discard", help="放弃 / give up one, by two persons")
    discard.add_argument("service")
    discard.add_argument("id")
    discard.add_argument("--reason", required=True)
    discard.add_argument("--by", required=True, help="经办角色 / persona")
    discard.add_argument("--second", required=True, help="复核角色 / second persona")
    prints = commands.add_parser("fingerprint", help="数据指纹 / digests of the data without ids and times")
    prints.add_argument("--json", action="store_true")
    commands.add_parser("checks", help="运行检查规则 / run all checks now")
    thread.add_options(commands.add_parser("thread", help="资金可追溯率 / fen traceable both ways ÷ fen paid"))
    bulletin.add_options(commands.add_parser("bulletin", help="核对通报表格 / check a printed table"))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code."""
    asked = parser().parse_args(arguments)
    if asked.command == "bulletin":
        return bulletin.run(asked)
    carry_out = thread.run if asked.command == "thread" else operate.run
    try:
        return run(carry_out(asked, SuiteSettings.load()))
    except (BadSettings, PostgresUnavailable, PortTaken) as fault:
        print(fault, file=sys.stderr)
        return 2
    except (NewerDatabase, NotPrepared, NotForProduction) as fault:
        print(fault, file=sys.stderr)
        return 1
    except Problem as problem:
        for violation in problem.violations:
            print(f"{violation.code}: {violation.zh} / {violation.en}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
