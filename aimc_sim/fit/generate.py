"""Measurements of a device model, as an instrument would have taken them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from aimc_sim.devices import Device
from aimc_sim.fit.measurements import Measurements
from aimc_sim.rng import stream


def measurements_of(
    device: Device,
    targets_S: Sequence[float],
    times_s: Sequence[float],
    n_devices: int,
    n_cycles: int,
    seed: int,
) -> Measurements:
    """Return what measuring devices of that model would have given.

    Parameters
    ----------
    device : Device
        Model whose `program`, `drift` and `read_noise` are drawn from.
    targets_S : sequence of float
        Targets [S], all within the model's range.
    times_s : sequence of float
        Read times since the reference read [s], ascending.
    n_devices : int
        Devices at each target.
    n_cycles : int
        Repeated reads at each time.
    seed : int
        Names all streams.

    Notes
    -----
    Repeated reads are independent: each has noise of the published spread of the whole band
    (`ReadNoise.sigma_S`), 1/f noise included. So they stand for reads far enough apart to see all
    of a band; closer ones share its slow part, and a spread of theirs is less. A read is not
    clipped at 0.

    Examples
    --------
    >>> from aimc_sim.devices import device_model_path, load_device
    >>> pcm = load_device(device_model_path("pcm_joshi2020")).device
    >>> measurements_of(pcm, [5.0e-6, 20.0e-6], [0.0, 3600.0], 10, 4, seed=1).g_S.shape
    (20, 2, 4)
    """
    target_S = np.repeat(np.asarray(targets_S, dtype=np.float64), n_devices)
    n, times = len(target_S), np.asarray(times_s, dtype=np.float64)
    state = device.program(target_S, lambda source: stream(seed, "measure", source).normal(n))
    g_S = np.empty((n, len(times), n_cycles))
    for i, t_s in enumerate(times):
        drifted_S = device.drift(state, float(t_s))
        sigma_S = device.read_noise(state, drifted_S, float(t_s)).sigma_S()
        z = stream(seed, "measure", "read").normal(n * n_cycles, step=i).reshape(n, n_cycles)
        g_S[:, i] = drifted_S[:, None]
        if sigma_S is not None:
            g_S[:, i] += sigma_S[:, None] * z
    names = tuple(f"d{i:04d}" for i in range(n))
    digest = hashlib.sha256(g_S.tobytes()).hexdigest()
    return Measurements(f"{device.kind}.csv", digest, names, target_S, times, g_S)
