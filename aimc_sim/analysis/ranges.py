"""calibrate_ranges: full scales of the ADCs from what a batch of data really makes them see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aimc_sim.analysis.range_found import METHODS, FoundRange, RangeCalibration
from aimc_sim.analysis.range_record import ReadKey, ReadRecord, RecordedRun, RecordingAdc
from aimc_sim.analysis.range_search import clipped, least_error_scale, quantile_scale
from aimc_sim.analysis.sources import plan_like
from aimc_sim.converters import IdealAdc
from aimc_sim.crossbar.calibrate import with_calibration
from aimc_sim.crossbar.lines import TileLines
from aimc_sim.crossbar.ranges import ranges_of_read
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import Plan
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from aimc_sim.runner.check import check_call, check_data
from aimc_sim.runner.job import Job, Progress
from aimc_sim.runner.run import BATCH
from aimc_sim.spec import InputError


def calibrate_ranges(
    model: Model,
    plan_or_hardware: Plan | Hardware,
    data: Data,
    *,
    seed: int,
    n_chips: int = 1,
    age_s: float = 0.0,
    method: str = "percentile",
    percentile: float = 99.99,
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> Plan:
    """Return a plan with the full scales of all ADCs, found from a batch of data.

    Parameters
    ----------
    model : Model
        What runs.
    plan_or_hardware : Plan or Hardware
        Where its weights lie, or the hardware that `aimc_sim.map_model` places them on.
    data : Data
        The batch.
    seed : int
        Build seed and run seed: whose devices and noise.
    n_chips : int
        Chip instances, which share the ranges.
    age_s : float
        Time since the reference read [s].
    method : {"percentile", "least_error"}
        The percentile of magnitudes, or the full scale with the least squared error.
    percentile : float
        For ``percentile``: above 0; 100 is the largest magnitude.
    batch_size, progress
        As in `aimc_sim.run`.

    Returns
    -------
    Plan
        Of the same hardware with ``adc.range: calibrated``.

    Notes
    -----
    The chip runs the model with its own devices, noise and DACs, but with ADCs that have no end and
    a step of one accumulator unit. Refused: converters without an end, and what `run` refuses.

    Examples
    --------
    >>> from aimc_sim import load_chip, load_data, load_model
    >>> model = load_model("examples/models/digits.npz")
    >>> data = load_data("examples/data/digits_calibration.npz", model).rows(0, 2)
    >>> chip = load_chip("examples/chips/pcm_256.yaml", {"hardware.device": "ideal"})
    >>> plan = calibrate_ranges(model, chip.hardware, data, seed=1)
    >>> plan.hardware.adc.range, len(plan.ranges) >= len(plan.tiles)
    ('calibrated', True)
    """
    return find_ranges(
        model, plan_or_hardware, data, seed=seed, n_chips=n_chips, age_s=age_s, method=method,
        percentile=percentile, batch_size=batch_size, progress=progress,
    ).plan  # fmt: skip


def find_ranges(
    model: Model,
    plan_or_hardware: Plan | Hardware,
    data: Data,
    *,
    seed: int,
    n_chips: int = 1,
    age_s: float = 0.0,
    method: str = "percentile",
    percentile: float = 99.99,
    batch_size: int = BATCH,
    progress: Progress | None = None,
) -> RangeCalibration:
    """Return the plan of `calibrate_ranges`, and each range beside its worst case.

    Notes
    -----
    Parameters are those of `calibrate_ranges`. Of each read of a tile at most
    `aimc_sim.analysis.range_record.N_KEPT` values are kept, those of an even sample of its reads,
    beside the exact extremes. A range that nothing flows through gets one accumulator unit, one
    that the data never reads its worst case.
    """
    hardware = calibrated_hardware(
        plan_or_hardware.hardware if isinstance(plan_or_hardware, Plan) else plan_or_hardware
    )
    if method not in METHODS:
        raise InputError(f"method: found {method!r}; allowed: {', '.join(METHODS)}")
    if not 0.0 < percentile <= 100.0:
        raise InputError(f"percentile: found {percentile:g}; expected above 0, at most 100")
    old = plan_or_hardware if isinstance(plan_or_hardware, Plan) else map_model(model, hardware)
    plan = replace(plan_like(old, model, hardware), ranges={})
    tiles = _with_ideal_adcs(plan, model, seed, n_chips)
    check_call(model, tiles, (), seed, batch_size)
    check_data(model, tiles, data, None)
    tiles, _ = with_calibration(tiles, age_s, seed)
    records = _records(replace(tiles, plan=plan, hardware=hardware), data, age_s, seed)
    start = _starts(data)
    adcs = {key: RecordingAdc(r, data.first_sequence, start) for key, r in records.items()}
    chips = {c: RecordedRun(model, tiles, c, age_s, seed, adcs) for c in tiles.chips}
    Job(model, tiles, data, chips, None, (), progress).run(batch_size, seed)
    found = _found(plan, records, method, percentile)
    ranges = {key: tuple(r.full for r in found if r.key == key) for key in records}
    return RangeCalibration(replace(plan, ranges=ranges), method, percentile, found)


def calibrated_hardware(hardware: Hardware) -> Hardware:
    """Return the hardware with ``adc.range: calibrated``.

    Raises
    ------
    InputError
        Its converters have no range.
    """
    adc = hardware.adc
    if isinstance(adc, IdealAdc):
        raise InputError(
            "hardware.adc.kind: found 'ideal', which converts exactly and has no end: there is "
            "nothing to calibrate"
        )
    changed = adc.model_copy(update={"range": "calibrated", "full_scale_A": None})
    return hardware.model_copy(update={"adc": changed})


def _with_ideal_adcs(plan: Plan, model: Model, seed: int, n_chips: int) -> Tiles:
    """Return programmed tiles, every weight on the device it has, without ends of converters."""
    ideal = plan.hardware.model_copy(update={"adc": IdealAdc(kind="ideal")})
    return program(plan_like(plan, model, ideal), ideal, seed=seed, n_chips=n_chips)


def _starts(data: Data) -> Ints:
    """Return how many steps all rows before each one have."""
    valid = np.clip(data.lengths, 0, data.x_code.shape[1])
    return np.asarray(np.cumsum(valid) - valid)


def _records(tiles: Tiles, data: Data, age_s: float, seed: int) -> dict[ReadKey, ReadRecord]:
    """Return an empty record of every read of every tile."""
    setting = ReadSetting(tiles, tiles.chips[0], age_s, seed)
    n_steps = int(np.clip(data.lengths, 0, data.x_code.shape[1]).sum())
    found: dict[ReadKey, ReadRecord] = {}
    for layer in tiles.plan.layers:
        n_reads = len(tiles.chips) * (n_steps if layer.per_step else len(data))
        for m in layer.matrices:
            for phase in m.matrix.phases:
                for tile in m.tiles:
                    lines = TileLines(setting, m, phase, tile)
                    if not lines.n_driven or not lines.columns.size:
                        continue
                    for i in range(len(lines.reads)):
                        ranges = ranges_of_read(lines, i)
                        found[tile.tile_id, phase.name, i] = ReadRecord(ranges, n_reads)
    return found


def _found(
    plan: Plan, records: Mapping[ReadKey, ReadRecord], method: str, percentile: float
) -> tuple[FoundRange, ...]:
    """Return the full scale of every range, and what it does to the sample."""
    layer_of = {tile.tile_id: tile.layer for tile in plan.tiles}
    found = []
    for key, record in records.items():
        r = record.ranges
        peaks = record.peaks()
        for number, values in enumerate(record.values()):
            full, peak = float(r.worst[number]), float(peaks[number])
            if record.n_seen and method == "percentile":
                full = quantile_scale(values, percentile, peak)
            elif record.n_seen:
                full = least_error_scale(values, peak, r.code_min, r.code_max)
            full = max(full, float(r.least[number]))
            n = clipped(values, full, r.code_min, r.code_max)
            found.append(
                FoundRange(
                    layer_of[key[0]], key, number, full, float(r.worst[number]), peak,
                    len(values), n,
                )
            )  # fmt: skip
    return tuple(found)
