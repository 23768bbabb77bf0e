"""What drives the wordlines of a tile in one read: codes of a sequence, or random ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aimc_sim.data import Data
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import MatrixPlan
from aimc_sim.mapping.reads import reads_of
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.equations import apply_layer, pool_result
from aimc_sim.model.layers import S4D, Linear, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceResult, run_reference
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.rng import stream


@dataclass(frozen=True)
class Drive:
    """One read of a tile.

    Parameters
    ----------
    v_V : float array, shape (n_wordlines,)
        Voltage of each weight row [V].
    on : int array, shape (n_wordlines,)
        Slice codes, which are 0 or 1 where gates are switched.
    is_binary : bool
        Whether every slice driven has one bit without sign.
    """

    v_V: Floats
    on: Ints
    is_binary: bool


def drive_of(
    m: MatrixPlan,
    tile: TilePlan,
    phase: Phase,
    read: int,
    codes: Mapping[str, Ints],
    hardware: Hardware,
) -> Drive:
    """Return the voltages of a tile's weight rows in one read of a phase.

    Parameters
    ----------
    m, tile, phase : MatrixPlan, TilePlan, Phase
        Which read.
    read : int
        Number of the slice within the phase.
    codes : mapping
        Input vector to its codes.
    hardware : Hardware
        Gives slices and read voltage.
    """
    slices = reads_of(m.matrix, phase, hardware)[read].slices
    wordlines, gather = m.lines_of(tile, phase.drives, "inputs")
    x = [slices[n].of(codes[n]) if n in slices else 0 * codes[n] for n in phase.drives]
    size = [np.full(len(codes[n]), slices[n].magnitude if n in slices else 0) for n in phase.drives]
    driven = np.zeros(tile.n_wordlines, dtype=np.int64)
    driven[wordlines] = np.concatenate(x)[gather]
    largest = int(np.concatenate(size)[gather].max(initial=1))
    binary = all(part.magnitude == 1 and not part.signed for part in slices.values())
    v_V = driven.astype(np.float64) * (hardware.dac.v_read_V / max(largest, 1))
    return Drive(v_V, driven, binary)


def random_codes(m: MatrixPlan, phase: Phase, seed: int) -> dict[str, Ints]:
    """Return codes spread evenly over their range for every vector that a phase drives."""
    out = {}
    for name in phase.drives:
        vector = m.matrix.input(name)
        source = stream(seed, "spice", m.matrix.layer, m.matrix.name, name)
        u = source.uniform(len(vector.lines)).astype(np.float64)
        low = -(1 << (vector.bits - 1)) if vector.signed else 0
        out[name] = (np.floor(u * (1 << vector.bits)) + low).astype(np.int64)
    return out


def codes_of(
    model: Model, m: MatrixPlan, phase: Phase, data: Data, sequence: int, step: int
) -> dict[str, Ints]:
    """Return the codes that the integer reference has at a step, for the vectors a phase drives."""
    layer = model.by_name[m.matrix.layer]
    assert isinstance(layer, (Linear, S4D))
    is_state = isinstance(layer, S4D)
    early = layer.input in _before_pool(model)
    probes = ((layer.input,) if early and layer.input != "input" else ()) + (
        (f"{layer.name}/x",) if is_state else ()
    )
    x_code = data.x_code[sequence : sequence + 1, : step + 1]
    found = run_reference(model, x_code, probes=probes)
    if layer.input == "input":
        u = x_code[0, step]
    elif early:
        u = found.probes[layer.input][0, step]
    else:
        u = _after_pool(model, found, step + 1, layer.input)
    codes = {"u": np.asarray(u, dtype=np.int64)}
    if isinstance(layer, S4D):
        x = found.probes[f"{layer.name}/x"][0]
        new = phase.name == "C" and layer.readout == "new"
        state = x[step] if new else x[step - 1] if step else 0 * x[0]
        codes["x"] = state.reshape(-1)
    return {name: codes[name] for name in phase.drives}


def _before_pool(model: Model) -> set[str]:
    return {"input", *(layer.name for layer in model.layers[: model.pool_index])}


def _after_pool(model: Model, found: ReferenceResult, n_steps: int, name: str) -> Ints:
    """Return the codes of the pool or of a layer behind it."""
    pool, lengths = model.layers[model.pool_index], np.array([n_steps])
    assert isinstance(pool, Pool)
    values = {pool.name: pool_result(pool, found.state.pooled, lengths)}
    for layer in model.layers[model.pool_index + 1 :]:
        if name in values:
            break
        skip = values[layer.skip] if isinstance(layer, Residual) else None
        values[layer.name] = apply_layer(layer, values[layer.input], model, lengths, skip)
    return np.asarray(values[name][0], dtype=np.int64)
