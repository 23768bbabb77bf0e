"""How much a mode, and a channel of the residual stream, does on a calibration batch.

Both figures are shares of a mean square, so units and the scales of codes drop out and layers can
be compared:

- a *mode*: what it adds to the output of its S4D layer, ``||K||^2 <u^2> / <y^2>``: the energy of
  its kernel, times the mean square of its channel's input, over the mean square of the layer's
  output (over all channels, as the next layer gets it: after ReLU and rounding). The denominator is
  the layer's and not the channel's: an error counts by what it is beside all that the mixing layer
  gets, so modes of quiet channels go first. The product is the energy of the mode's output exactly
  where successive inputs are uncorrelated, else an estimate;
- a *channel*: its share of what the linear maps that read the stream get,
  ``<x_c^2> ||W_c||^2 / sum_c' <x_c'^2> ||W_c'||^2``, summed over those maps.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from aimc_sim.model.calibration import Calibration
from aimc_sim.model.equations import apply_layer, pool_result
from aimc_sim.model.layers import S4D, Linear, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.reference import run_reference
from aimc_sim.model.signal import Requant, spread

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Activity:
    """What a calibration batch does in a model.

    Parameters
    ----------
    mean_square
        Layer name (or "input") to the mean square of each channel's codes, over valid steps; behind
        the pool over sequences.
    n_steps
        Steps of the longest sequence.
    """

    mean_square: dict[str, Floats]
    n_steps: int


def activity_of(model: Model, batch: Calibration) -> Activity:
    """Run the integer reference over the batch and return the mean squares of all codes."""
    total = {name: np.zeros(width) for name, width in model.widths.items()}

    def add(_: int, values: dict[str, npt.NDArray[np.int64]]) -> None:
        for name, codes in values.items():
            total[name] += np.sum(codes.astype(np.float64) ** 2, axis=0)

    done = run_reference(model, batch.codes(model.input), batch.lengths, on_step=add)
    found = {name: value / batch.lengths.sum() for name, value in total.items()}
    values = {model.pool.name: pool_result(model.pool, done.state.pooled, batch.lengths)}
    for layer in model.layers[model.pool_index + 1 :]:
        skip = values[layer.skip] if isinstance(layer, Residual) else None
        values[layer.name] = apply_layer(layer, values[layer.input], model, batch.lengths, skip)
    behind = {
        name: np.mean(codes.astype(np.float64) ** 2, axis=0) for name, codes in values.items()
    }
    return Activity(found | behind, int(batch.lengths.max()))


def gain_of(requant: Requant) -> Floats:
    """Return the multipliers m / 2^k."""
    return np.asarray(requant.m * 2.0**-requant.k, dtype=np.float64)


def geometric_sum(ratio: npt.NDArray[np.complex128], n: int) -> npt.NDArray[np.complex128]:
    """Return 1 + ratio + ... + ratio^(n-1).

    >>> geometric_sum(np.array([0.5 + 0j, 1.0 + 0j]), 3)
    array([1.75+0.j, 3.  +0.j])
    """
    is_one = ratio == 1.0
    away = np.where(is_one, 0.0, ratio)
    return np.where(is_one, float(n), (1.0 - away**n) / (1.0 - away))


def mode_energy(layer: S4D, n_steps: int) -> Floats:
    """Return the energy of each mode's kernel, in squared output codes for one squared input code.

    Notes
    -----
    K[l] = 2 Re(g p^l) with the pole p and g = C B, each with its multiplier, so over L steps

        ||K||^2 = 2 |g|^2 sum_l |p|^2l + 2 Re(g^2 sum_l p^2l)        (l = 0 .. L-1)

    and both sums are geometric. A finite L says what a sequence can meet of a slow mode, and bears
    poles on the unit circle. A real mode has K[l] = g p^l.
    """
    channel = layer.channel_of_mode
    gain = spread(gain_of(layer.requant_B) * gain_of(layer.requant_C), channel)
    poles = layer.poles
    if layer.B_im is None or layer.C_im is None:
        size = (layer.B_re * layer.C_re * gain) ** 2
        return np.asarray(size * geometric_sum(poles**2, n_steps).real)
    g = (layer.B_re + 1j * layer.B_im) * (layer.C_re + 1j * layer.C_im) * gain
    squares = geometric_sum(np.abs(poles) ** 2 + 0j, n_steps).real
    return np.asarray(
        2.0 * np.abs(g) ** 2 * squares + 2.0 * (g**2 * geometric_sum(poles**2, n_steps)).real
    )


def mode_importance(model: Model, activity: Activity) -> dict[str, Floats]:
    """Return the share of each mode, by S4D layer."""
    shares = {}
    for layer in model.layers:
        if isinstance(layer, S4D):
            u_square = activity.mean_square[layer.input][layer.channel_of_mode]
            y_square = float(np.mean(activity.mean_square[layer.name]))
            energy = mode_energy(layer, activity.n_steps) * u_square
            shares[layer.name] = energy / y_square if y_square > 0.0 else energy
    return shares


def channel_groups(model: Model) -> dict[str, str]:
    """Return which signals have the same channels: signal name to the name of its group.

    Raises
    ------
    ValueError
        A layer that mixes channels in another way than a linear map.
    """
    group = {"input": "input"}
    for layer in model.layers:
        if layer.kind in ("glu", "layernorm"):
            raise ValueError(f"{layer.name}: channels of a model with {layer.kind} are not pruned")
        group[layer.name] = layer.name if isinstance(layer, Linear) else group[layer.input]
        if isinstance(layer, Residual):
            old, new = group[layer.skip], group[layer.input]
            group = {name: new if found == old else found for name, found in group.items()}
    return group


def channel_importance(model: Model, activity: Activity) -> dict[str, Floats]:
    """Return the shares of the channels of each group that a linear map reads, summed over maps.

    Channels of the input and of the last layer are not among them: they are given.
    """
    group = channel_groups(model)
    given = {group["input"], group[model.layers[-1].name]}
    shares: dict[str, Floats] = {}
    for layer in model.layers:
        if isinstance(layer, Linear) and group[layer.input] not in given:
            size = np.sum((layer.weight * gain_of(layer.requant)) ** 2, axis=1)
            energy = activity.mean_square[layer.input] * size
            share = energy / max(float(energy.sum()), np.finfo(np.float64).tiny)
            shares[group[layer.input]] = shares.get(group[layer.input], 0.0) + share
    return shares
