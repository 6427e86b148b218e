"""`python -m shared.testing.postgres_guard DIRECTORY`: cleans up after a test run, however it ended."""

import sys
from pathlib import Path

from shared.testing.postgres import guard

if __name__ == "__main__":
    guard(Path(sys.argv[1]))
