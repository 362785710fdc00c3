# One-line conveniences; everything they do is in the scripts they call.
.PHONY: run test check bench faults

run:    ; @./run
test:   ; @./test
check:  ; @./check
bench:  ; @scripts/set-up .venv/bin/python scripts/bench.py
faults: ; @scripts/set-up .venv/bin/python scripts/faults.py
