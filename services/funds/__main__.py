"""The command line of this service: `python -m services.funds serve | worker | migrate | topics`."""

import sys

from services.funds.service import SERVICE
from shared.runtime.process import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
