"""program: target conductances become devices, per chip, tile and cell, from the build seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.faults import TileFaults, faults_of
from aimc_sim.crossbar.targets import asked_S
from aimc_sim.crossbar.writing import programming_events, verify_step_S
from aimc_sim.devices.laws import check_age
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.state import DeviceState
from aimc_sim.events import Events
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream
from aimc_sim.spec import InputError

POLE_GAIN_BITS = 14
"""Binary places of a mode's digital gain."""
ACC_LIMIT = 1 << 45
"""Where the accumulator that it is applied to saturates: beyond all exact sums."""


@dataclass(frozen=True)
class Correction:
    """What is done digitally to the codes of a tile's converters in one phase.

    Parameters
    ----------
    gain : float array, shape (n_currents,)
        Factor.
    offset : float array, shape (n_currents,)
        Added to the sum over all input slices [accumulator units].
    """

    gain: Floats
    offset: Floats


@dataclass(frozen=True)
class PoleGains:
    """One digital gain a mode, for the analog part of ``A x``.

    Parameters
    ----------
    re, im : int array, shape (n_modes,)
        Real and imaginary part, times ``2^POLE_GAIN_BITS``; `im` is 0 where magnitudes alone are
        corrected.
    """

    re: Ints
    im: Ints

    @property
    def mixes(self) -> bool:
        """Whether real and imaginary parts of the state are mixed."""
        return bool(self.im.any())

    def apply(self, acc: Ints) -> Ints:
        """Return corrected accumulators, shape (n_sequences, parts, n_modes), rounded."""
        half = 1 << (POLE_GAIN_BITS - 1)
        acc = np.clip(acc, -ACC_LIMIT, ACC_LIMIT)
        product = acc * self.re
        if self.mixes:
            product[:, 0] -= acc[:, 1] * self.im
            product[:, 1] += acc[:, 0] * self.im
        return np.asarray((product + half) >> POLE_GAIN_BITS)


@dataclass(frozen=True)
class Tiles:
    """Programmed tiles of one or more chip instances.

    Parameters
    ----------
    plan : Plan
        What is on them.
    hardware : Hardware
        What they are made of.
    seed : int
        Build seed.
    chips : tuple of int
        Numbers of the chip instances.
    states : mapping
        ``(chip, tile_id) -> DeviceState``, arrays of shape (n_wordlines, n_columns, n_devices); a
        reference column stands after those of weights.
    events : Events
        Pulses and verify reads of all chips.
    programmed : mapping
        ``tile_id -> bool array (n_wordlines, n_columns)``: cells that were programmed; the others
        stay at the stated conductance.
    faults : TileFaults
        Stuck devices and open lines; they hit cells that hold no weight as well.
    corrections : mapping
        ``(chip, tile_id, phase) -> Correction``, from `calibrate`.
    pole_gains : mapping
        ``(chip, layer) -> PoleGains``, from `calibrate`.
    calibrated_age_s : float, optional
        Age that the corrections are for [s].
    """

    plan: Plan
    hardware: Hardware
    seed: int
    chips: tuple[int, ...]
    states: Mapping[tuple[int, int], DeviceState]
    events: Events
    programmed: Mapping[int, npt.NDArray[np.bool_]]
    faults: TileFaults
    corrections: Mapping[tuple[int, int, str], Correction] = field(default_factory=dict)
    pole_gains: Mapping[tuple[int, str], PoleGains] = field(default_factory=dict)
    calibrated_age_s: float | None = None

    @property
    def layouts(self) -> dict[int, Layout]:
        """Layout of the weights of each tile."""
        return self.plan.layouts

    @property
    def n_faults(self) -> dict[str, int]:
        """Broken devices of all chips by kind: "stuck_off", "stuck_on", "line", "map"."""
        return dict(self.faults.n)

    def g_S(self, chip: int, tile_id: int, age_s: float = 0.0) -> Floats:
        """Return the conductances of a tile at an age, [wordline, column, device] [S]."""
        state, hardware = self.states[chip, tile_id], self.hardware
        check_age(age_s)
        drifts = hardware.effects.drift
        g_S = hardware.device.drift(state, age_s) if drifts else state.g_programmed_S.copy()
        g_S = hardware.device.at_temperature(g_S, hardware.temperature_K)
        programmed = self.programmed[tile_id]
        if not programmed.all():
            g_S = np.where(programmed[..., None], g_S, unused_S(hardware))
        return self.faults.over(chip, tile_id, g_S)

    def live(self, chip: int, tile_id: int) -> npt.NDArray[np.bool_]:
        """Return which devices of a tile were programmed and work, hence drift and are noisy."""
        shape = self.states[chip, tile_id].g_programmed_S.shape
        programmed = np.broadcast_to(self.programmed[tile_id][..., None], shape)
        return programmed & self.faults.healthy(chip, tile_id)

    def read_noise(self, chip: int, tile_id: int, age_s: float) -> ReadNoise:
        """Return the noise that reads of a tile have, were all of its devices live."""
        state = self.states[chip, tile_id]
        return self.hardware.device.read_noise(state, self.g_S(chip, tile_id, age_s), age_s)

    def sigma_read_S(self, chip: int, tile_id: int, age_s: float) -> Floats | None:
        """Return the spread of one read of each device taken alone [S]; None without noise."""
        sigma_S = self.read_noise(chip, tile_id, age_s).sigma_S()
        return None if sigma_S is None else np.where(self.live(chip, tile_id), sigma_S, 0.0)


