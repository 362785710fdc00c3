"""The benchmark: what `make bench` measures, and how. Begin with `scripts/bench.py`."""
