"""Errors of the codes of an S4D layer on its tiles: means, static and per-read variances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from aimc_sim.analysis.device_moments import DeviceMoments
from aimc_sim.analysis.effective import Codes, codes_read, quantised_codes
from aimc_sim.analysis.tile_codes import Conductances, Pair, codes_at
from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.bound import BoundPhase
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.targets import target_S
from aimc_sim.crossbar.tile import Tiles, unused_S
from aimc_sim.mapping.fused import shares_bitlines, tied_factors
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats


@dataclass(frozen=True)
class KernelErrors:
    """What a layer's tiles make of its kernels, in codes with the layer's multipliers.

    Parameters
    ----------
    exact : Codes
        The quantised A, B, C.
    mean : Codes
        The same as devices have them in the mean.
    static, per_read : Codes
        Variances about the mean: of what stays for a run, and of what is drawn at every read.
    q_state, q_output : float array, shape (n_modes, parts) and (H,)
        Variance of rounding, of converters and of codes [state codes^2, output codes^2].
    """

    exact: Codes
    mean: Codes
    static: Codes
    per_read: Codes
    q_state: Floats
    q_output: Floats


def kernel_errors_of(
    layer: S4D, plan: LayerPlan, model: Model, tiles: Tiles, age_s: float, moments: DeviceMoments
) -> KernelErrors:
    """Return the errors of a layer.

    Parameters
    ----------
    layer, plan, model
        The layer, where it lies, and its network.
    tiles : Tiles
        One programmed chip, calibrated or not: digital gains are those of it.
    age_s : float
        Time since the reference read [s].
    moments : DeviceMoments
        Of the device at that age.

    Notes
    -----
    Static: writing, drift, and of 1/f noise what is frozen or correlated, which lasts over many
    steps. Per read: white noise and the white part of 1/f. Telegraph noise, stuck devices, wires
    and curved devices are not in it.
    """
    tiles = replace(tiles, chips=tiles.chips[:1])
    means: dict[int, Floats] = {}
    static: dict[int, Floats] = {}
    white: dict[int, Floats] = {}
    for m in plan.matrices:
        for tile in m.tiles:
            target = target_S(m, tile, tiles.hardware)
            keep = tiles.programmed[tile.tile_id][..., None]
            means[tile.tile_id] = np.where(keep, moments.mean(target), unused_S(tiles.hardware))
            static[tile.tile_id] = np.where(keep, moments.static(target), 0.0)
            white[tile.tile_id] = np.where(keep, moments.white(target), 0.0)
    read = partial(tile_codes, layer, plan, model, tiles, age_s)
    mean = read(lambda chip, tile: means[tile])
    lasts = _variances(
        layer, plan, model, tiles, read(lambda chip, tile: static[tile], is_variance=True)
    )
    drawn = _variances(
        layer, plan, model, tiles, read(lambda chip, tile: white[tile], is_variance=True)
    )
    q_state, q_output = _rounding(layer, plan, model, tiles, age_s)
    found = Codes(mean.A[0], mean.B[0], mean.C[0]).scaled(layer)
    exact = quantised_codes(layer).scaled(layer)
    return KernelErrors(exact, found, lasts, drawn, q_state, q_output)


def tile_codes(
    layer: S4D,
    plan: LayerPlan,
    model: Model,
    tiles: Tiles,
    age_s: float,
    g_of: Conductances,
    *,
    is_variance: bool = False,
) -> Codes:
    """Return the codes that conductances make, or each element's sum of variances.

    Parameters
    ----------
    layer, plan, model
        The layer, where it lies, and its network.
    tiles : Tiles
        Which chips; the digital gains of their tiles count, gains of modes do not.
    age_s : float
        Time since the reference read [s].
    g_of : callable
        Conductances of a chip's tile [S], or variances of its devices [S^2].
    is_variance : bool
        Which of the two.
    """

    def read(m: MatrixPlan, pair: Pair, rows: Indices, cols: Indices) -> Floats:
        return codes_at(
            m, tiles, age_s, pair, rows, cols, corrected=True, g_of=g_of, is_variance=is_variance
        )

    return codes_read(layer, plan, model, tiles, read)


def _variances(layer: S4D, plan: LayerPlan, model: Model, tiles: Tiles, summed: Codes) -> Codes:
    """Return variances of elements, with the layer's multipliers; what is digital has none.

    `summed` holds variances where codes are meant, and so was multiplied once by what a code of a
    cell is worth in the element; a variance goes with the square of that.
    """

    def constant(value: float) -> Codes:
        return codes_read(
            layer, plan, model, tiles, lambda m, pair, rows, cols: np.full((1, *rows.shape), value)
        )

    one, zero = constant(1.0), constant(0.0)
    A, B, C = (
        ((getattr(one, k) - getattr(zero, k)) * (getattr(summed, k) - getattr(zero, k)))[0]
        for k in ("A", "B", "C")
    )
    return Codes(A, B, C).scaled(layer).scaled(layer)


def _rounding(
    layer: S4D, plan: LayerPlan, model: Model, tiles: Tiles, age_s: float
) -> tuple[Floats, Floats]:
    """Return LSB^2 / 12 of converters, state and output codes."""
    parts, channel = (2 if layer.is_complex else 1), layer.channel_of_mode
    state = np.zeros(parts * layer.n_modes)
    output = np.zeros(layer.n_out)
    setting = ReadSetting(tiles, tiles.chips[0], age_s, seed=0)
    one = np.ones
    gains = Codes(one((layer.n_modes, 1, 1)), one((layer.n_modes, 1)), one((layer.n_modes, 1)))
    gains = gains.scaled(layer)
    of_state: Mapping[str, Floats] = {"A": gains.A[:, 0, 0], "B": gains.B[:, 0]}
    shared = shares_bitlines(layer, model.signal(layer.input), tiles.hardware.mapping.a_stored)
    factor = np.array(tied_factors(layer)[0])[channel] if shared else 1.0
    of_output = np.zeros(layer.n_out)
    of_output[channel] = gains.C[:, 0]
    for m in plan.matrices:
        for phase in m.matrix.phases:
            acc = converter_variance(bind_phase(setting, m, phase))
            start = 0
            for name in phase.reads:
                n = len(m.matrix.output(name).lines)
                part = acc[start : start + n]
                start += n
                if name == "y":
                    output += np.square(of_output) * part
                else:
                    drives_state = "x" in phase.drives
                    gain = of_state["A"] / factor if drives_state else of_state["B"]
                    state += np.square(np.tile(gain, parts)) * part
    return state.reshape(parts, -1).T + 1.0 / 12.0, output + 1.0 / 12.0


def converter_variance(bound: BoundPhase) -> Floats:
    """Return the variance that converters add to each output of a phase [accumulator units^2]."""
    found = np.zeros(bound.n_outputs)
    for read in bound.reads:
        for part in read.slices:
            step = np.abs(read.weight) * part.lsb * 2.0**part.shift
            n = len(step) - read.n_reference
            np.add.at(found, read.out[:n], np.square(step[:n]) / 12.0)
    return found
