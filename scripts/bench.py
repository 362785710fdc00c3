"""The benchmark, `make bench`: what Roundtable costs, beside floors measured in the same run. See docs/performance.md."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)  # The checkout, in place of this folder.

from scripts.bench.run import main

if __name__ == "__main__":
    main()
