#!/usr/bin/env bash
# Fails where accuracy or energy leaves its budget (exit code 1), as a CI job would want.
set -eu
models=examples/models data=examples/data chips=examples/chips
aimc run "$models/digits.npz" --chip "$chips/pcm_256.yaml" --data "$data/digits_test.npz" \
  --limit 100 --chips 3 --seed 1 --after 1d --quiet --json budget.json "$@" \
  --assert "accuracy.analog.mean > 0.95" \
  --assert "energy_J.per_inference < 300e-9" \
  --assert "latency_s.per_inference < 50e-6" \
  --assert "area_m2.total < 4e-6"
