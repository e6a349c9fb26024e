# Speed and fuzzing, beside the gate (./check), which never measures time.

PEERS ?= $(HOME)/.cache/breakeven/peers
PEERS_JAX ?= $(PEERS)-jax
COMPARE ?= -rounds 5
FUZZTIME ?= 1m
FUZZ ?= Fuzz
export CGO_ENABLED = 0

.PHONY: bench bench-peers bench-compare bench-growth fuzz

# Go benchmarks, ready for benchstat: GFLOP/s, and 0 allocations.
bench:
	go test -run '^$$' -bench . -benchmem ./tensor/... ./nn/... ./model/... ./curvature/... ./spectrum/... ./data/... ./hierarchy/... ./ntk/...

# Virtual environments with the peers.
bench-peers:
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install -q -r bench/peers/requirements.txt
	python3 -m venv $(PEERS_JAX)
	$(PEERS_JAX)/bin/pip install -q --no-deps -r bench/peers/requirements-jax.txt

# The race: ours and the peers' in turn, on the same cores, weights and data.
bench-compare:
	go run ./bench/compare -python $(PEERS)/bin/python -jax $(PEERS_JAX)/bin/python $(COMPARE)

# Time and memory against batch, width, depth and number of examples.
bench-growth:
	go run ./bench/growth

# Every reader of files against hostile ones, for FUZZTIME each; FUZZ is a part of the names of some.
fuzz:
	@set -e; for file in $$(grep -rl '^func Fuzz' --include='*_test.go' . | sort); do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\)(.*/\1/p' $$file | grep '$(FUZZ)'); do \
			echo "$$(dirname $$file) $$name"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s -parallel 1 $$(dirname $$file); \
		done; \
	done
