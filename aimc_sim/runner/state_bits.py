"""How many bits of a state are left when it passes a converter."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from aimc_sim.crossbar.bound import BoundRead
from aimc_sim.hardware import Hardware
from aimc_sim.model.layers import S4D
from aimc_sim.runner.bound import BoundLayer


def effective_state_bits(
    bound_layers: Mapping[str, BoundLayer], hardware: Hardware
) -> dict[str, float]:
    """Return, per S4D layer whose state passes a converter with an end, the bits left of it.

    The step of the converter of the (top slice of the) state, in state codes, says how many
    bits of the state are lost: ``state bits - log2(step)``.
    """
    out = {}
    for name, bound in bound_layers.items():
        layer = bound.layer
        if not isinstance(layer, S4D):
            continue
        steps = [
            _state_step(read, layer, bound)
            for phase, b in bound.phases.items()
            if phase not in ("B", "u") and "x" in b.phase.reads
            for read in b.reads
        ]
        if steps and hardware.adc.width is not None:
            out[name] = layer.state.bits - math.log2(max(max(steps), 1.0))
    return out


def _state_step(read: BoundRead, layer: S4D, bound: BoundLayer) -> float:
    """Return the coarsest converter step of a read of the state, in state codes.

    A step of at most one unit of the accumulator loses nothing, whatever the weight of its slice.
    """
    if bound.unit is not None:
        K = np.maximum(layer.requant_A.k, layer.requant_B.k)
        gain = float(np.max(bound.unit * 2.0 ** -K.astype(np.float64)))
    else:
        gain = float(np.max(layer.requant_A.m * 2.0 ** -layer.requant_A.k.astype(np.float64)))
    return max(
        (
            float(part.lsb.max()) * 2.0**part.shift * gain
            for part in read.slices
            if part.lsb.max() > 1.0
        ),
        default=1.0,
    )
