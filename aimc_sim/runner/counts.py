"""What one execution of a layer does, counted: conversions per tile, digital work per layer."""

from __future__ import annotations

from functools import singledispatch

from aimc_sim.crossbar.bound import BoundPhase
from aimc_sim.crossbar.tally import Tally
from aimc_sim.crossbar.tile import POLE_GAIN_BITS
from aimc_sim.events import ArrayKey, ArrayReads
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.reads import bits_above
from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.requantisations import requantisations
from aimc_sim.model.signal import is_power_of_two
from aimc_sim.runner.bound import BoundLayer

Counts = dict[tuple[int, str], int]
Counts1 = dict[str, int]
NO_TILE = -1
GAIN_BITS = POLE_GAIN_BITS + 2
"""Width of a pole gain: below 4, with POLE_GAIN_BITS binary places."""
ACC_BITS = 24
"""Width of the accumulator that it multiplies."""
FLOAT_BITS = 24
"""Width of the multiplications inside a LayerNorm: a float's significand."""


def counts_of(bound: BoundLayer, model: Model, hardware: Hardware) -> Counts:
    """Return what one execution for one sequence does: ``(tile_id, action) -> amount``."""
    counts: Counts = {}
    for phase in bound.phases.values():
        _add_phase(counts, phase, hardware)
    layer = bound.layer
    analog = bool(bound.phases)
    for action, amount in _around_the_recurrence(bound).items():
        counts[NO_TILE, action] = counts.get((NO_TILE, action), 0) + amount
    products, shifts = requantisations(layer, model)
    work = digital_work(layer, model, set(bound.phases))
    for action, amount in (*work.items(), ("requant.op", products), ("adder.add", shifts)):
        counts[NO_TILE, action] = counts.get((NO_TILE, action), 0) + amount
    n_out = model.widths[layer.name]
    out_bits = n_out * layer.output.bits
    n_in = 0 if analog else model.widths[layer.input] * model.signal(layer.input).bits
    for action, amount in (
        ("buffer.write_bit", out_bits),
        ("bus.bit", out_bits),
        ("router.bit", out_bits),
        ("buffer.read_bit", n_in),
        ("control.step", 1),
    ):
        counts[NO_TILE, action] = counts.get((NO_TILE, action), 0) + amount
    return {key: amount for key, amount in counts.items() if amount}


def _around_the_recurrence(bound: BoundLayer) -> Counts1:
    """Return the digital work of an identity and of pole gains."""
    layer = bound.layer
    if not isinstance(layer, S4D) or (bound.identity is None and bound.gains is None):
        return {}
    n_x = (2 if layer.is_complex else 1) * layer.n_modes
    products = additions = 0
    if bound.identity is not None:
        additions += n_x
        is_shift = is_power_of_two(bound.identity).all()
        products += 0 if is_shift else n_x * layer.bits["A"] * layer.state.bits
    if bound.gains is not None:
        each = 2 if bound.gains.mixes else 1
        products += each * n_x * GAIN_BITS * ACC_BITS
        additions += each * n_x
    return {"adder.add": additions, "multiplier.bit_product": products}


def array_reads(
    bound: BoundLayer, tally: Tally, chip: int, age_s: float
) -> dict[ArrayKey, ArrayReads]:
    """Return what the arrays of a layer did at an age, from the squared codes tallied."""
    out = {}
    for phase, b in bound.phases.items():
        for read in b.reads:
            for part in read.slices:
                x2 = tally.squares(read, phase, part.index)
                if x2 is not None:
                    epoch = f"{age_s!r} s/{phase}/{part.index}"
                    g_row_S = tuple(float(g) for g in read.g_row_S)
                    key = (bound.layer.name, read.tile.tile_id, chip, epoch)
                    out[key] = ArrayReads(x2, g_row_S, part.v_drive_V, part.t_code_s)
    return out


