"""`python -m tests.system.kill_nursery`: starts the system once for each line of arguments on standard input.

Each start is a process of its own, to be killed; the modules are imported once, so that twenty starts take seconds.
"""

import gc
import os
import shlex
import signal
import sys

from services.suite.__main__ import main


def _begin(arguments: list[str]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output tells numbers and nothing else
        code = main(arguments)
        sys.stdout.flush()
        os._exit(code)
    return pid


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave no zombies
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.set_threshold(100_000)  # building three applications makes many objects and no garbage
    child = 0
    for line in sys.stdin:
        child = _begin(shlex.split(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    if child:
        try:
            os.kill(child, signal.SIGTERM)
        except ProcessLookupError:
            sys.exit(0)
