"""The command line of this service: `python -m services.assets serve | worker | migrate | topics`."""

import sys

from services.assets.service import SERVICE
from shared.runtime.process import main

if __name__ == "__main__":
    sys.exit(main(SERVICE))
