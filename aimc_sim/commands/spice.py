"""`aimc spice`: the crossbar of a programmed tile, with its drive, as an ngspice netlist."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.options import at_least, parse_changes
from aimc_sim.commands.tile_drive import Drive, codes_of, drive_of, random_codes
from aimc_sim.crossbar.gates import gate_read
from aimc_sim.crossbar.lines_network import network_of
from aimc_sim.crossbar.netlist import Curve, netlist
from aimc_sim.crossbar.places import Places, on_site, places_of
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.crossbar.wires import effective_matrix
from aimc_sim.crossbar.wires_newton import newton_currents
from aimc_sim.data import load_data
from aimc_sim.duration import parse_time_s
from aimc_sim.hardware import Wires
from aimc_sim.mapping.mapper import map_model
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan, Plan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.report.files import check_writable, write_text
from aimc_sim.spec import InputError, nearest


@dataclass(frozen=True)
class SpiceOptions:
    """The options of `aimc spice`, as typed; see ``aimc spice --help``."""

    model: str
    chip: str
    layer: str | None = None
    tiles: tuple[int, ...] = ()
    phase: str | None = None
    read: int = 0
    chip_number: int = 0
    seed: int = 0
    after: str = "0s"
    changes: tuple[str, ...] = ()
    data: str | None = None
    sequence: int = 0
    step: int = 0
    output: str = "-"


def spice_command(options: SpiceOptions) -> None:
    """Do what `aimc spice` does."""
    for option, value in (
        ("--read", options.read),
        ("--chip-number", options.chip_number),
        ("--seed", options.seed),
        ("--sequence", options.sequence),
        ("--step", options.step),
    ):
        at_least(option, value, 0)
    changes, age_s = parse_changes(options.changes), parse_time_s(options.after)
    to_screen = options.output == "-"
    check_writable("--output", None if to_screen else options.output)
    model, chip = load_model(options.model), load_chip(options.chip, changes)
    plan = map_model(model, chip.hardware)
    chosen = chosen_tiles(plan, options)
    if to_screen and len(chosen) > 1:
        raise InputError(f"--output -: {len(chosen)} tiles do not go into one netlist; name a file")
    tiles = program(plan, chip.hardware, seed=options.seed, first_chip=options.chip_number)
    for m, tile in chosen:
        text = _Writer(options, model, chip, tiles, age_s).text(m, tile)
        if to_screen:
            sys.stdout.write(text)
            continue
        path = Path(options.output)
        if len(chosen) > 1:
            path = path.with_name(f"{path.stem}_{tile.tile_id}{path.suffix}")
        write_text(path, text)


def chosen_tiles(plan: Plan, options: SpiceOptions) -> list[tuple[MatrixPlan, TilePlan]]:
    """Return the tiles asked for: those named, all of the layer, or the first one.

    Raises
    ------
    InputError
        No such layer or tile.
    """
    every = [(m, tile) for m in plan.matrices for tile in m.tiles]
    layers = list(dict.fromkeys(tile.layer for _, tile in every))
    if options.layer is not None and options.layer not in layers:
        near = nearest(options.layer, layers)
        raise InputError(
            f"--layer: found {options.layer!r}{f'; did you mean {near!r}' if near else ''}; "
            f"layers on tiles: {', '.join(layers) or 'none'}"
        )
    of_layer = [(m, t) for m, t in every if options.layer in (None, t.layer)]
    known = [t.tile_id for _, t in of_layer]
    for tile_id in options.tiles:
        if tile_id not in known:
            there = f"{known[0]} to {known[-1]}" if known else "none"
            raise InputError(f"--tile: found {tile_id}; tiles: {there}")
    if not of_layer:
        raise InputError("the model has no tiles on this chip")
    if options.tiles:
        return [(m, t) for m, t in of_layer if t.tile_id in options.tiles]
    return of_layer if options.layer is not None else of_layer[:1]


@dataclass(frozen=True)
class _Writer:
    """Writes tiles of one chip."""

    options: SpiceOptions
    model: Model
    chip: Chip
    tiles: Tiles
    age_s: float

    def text(self, m: MatrixPlan, tile: TilePlan) -> str:
        """Return the netlist of one tile."""
        hardware = self.chip.hardware
        places, wires = on_site(
            places_of(m, tile, hardware), m, tile, hardware, hardware.wires or Wires()
        )
        drive = self._drive(m, tile)
        devices_S = self.tiles.g_S(self.options.chip_number, tile.tile_id, self.age_s)
        g_S, v = places.array(devices_S), np.zeros(places.n_rows)
        rows, signs = places.rows_of(np.arange(tile.n_wordlines))
        each = drive.on.astype(np.float64) if wires.is_gate else drive.v_V
        v[rows] = np.tile(each, places.rows_per_wordline) * signs
        curve, v_read_V = self._curve(tile, places, devices_S), hardware.dac.v_read_V
        expected_A = _currents(g_S, wires, v, v_read_V, curve)
        return netlist(
            network_of(g_S, wires, v, v_read_V),
            title=f"tile {tile.tile_id} ({tile.layer}, {tile.name}) of {self.chip.name}",
            notes=[*self._notes(tile, g_S), *_expected(expected_A, wires)],
            curve=curve,
        )

    def _drive(self, m: MatrixPlan, tile: TilePlan) -> Drive:
        phase = self._phase(m, tile)
        n_reads = len(reads_of(m.matrix, phase, self.chip.hardware))
        if self.options.read >= n_reads:
            raise InputError(f"--read: found {self.options.read}; phase {phase.name!r} has "
                             f"{n_reads} (one a slice)")  # fmt: skip
        return drive_of(m, tile, phase, self.options.read, self._codes(m, phase),
                        self.chip.hardware)  # fmt: skip

    def _phase(self, m: MatrixPlan, tile: TilePlan) -> Phase:
        phases = {phase.name: phase for phase in m.matrix.phases}
        name = self.options.phase or next(iter(phases))
        if name not in phases:
            raise InputError(f"--phase: found {name!r}; phases of tile {tile.tile_id}: "
                             f"{', '.join(phases)}")  # fmt: skip
        return phases[name]

    def _codes(self, m: MatrixPlan, phase: Phase) -> dict[str, Ints]:
        o = self.options
        if o.data is None:
            return random_codes(m, phase, o.seed)
        data = load_data(o.data, self.model)
        if o.sequence >= len(data):
            raise InputError(f"--sequence: found {o.sequence}; the data have {len(data)}")
        length = int(data.lengths[o.sequence])
        if o.step >= length:
            raise InputError(f"--step: found {o.step}; sequence {o.sequence} has {length} steps")
        return codes_of(self.model, m, phase, data, o.sequence, o.step)

    def _curve(self, tile: TilePlan, places: Places, devices_S: Floats) -> Curve | None:
        hardware, chip = self.chip.hardware, self.options.chip_number
        found = hardware.device.nonlinearity(devices_S) if hardware.effects.nonlinearity else None
        if found is None:
            return None
        healthy = self.tiles.faults.healthy(chip, tile.tile_id) & (devices_S > 0.0)
        a, b = (places.array(np.where(healthy, t, 0.0)) for t in found)
        return Curve(a, b)

    def _notes(self, tile: TilePlan, g_S: Floats) -> list[str]:
        o = self.options
        drive = f"{o.data}, sequence {o.sequence}, step {o.step}" if o.data else "random codes"
        return [
            f"chip {o.chip_number}, build seed {o.seed}, {self.age_s:g} s after programming; "
            f"read noise is not in it",
            f"{g_S.shape[0]} wordlines, {g_S.shape[1]} bitlines, devices of a weight in: "
            f"{self.chip.hardware.tile.pair}; driven by {drive}, read {o.read}",
            "ngspice -b FILE prints every node voltage and branch current with all digits",
            "rc3_5 or bc3_5: device at wordline 3, bitline 5; rw, rb, rs: segments; vb5: bitline 5",
        ]


def _currents(g_S: Floats, wires: Wires, v: Floats, v_read_V: float, curve: Curve | None) -> Floats:
    """Return the bitline currents that ngspice is expected to find [A]."""
    if curve is not None:
        return newton_currents(g_S, curve.a, curve.b, wires, v, v_read_V).i_sense_A
    if wires.is_gate:
        return np.asarray(gate_read(g_S, wires, v[None], v_read_V)[0])
    return np.asarray(v @ effective_matrix(g_S, wires))


def _expected(i_A: Floats, wires: Wires) -> list[str]:
    """Return lines that tell the currents to expect, with ngspice's sign."""
    sign = -1.0 if wires.is_gate else 1.0
    return [f"expected: vb{j}#branch = {sign * value:.16e}" for j, value in enumerate(i_A)]
