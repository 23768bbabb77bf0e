"""The SNR of a model's kernels on a chip as plain data: closed form, Monte Carlo, a real run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aimc_sim.analysis.device_moments import device_moments
from aimc_sim.analysis.kernel_errors import kernel_errors_of
from aimc_sim.analysis.snr import LayerSnr, Powers, decibels, layer_snr
from aimc_sim.analysis.snr_monte_carlo import per_read_power, static_mean
from aimc_sim.chip import Chip
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.reference import run_reference
from aimc_sim.model.signal import Floats
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError

DIGITS = 5


@dataclass(frozen=True)
class Judges:
    """What is computed beside the closed form.

    Parameters
    ----------
    n_chips : int
        Chips that are programmed for the static part; 0: no Monte Carlo.
    n_draws : int
        Noisy sequences of each mode for the per-read part.
    is_run : bool
        Whether the model is run on the chip, and its S4D outputs are compared.
    seed : int
        Of all that is drawn.
    """

    n_chips: int = 100
    n_draws: int = 100
    is_run: bool = True
    seed: int = 0


def snr_json(
    model: Model, chip: Chip, tiles: Tiles, data: Data, *, age_s: float, judges: Judges
) -> dict[str, Any]:
    """Return the SNR of every S4D layer, channel and mode.

    Parameters
    ----------
    model, chip : Model, Chip
        What runs on what.
    tiles : Tiles
        One chip, calibrated where its hardware asks for it.
    data : Data
        Sequences: they give the power at the input of each layer.
    age_s : float
        Time since the reference read [s].
    judges : Judges
        What stands beside the closed form.

    Raises
    ------
    InputError
        A model without S4D layers.
    """
    layers = [layer for layer in model.layers if isinstance(layer, S4D)]
    if not layers:
        raise InputError("the model has no S4D layer, hence no kernels")
    powers = _input_powers(model, layers, data)
    moments = device_moments(tiles, age_s)
    static = static_mean(model, tiles, age_s, powers, judges.n_chips, seed=judges.seed)
    measured = _measured(model, layers, tiles, data, age_s, judges) if judges.is_run else {}
    found = {}
    for layer, plan in zip(model.layers, tiles.plan.layers, strict=True):
        if not isinstance(layer, S4D):
            continue
        errors = kernel_errors_of(layer, plan, model, tiles, age_s, moments)
        power = powers[layer.name]
        snr = layer_snr(layer, errors, power)
        drawn = None
        if judges.n_chips:
            reads = per_read_power(errors, power, n_draws=judges.n_draws, seed=judges.seed)
            drawn = Powers(snr.modes.signal, reads, static[layer.name])
        found[layer.name] = {
            "mapping": plan.mapping,
            "input_power": power,
            "channels": _channels(snr, measured.get(layer.name)),
            "modes": _modes(layer, snr, drawn),
        }
    return {
        "schema": 1,
        "kind": "snr",
        "chip": chip.name,
        "age_s": age_s,
        "n_chips": judges.n_chips,
        "n_draws": judges.n_draws,
        "n_sequences": len(data),
        "seed": judges.seed,
        "digests": {"model": model.digest, "chip": chip.digest(), "data": data.digest},
        "layers": found,
    }


def _input_powers(model: Model, layers: list[S4D], data: Data) -> dict[str, float]:
    """Return the mean square of the input codes of each S4D layer over valid steps."""
    names = tuple(dict.fromkeys(x.input for x in layers if x.input != "input"))
    probes = dict(run_reference(model, data.x_code, data.lengths, probes=names).probes)
    probes["input"] = data.x_code
    valid = np.arange(data.x_code.shape[1]) < data.lengths[:, None]
    return {x.name: float(np.square(probes[x.input][valid]).mean()) for x in layers}


def _measured(
    model: Model, layers: list[S4D], tiles: Tiles, data: Data, age_s: float, judges: Judges
) -> dict[str, Floats]:
    """Return the SNR of each channel's output codes in a run of the whole network [dB]."""
    names = tuple(layer.name for layer in layers)
    result = run(model, tiles, data, seed=judges.seed, age_s=age_s, probes=names)
    exact = run_reference(model, data.x_code, data.lengths, probes=names).probes
    valid = np.arange(data.x_code.shape[1]) < data.lengths[:, None]
    found = {}
    for name in names:
        one = exact[name][valid].astype(np.float64)
        error = result.probes[name][0][valid] - one
        found[name] = decibels(np.square(one).mean(axis=0), np.square(error).mean(axis=0))
    return found


def _channels(snr: LayerSnr, measured: Floats | None) -> list[dict[str, Any]]:
    parts = {f"{part}_dB": snr.channels.dB(part) for part in ("per_read", "static", "total")}
    return [
        {
            "channel": h,
            "signal": _rounded(snr.channels.signal[h]),
            **{name: _rounded(values[h]) for name, values in parts.items()},
            "measured_dB": None if measured is None else _rounded(measured[h]),
        }
        for h in range(len(snr.channels.signal))
    ]


def _modes(layer: S4D, snr: LayerSnr, drawn: Powers | None) -> list[dict[str, Any]]:
    counted = [i for n in layer.n_states for i in range(int(n))]
    columns: Mapping[str, Floats] = {
        "radius": snr.radius,
        "time_constant_steps": -1.0 / np.log(np.clip(snr.radius, 1e-300, 1.0 - 1e-15)),
        "sigma_A": snr.sigma_A,
        "ratio": snr.sigma_A / np.maximum(1.0 - snr.radius, 1e-15),
        "per_read_dB": snr.modes.dB("per_read"),
        "static_dB": snr.modes.dB("static"),
    }
    if drawn is not None:
        columns = {
            **columns,
            "monte_carlo_per_read_dB": drawn.dB("per_read"),
            "monte_carlo_static_dB": drawn.dB("static"),
        }
    return [
        {
            "channel": int(layer.channel_of_mode[i]),
            "mode": int(counted[i]),
            **{name: _rounded(values[i]) for name, values in columns.items()},
            "is_in_range": bool(snr.is_in_range[i]),
            "is_mean_square_stable": bool(snr.is_stable[i]),
        }
        for i in range(layer.n_modes)
    ]


def _rounded(value: float) -> float | None:
    """Return five significant digits; None where there is no finite number."""
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
