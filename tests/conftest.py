"""Settings that every test shares; fixtures live beside the tests that use them."""

from __future__ import annotations

import os
import signal

# A shell without job control starts what stands before an & deaf to Ctrl-C, which tests send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Read when the libraries load, by this process and by those that tests start.
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("NUMBA_NUM_THREADS", "2")  # law 4 compares 1 thread with 2, on any machine

from hypothesis import HealthCheck, Phase, settings

# The same examples in every run, so that a green run stays green; to search further:
# HYPOTHESIS_PROFILE=explore make test
settings.register_profile(
    "repeatable",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# `make test-full`: where a test says `tests.generate.drawn`, six times as many examples.
settings.register_profile("full", settings.get_profile("repeatable"))
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=1000)
settings.register_profile(  # of the mutants: a failure is enough, nobody reads the smallest
    "unshrunk", settings.get_profile("repeatable"), phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
