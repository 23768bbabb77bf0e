"""The kernels of aimc_sim/crossbar/kernels_convert.py again, in plain NumPy; and code density."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tests.unit.rng_oracle import gaussians

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def by_threshold(v: Floats, thresholds: Floats, code_min: int) -> Ints:
    """Return the codes of values of any shape by one table: count what is reached."""
    reached = (v[..., None] + 0.5) >= (thresholds + 0.5)
    return code_min + reached.sum(axis=-1)


def successive(
    v: float, weights: Floats, origin: float, noise: float, z: Floats, code_min: int
) -> int:
    """Return one code, decision after decision."""
    level, code = origin, 0
    for bit, draw in zip(reversed(range(len(weights))), z, strict=True):
        if (v + 0.5) + noise * float(draw) >= level + weights[bit]:
            level, code = level + weights[bit], code | (1 << bit)
    return code_min + code


def outside(v: Floats, thresholds: Floats) -> npt.NDArray[np.bool_]:
    """Tell which values lie a whole LSB outside of the outer thresholds."""
    u = v + 0.5
    return (u < thresholds[0] + 0.5 - 1.0) | (u >= thresholds[-1] + 0.5 + 1.0)


def convert(i, lsb, adc_of, transfer, lane, n_lanes, key, sequence, step) -> tuple[Ints, Ints]:
    """Return codes [sequence, current] and saturated conversions [sequence]."""
    codes = np.zeros(i.shape, dtype=np.int64)
    saturated = np.zeros(len(i), dtype=np.int64)
    bits = transfer.weights.shape[1] if transfer.form == "successive" else 1
    for b in range(len(i)):
        z = gaussians(key, int(sequence[b]), step, n_lanes * bits).astype(np.float64)
        for j, adc in enumerate(adc_of):
            own = z[lane[j] * bits : (lane[j] + 1) * bits]
            v, table = i[b, j] / lsb[j], transfer.thresholds[adc]
            if transfer.form == "successive":
                codes[b, j] = successive(
                    v, transfer.weights[adc], transfer.origin[adc], transfer.noise_lsb, own,
                    transfer.code_min,
                )  # fmt: skip
            else:
                v = v + transfer.noise_lsb * own[0]
                codes[b, j] = by_threshold(np.array(v), table, transfer.code_min)
            saturated[b] += bool(outside(np.array(v), table))
    return codes, saturated


def thresholds_by_density(codes: Ints, inputs: tuple[float, float], n_codes: int) -> Floats:
    """Return thresholds from the codes (from 0) of inputs spread evenly between two ends."""
    share = np.cumsum(np.bincount(codes.reshape(-1), minlength=n_codes)[:-1]) / codes.size
    return inputs[0] + (inputs[1] - inputs[0]) * share