def unused_S(hardware: Hardware) -> float:
    """Return the stated conductance of a cell that holds no weight [S]."""
    stated = hardware.mapping.unused_S
    return hardware.device.g_min_S if stated is None else stated


def program(
    plan: Plan, hardware: Hardware, *, seed: int, n_chips: int = 1, first_chip: int = 0
) -> Tiles:
    """Program a plan onto chip instances.

    Parameters
    ----------
    plan : Plan
        Which weight on which tile.
    hardware : Hardware
        The chip it was mapped for.
    seed : int
        Build seed: programming noise, drift exponents, faults.
    n_chips, first_chip : int
        Instances first_chip .. first_chip + n_chips - 1; each has streams of its own.

    Returns
    -------
    Tiles
        Conductances as written, and the events of writing them.

    Raises
    ------
    InputError
        A plan made for other hardware, no chip asked for, or a map of faults that does not fit.
    """
    if plan.hardware.digest() != hardware.digest():
        raise InputError("plan: it was mapped for other hardware; map the model again")
    if n_chips < 1 or first_chip < 0 or seed < 0:
        raise InputError(
            f"program: found n_chips {n_chips}, first_chip {first_chip}, seed {seed}; "
            f"expected n_chips >= 1 and the others >= 0"
        )
    chips = tuple(range(first_chip, first_chip + n_chips))
    states = {
        (chip, tile.tile_id): _program_tile(m, tile, hardware, seed, chip)
        for m in plan.matrices
        for tile in m.tiles
        for chip in chips
    }
    keep_all = hardware.mapping.unused == "programmed"
    programmed = {tile.tile_id: m.used(tile) | keep_all for m in plan.matrices for tile in m.tiles}
    events = programming_events(plan, hardware, states, programmed)
    faults = faults_of(plan, chips, seed)
    return Tiles(plan, hardware, seed, chips, states, events, programmed, faults)


def _program_tile(
    m: MatrixPlan, tile: TilePlan, hardware: Hardware, seed: int, chip: int
) -> DeviceState:
    device = hardware.device
    target = asked_S(m, tile, hardware)
    draw = named_draw(target.shape, seed, chip, tile)
    state = device.write(target, draw, verify_step_S(hardware))
    return state if hardware.effects.programming else exactly_written(state)


def exactly_written(state: DeviceState) -> DeviceState:
    """Return the same devices, each at its target."""
    z = None if state.z_programming is None else np.zeros_like(state.z_programming)
    return replace(state, g_programmed_S=state.g_target_S, z_programming=z, n_clipped=0)


def named_draw(
    shape: tuple[int, ...], seed: int, chip: int, tile: TilePlan
) -> Callable[[str], npt.NDArray[np.float32]]:
    """Return a function from the name of a source to its standard normals for a tile's cells."""

    def draw(source: str) -> npt.NDArray[np.float32]:
        named = stream(seed, "program", chip, tile.layer, tile.name, source)
        return named.normal(int(np.prod(shape))).reshape(shape)

    return draw
