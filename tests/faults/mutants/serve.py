"""Serve with one fault of our own making, to prove that the fault test finds it. The product itself has no trace of it.

python -m tests.faults.mutants.serve acknowledged_before_commit
"""

import sys
from importlib import import_module

from chatserver import serve


def main() -> None:
    name = sys.argv.pop(1)
    serve.load()
    import_module(f"tests.faults.mutants.{name}").infect()
    serve.main()


if __name__ == "__main__":
    main()
