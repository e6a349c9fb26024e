# Speed, beside the gate (./check), which never measures time.

PEERS ?= $(HOME)/.cache/breakeven/peers

.PHONY: bench bench-peers bench-compare

# Go benchmarks, ready for benchstat: GFLOP/s, and 0 allocations.
bench:
	CGO_ENABLED=0 go test -run '^$$' -bench . -benchmem ./tensor/... ./nn/... ./model/... ./data/...

# A virtual environment with the peers.
bench-peers:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q -r bench/peers/requirements.txt

# The race: ours and the peers' in turn, on the same cores, weights and data.
bench-compare:
	CGO_ENABLED=0 go run ./bench/compare -python $(PEERS)/bin/python
