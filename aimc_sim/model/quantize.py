"""Post-training quantisation: a float S4D classifier and a calibration batch to integers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aimc_sim.model.architecture import Architecture
from aimc_sim.model.calibration import Calibration, load_calibration
from aimc_sim.model.check import check_model
from aimc_sim.model.checkpoint import load_checkpoint
from aimc_sim.model.float_model import FloatModel, forward
from aimc_sim.model.grids import GRIDS
from aimc_sim.model.layers import Layer, Pool
from aimc_sim.model.network import Model
from aimc_sim.model.quantize_layers import Builder, Ranges
from aimc_sim.model.quantize_report import QuantReport, report_of
from aimc_sim.model.scales import MULTIPLIERS, multiplier, signal_for
from aimc_sim.model.signal import Signal
from aimc_sim.model.widths import Bits, parse_bits
from aimc_sim.spec import InputError


def quantize(
    checkpoint: FloatModel,
    calibration: Calibration,
    bits: Bits | None = None,
    *,
    a_grid: str = "cartesian",
    percentile: float = 99.99,
    per_channel: bool = True,
    multipliers: str = "free",
) -> Model:
    """Return the integer model of a float checkpoint.

    Parameters
    ----------
    checkpoint : FloatModel
        From `load_checkpoint`.
    calibration : Calibration
        Its signals fix every scale.
    bits : Bits, optional
        Widths.
    a_grid : {"cartesian", "polar", "log-polar"}
        Grid of the poles; the cartesian integers that run are in the model.
    percentile : float
        Of ``|value|`` over the calibration batch that becomes the largest code of an activation;
        100 is the maximum. Input, residual stream, state, pool and logits take the maximum.
    per_channel : bool
        One scale an output channel for C, D and weights, and polar levels of its own for each
        channel; or one a tensor.
    multipliers : {"free", "power_of_two"}
        Whether every m/2^k is a power of two, so that requantising is a shift.

    Raises
    ------
    InputError
        The batch does not fit the checkpoint, or no multiplier of 8 bits keeps below 2^62.
    """
    bits = bits or Bits()
    _check_request(checkpoint, calibration, a_grid, percentile, multipliers)
    source = calibration.signal(bits.input, checkpoint.arch.input_scale)
    ranges = Ranges(percentile, calibration.lengths)
    forward(checkpoint, calibration.raw(source), calibration.lengths, ranges)
    shifts_only = multipliers == "power_of_two"
    build = Builder(checkpoint.arch, bits, ranges, a_grid, per_channel, shifts_only)
    layers = _layers(checkpoint, build, source)
    meta = dict(checkpoint.meta) | {
        "quantised": {
            "bits": bits.model_dump(),
            "a_grid": a_grid,
            "percentile": percentile,
            "per_channel": per_channel,
            "multipliers": multipliers,
            "source_digest": checkpoint.digest,
            "n_calibration": len(calibration.lengths),
        }
    }
    model = Model(checkpoint.encoder_weight.shape[0], source, tuple(layers), meta)
    check_model(model, "quantised model")
    return model


def _check_request(
    checkpoint: FloatModel,
    calibration: Calibration,
    a_grid: str,
    percentile: float,
    multipliers: str,
) -> None:
    for option, found, allowed in (
        ("--a-grid", a_grid, GRIDS),
        ("--multipliers", multipliers, MULTIPLIERS),
    ):
        if found not in allowed:
            raise InputError(f"{option}: found {found!r}; allowed: {', '.join(allowed)}")
    if not 50 <= percentile <= 100:
        raise InputError(f"--percentile: found {percentile:g}; allowed 50..100")
    channels, expected = calibration.inputs.shape[2], checkpoint.encoder_weight.shape[0]
    if channels != expected:
        raise InputError(
            f"calibration: array 'inputs': found {channels} channels; the checkpoint has {expected}"
        )
    logits, n_classes = calibration.float_logits, checkpoint.decoder_weight.shape[1]
    if logits is not None and logits.shape[1] != n_classes:
        raise InputError(
            f"calibration: array 'float_logits': found {logits.shape[1]} classes; the checkpoint "
            f"has {n_classes}"
        )


def _layers(model: FloatModel, build: Builder, source: Signal) -> list[Layer]:
    """Return all layers in order."""
    bits, arch = build.bits, model.arch
    stream = build.stream("encoder")
    layers: list[Layer] = [
        build.linear("encoder", "input", source, model.encoder_weight, model.encoder_bias, stream)
    ]
    for i, block in enumerate(model.blocks):
        layers += build.block(i, block, layers[-1])
    last = layers[-1]
    build.units["pool"] = build.unit(last.name, len(model.decoder_weight))
    pool = _pool(arch, last.name, last.output, build.ranges, bits.pool)
    logits = signal_for(build.ranges.peak("decoder"), bits.logits, signed=True)
    decoder = (model.decoder_weight, model.decoder_bias)
    return [*layers, pool, build.linear("decoder", "pool", pool.output, *decoder, logits)]


def _pool(arch: Architecture, name: str, signal: Signal, ranges: Ranges, bits: int) -> Pool:
    """Return the pool; a mean gets codes of its own, finer by a power of two."""
    if arch.pooling == "last":
        return Pool("pool", name, "last", 1, 0, signal)
    output = signal_for(ranges.peak("pool"), bits, signed=True, power_of_two=True)
    m, k = multiplier(signal.scale / output.scale, 8)
    if m == 2 and k == 1:
        m, k = 1, 0
    return Pool("pool", name, "mean", m, k, output)


def quantize_file(
    path: str | Path,
    calibration: str | Path,
    bits: str | Bits = "",
    *,
    a_grid: str = "cartesian",
    percentile: float = 99.99,
    per_channel: bool = True,
    multipliers: str = "free",
    limit: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Model, QuantReport]:
    """Quantise a checkpoint file and say what that did; `aimc quantize` is this function.

    Parameters
    ----------
    path, calibration : path
        Checkpoint and data file (docs/formats.md).
    bits : str or Bits
        As ``a=8,state=16,...``.
    a_grid, percentile, per_channel, multipliers
        See `quantize`.
    limit : int, optional
        Use the first sequences only.
    options : mapping, optional
        Fields of `Architecture` that override the checkpoint's metadata.

    Returns
    -------
    tuple of Model and QuantReport
        What runs, and its saturation, poles and agreement on the calibration batch.

    Raises
    ------
    InputError
        One line: file, key or array, found, expected.
    """
    widths = parse_bits(bits) if isinstance(bits, str) else bits
    checkpoint, batch = load_checkpoint(path, options), load_calibration(calibration, limit)
    model = quantize(
        checkpoint,
        batch,
        widths,
        a_grid=a_grid,
        percentile=percentile,
        per_channel=per_channel,
        multipliers=multipliers,
    )
    return model, report_of(checkpoint, model, batch)
