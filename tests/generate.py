"""Random valid integer models and batches: one generator for all tests.

``random_model(rng, **limits)`` draws a model, ``random_batch(rng, model, n, steps)`` codes for it;
``models(**limits)`` is the hypothesis strategy. `Limits` lists what can be asked for.
"""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from aimc_sim.model.check import faults
from aimc_sim.model.layers import Pool
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from tests.generate_builder import Builder, random_codes
from tests.generate_layers import Rng, int_of
from tests.generate_limits import Limits

KERNEL_ONLY: dict[str, Any] = {
    "n_blocks": 1,
    "encoder": False,
    "affine": False,
    "activation": False,
    "mixing": False,
    "glu": False,
    "residual": False,
    "layernorm": False,
    "decoder": False,
    "pool": "last",
}
"""Limits of a model that is one S4D and a pool: ``random_model(rng, **KERNEL_ONLY, tied=True)``."""


def drawn(n: int) -> settings:
    """Settings of a test that draws n examples, six times as many in `make test-full`."""
    full = os.environ.get("HYPOTHESIS_PROFILE") == "full"
    return settings(max_examples=6 * n if full else n)


def random_model(rng: Rng, **limits: Any) -> Model:
    """Return a valid random model; keyword arguments are the fields of `Limits`.

    Examples
    --------
    >>> model = random_model(np.random.default_rng(1), complex=True, pool="sum", decoder=True)
    >>> model.layers[-1].kind, random_model(np.random.default_rng(1)).layers[-1].kind
    ('linear', 'linear')
    """
    builder = Builder(rng, Limits(**limits))
    if builder.wants("encoder"):
        builder.linear("encoder", int_of(rng, 1, builder.limits.max_channels))
    n_blocks = builder.limits.n_blocks
    for i in range(int_of(rng, 1, 2) if n_blocks is None else n_blocks):
        builder.block(i)
    builder.pool()
    if builder.wants("decoder", 0.8):
        pool = builder.layers[-1]
        times = isinstance(pool, Pool) and pool.rule == "sum" and bool(rng.random() < 0.7)
        builder.linear("decoder", int_of(rng, 2, 6), times=times)
    model = builder.model
    found = list(faults(model))
    assert not found, found
    return model


def random_batch(
    rng: Rng, model: Model, n: int, steps: int, *, ragged: bool = True
) -> tuple[Ints, Ints]:
    """Return input codes [n, steps, channel] and lengths [n]; padded steps hold codes as well.

    At least one sequence is as long as the batch; lengths are 1 or more.
    """
    x_code = random_codes(rng, model.input, (n, steps, model.n_input))
    lengths = np.full(n, steps, dtype=np.int64)
    if ragged:
        lengths = rng.integers(1, steps, n, endpoint=True).astype(np.int64)
        lengths[int_of(rng, 0, n - 1)] = steps
    return x_code, lengths


@st.composite
def models(draw: st.DrawFn, **limits: Any) -> Model:
    """Hypothesis strategy of models; the structure is drawn (and shrinks), numbers by a seed."""
    options = dict(limits)
    flags = (
        "layernorm",
        "glu",
        "affine",
        "residual",
        "encoder",
        "mixing",
        "activation",
        "decoder",
        "per_channel",
        "tied",
        "complex",
    )
    for flag in flags:
        if flag not in options:
            options[flag] = draw(st.booleans(), label=flag)
    if "readout" not in options:
        options["readout"] = draw(st.sampled_from(["new", "old"]), label="readout")
    if "pool" not in options:
        options["pool"] = draw(st.sampled_from(["mean", "sum", "last"]), label="pool")
    assert set(options) <= {f.name for f in fields(Limits)}
    return random_model(
        np.random.default_rng(draw(st.integers(0, 2**32 - 1), label="seed")), **options
    )


__all__ = ["KERNEL_ONLY", "Limits", "models", "random_batch", "random_model"]