def _add_phase(counts: Counts, phase: BoundPhase, hardware: Hardware) -> None:
    shared, dac = hardware.tile.bitlines_per_adc > 1, hardware.dac
    for read in phase.reads:
        n_currents = len(read.out)
        for part, driven in zip(read.slices, phase.slices, strict=True):
            n_pulses = dac.n_pulses(driven.bits)
            n_steps = hardware.adc.n_steps_of(bits_above(phase.slices, part.index))
            switched = 0 if dac.zero_skipping else part.n_driven * n_pulses
            for action, amount in (
                ("dac.convert", switched),
                ("line.switch", switched),
                ("buffer.read_bit", part.n_driven * driven.bits),
                ("crossbar.mvm", 1),
                ("sample_hold.hold", n_currents * n_pulses),
                ("integrator.step", n_currents * dac.n_integrations(driven.bits)),
                ("mux.switch", n_currents if shared else 0),
                ("adc.convert", n_currents),
                ("adc.step", n_currents * n_steps),
                ("shift_add.op", n_currents),
            ):
                key = (read.tile.tile_id, action)
                counts[key] = counts.get(key, 0) + amount


def switched_lines(bound: BoundLayer, tally: Tally) -> Counts:
    """Return what wordlines that are not at 0 took; nothing unless a converter skips zeros."""
    counts: Counts = {}
    if not tally.zero_skipping:
        return counts
    for phase, b in bound.phases.items():
        for read in b.reads:
            for part in read.slices:
                n = tally.n_active.get((read.tile.tile_id, phase, part.index), 0)
                for action in ("dac.convert", "line.switch"):
                    key = (read.tile.tile_id, action)
                    counts[key] = counts.get(key, 0) + n
    return counts


@singledispatch
def digital_work(layer: Layer, model: Model, phases: set[str]) -> dict[str, int]:
    """Return the digital actions of one execution; reads, moves of codes, requantising apart."""
    raise TypeError(f"no counts for {type(layer).__name__}")


@digital_work.register
def _(layer: Linear | Affine, model: Model, phases: set[str]) -> dict[str, int]:
    return {"adder.add": layer.n_out}


@digital_work.register
def _(layer: S4D, model: Model, phases: set[str]) -> dict[str, int]:
    parts = 2 if layer.is_complex else 1
    n_x, bits = parts * layer.n_modes, layer.state.bits
    products = layer.n_out * layer.bits["D"] * model.signal(layer.input).bits
    additions = layer.n_out
    if not phases & {"all", "state"}:
        additions += n_x
    if not phases & {"all", "state", "x", "A"}:
        products += parts * n_x * layer.bits["A"] * bits
        additions += (parts - 1) * n_x
    return {
        "adder.add": additions,
        "multiplier.bit_product": products,
        "state.read_bit": n_x * bits,
        "state.write_bit": n_x * bits,
    }


@digital_work.register
def _(layer: Table, model: Model, phases: set[str]) -> dict[str, int]:
    return {"lut.read": model.widths[layer.name]}


@digital_work.register
def _(layer: GLU, model: Model, phases: set[str]) -> dict[str, int]:
    n, bits = model.widths[layer.name], model.signal(layer.input).bits * layer.gate.bits
    return {"lut.read": n, "multiplier.bit_product": n * bits}


@digital_work.register
def _(layer: Residual, model: Model, phases: set[str]) -> dict[str, int]:
    n = model.widths[layer.name]
    return {"adder.add": n, "buffer.read_bit": n * model.signal(layer.skip).bits}


@digital_work.register
def _(layer: LayerNorm, model: Model, phases: set[str]) -> dict[str, int]:
    n = layer.n_out
    return {"adder.add": 4 * n, "multiplier.bit_product": 4 * n * FLOAT_BITS**2}


@digital_work.register
def _(layer: Pool, model: Model, phases: set[str]) -> dict[str, int]:
    return {}


def pooling_counts(layer: Pool, model: Model) -> Counts:
    """Return what adding one step to a pool does, for one sequence."""
    n = model.widths[layer.name]
    action = "buffer.write_bit" if layer.rule == "last" else "adder.add"
    amount = n * layer.output.bits if layer.rule == "last" else n
    return {(NO_TILE, action): amount}
