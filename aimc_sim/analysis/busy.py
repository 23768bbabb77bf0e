"""A fully busy chip: every tile full of weights and read without a pause; peak figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aimc_sim.analysis.random_codes import Statistics, one_layer, random_codes
from aimc_sim.chip import Chip
from aimc_sim.cost.bill import Bill, cost_of
from aimc_sim.cost.latency import LayerTime
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data
from aimc_sim.events import Events
from aimc_sim.hardware import Hardware
from aimc_sim.hardware.operation import Calibration, Effects
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan, Plan
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError

LAYER = "busy"
FREE_MULTIPLIER = 3
"""No power of two: a chip at its peak multiplies when it requantises, as most layers do."""


@dataclass(frozen=True)
class BusyChip:
    """Peak figures of a chip.

    Parameters
    ----------
    n_tiles : int
        Tiles of the chip.
    macs_per_tile : int
        Weights of a full tile, each a multiplication and an addition a read of the whole input.
    input_bits, weight_bits : int
        Widths of the codes.
    inputs, weights : {"uniform", "normal", "zero"}
        What the codes are.
    interval_s, latency_s : float
        Between two matrix-vector products of a tile, and from the first drive of one to its last
        code [s].
    energy_J : mapping
        ``component -> energy`` of one product of one tile [J], its share of all that is always on
        included.
    area_m2 : mapping
        ``component -> area`` of the chip [m2].
    bill : Bill
        Of the tiles that were run.
    events, plan : Events, Plan
        Of them, too.
    """

    n_tiles: int
    macs_per_tile: int
    input_bits: int
    weight_bits: int
    inputs: Statistics
    weights: Statistics
    interval_s: float
    latency_s: float
    energy_J: dict[str, float]
    area_m2: dict[str, float]
    bill: Bill
    events: Events
    plan: Plan

    @property
    def energy_per_mvm_J(self) -> float:
        """Energy of one product of one tile [J]."""
        return sum(self.energy_J.values())

    @property
    def power_W(self) -> float:
        """Power of the chip [W]."""
        return self.n_tiles * self.energy_per_mvm_J / self.interval_s

    @property
    def ops_per_s(self) -> float:
        """Operations a second, two a MAC."""
        return 2.0 * self.n_tiles * self.macs_per_tile / self.interval_s

    @property
    def ops_per_J(self) -> float:
        """Operations a joule: operations a second and watt."""
        return 2.0 * self.macs_per_tile / self.energy_per_mvm_J

    @property
    def ops_per_s_m2(self) -> float:
        """Operations a second and square metre."""
        return self.ops_per_s / sum(self.area_m2.values())


def busy_chip(
    chip: Chip,
    *,
    n_tiles: int | None = None,
    input_bits: int | None = None,
    weight_bits: int | None = None,
    inputs: Statistics | None = None,
    weights: Statistics | None = None,
    n_vectors: int = 16,
    seed: int = 0,
) -> BusyChip:
    """Run full tiles of a chip and return its peak figures.

    Parameters
    ----------
    chip : Chip
        The chip.
    n_tiles : int, optional
        Tiles of the chip; by default ``costs.static.n_tiles_of_chip``, or one.
    input_bits, weight_bits : int, optional
        Widths of the signed codes; by default those of ``costs.peak``.
    inputs, weights : {"uniform", "normal", "zero"}, optional
        What `random_codes` makes of these words; by default those of ``costs.peak``.
    n_vectors : int
        Input vectors that energy is averaged over.
    seed : int
        Names the draws.

    Returns
    -------
    BusyChip
        One group of tiles is run; the chip is as many of them.

    Raises
    ------
    InputError
        A number of tiles that is no multiple of a group.

    Notes
    -----
    Energy is events times prices over the time of the products (`BusyChip.interval_s`), so that
    figures a second hold where each tile starts a product as soon as the last one lets it. Noise,
    wires and calibration are switched off: they take no part in the count.

    Examples
    --------
    >>> from aimc_sim.chip import load_chip
    >>> busy = busy_chip(load_chip("examples/chips/rram_64.yaml"), n_vectors=2)
    >>> busy.macs_per_tile, busy.n_tiles
    (2048, 1)
    """
    n_chip, n_run = _sizes(chip, n_tiles)
    peak = chip.costs.peak
    codes = _Codes(
        input_bits or peak.input_bits, weight_bits or peak.weight_bits,
        inputs or peak.inputs, weights or peak.weights,
    )  # fmt: skip
    return _at_peak(chip, n_chip, n_run, codes, n_vectors, seed)


@dataclass(frozen=True)
class _Codes:
    """What codes are read through full tiles."""

    input_bits: int
    weight_bits: int
    inputs: Statistics
    weights: Statistics


def _at_peak(
    chip: Chip, n_chip: int, n_run: int, codes: _Codes, n_vectors: int, seed: int
) -> BusyChip:
    """Run so many full tiles, of which a chip has several groups."""
    hardware = _quiet(chip.hardware)
    width = _columns_of_a_tile(hardware, codes.input_bits, codes.weight_bits)
    n_rows = hardware.tile.n_wordlines
    weight = random_codes(seed, "weights", n_rows, width * n_run, codes.weight_bits, codes.weights)
    x_code = random_codes(seed, "inputs", n_vectors, n_rows, codes.input_bits, codes.inputs)
    model = one_layer(weight, codes.weight_bits, codes.input_bits, multiplier=FREE_MULTIPLIER)
    events, plan = _run_all(model, hardware, x_code, seed)
    bill = cost_of(events, chip.costs, plan)
    time = bill.latency_s.critical_path[0]
    whole = _of_size(plan, n_chip)
    energy_J = _energy(chip, bill, whole, time, n_vectors * n_run, n_chip)
    area_m2 = {name: chip.costs.area_m2(name, whole) for name in chip.costs.components()}
    return BusyChip(
        n_chip, n_rows * width, codes.input_bits, codes.weight_bits, codes.inputs, codes.weights,
        time.interval, time.reads, energy_J, area_m2, bill, events, plan,
    )  # fmt: skip


def _sizes(chip: Chip, n_tiles: int | None) -> tuple[int, int]:
    """Return the tiles of the chip, and how many of them are run: a group."""
    static = chip.costs.static
    n_chip = n_tiles or static.n_tiles_of_chip or 1
    n_run = static.n_tiles_of_group
    if n_chip % n_run:
        raise InputError(
            f"tiles: found {n_chip}; costs.static.n_tiles_of_group is {n_run}, so a multiple of it"
        )
    return n_chip, n_run


def _run_all(model: Model, hardware: Hardware, x_code: Ints, seed: int) -> tuple[Events, Plan]:
    """Return what is counted when each vector is read once, and on which plan."""
    plan = map_model(model, hardware)
    data = Data(x_code[:, None, :], np.ones(len(x_code), dtype=np.int64))
    tiles = program(plan, hardware, seed=seed)
    return run(model, tiles, data, seed=seed).events, plan


def _energy(
    chip: Chip, bill: Bill, whole: Plan, time: LayerTime, n_products: int, n_chip: int
) -> dict[str, float]:
    """Return the energy of one product of one tile by component [J]."""
    counted = bill.energy_J.by_layer_and_component[LAYER]
    found = {}
    for name in chip.costs.components():
        static_J = chip.costs.static_W(name, whole) * time.interval / n_chip
        found[name] = counted.get(name, 0.0) / n_products + static_J
    return found


def _quiet(hardware: Hardware) -> Hardware:
    """Return the hardware without what the count does not depend on."""
    off = dict.fromkeys(Effects.model_fields, False) | {"programming": True, "faults": True}
    return hardware.model_copy(update={"effects": Effects(**off), "calibration": Calibration()})


def _columns_of_a_tile(hardware: Hardware, input_bits: int, weight_bits: int) -> int:
    """Return how many columns of weights fill a tile."""
    n = hardware.tile.n_bitlines
    weight = np.full((1, n), (1 << (weight_bits - 1)) - 1, dtype=np.int64)
    return map_model(one_layer(weight, weight_bits, input_bits), hardware).tiles[0].n_columns


def _of_size(plan: Plan, n_tiles: int) -> Plan:
    """Return a plan of that many tiles of the same kind; area and static power look at it."""
    first = plan.layers[0]
    matrix = first.matrices[0]
    tiles = tuple(replace(matrix.tiles[0], tile_id=i, site=None) for i in range(n_tiles))
    grown = MatrixPlan(matrix.matrix, tiles, matrix.layout, matrix.window)
    layer = LayerPlan(first.layer, first.kind, first.n_out, True, first.mapping, (grown,))
    return replace(plan, layers=(layer, *plan.layers[1:]))
