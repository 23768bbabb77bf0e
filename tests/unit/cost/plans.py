"""Small hand-made plans and events whose price can be worked out on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aimc_sim.chip import Chip, load_chip
from aimc_sim.events import ACTIONS, ArrayReads, Events
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.layout import Layout
from aimc_sim.mapping.matrix import Block, Matrix, Phase, Vector
from aimc_sim.mapping.partition import pack
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan, Plan
from aimc_sim.mapping.tile_plan import TilePlan

CHIPS = Path(__file__).resolve().parents[3] / "examples/chips"
GENERIC = ("pcm_256", "rram_64", "ideal")
"""Chips with the periphery of docs/costs.md."""
NAMES = (*GENERIC, "hermes_core", "isaac_ce", "neurram")
COUNTED = tuple(action for action in ACTIONS if action != "crossbar.x2")


def chip(name="pcm_256", **overrides) -> Chip:
    """An example chip; keyword names are dotted paths with two underscores for a dot."""
    changes = {path.replace("__", "."): value for path, value in overrides.items()}
    return load_chip(CHIPS / f"{name}.yaml", changes)


def dense(layer: str, n_in: int, n_out: int, bits: int = 8) -> Matrix:
    """One full matrix, one phase."""
    return Matrix(
        layer,
        "weight",
        n_in,
        n_out,
        127,
        (Block(0, 0, np.ones((n_in, n_out), dtype=np.int64)),),
        (Vector("u", bits, True, np.arange(n_in)),),
        (Vector("y", 0, True, np.arange(n_out)),),
        (Phase("y", ("u",), ("y",)),),
    )


def recurrent(layer: str, n_states: int, bits: int) -> Matrix:
    """A matrix that a state drives, as C of an S4D layer."""
    return Matrix(
        layer,
        "C",
        n_states,
        1,
        127,
        (Block(0, 0, np.ones((n_states, 1), dtype=np.int64)),),
        (Vector("x", bits, True, np.arange(n_states)),),
        (Vector("y", 0, True, np.arange(1)),),
        (Phase("C", ("x",), ("y",)),),
    )


def plan_of(
    hardware: Hardware,
    n_in: int = 4,
    n_out: int = 6,
    bits: int = 8,
    state: tuple[int, int] | None = None,
) -> Plan:
    """Return encoder (analog), optionally a state, table, pool, decoder (analog, once)."""
    specs = [
        ("encoder", "linear", n_out, True, (dense("encoder", n_in, n_out, bits),)),
        ("act", "table", n_out, True, ()),
        ("pool", "pool", n_out, False, ()),
        ("decoder", "linear", 2, False, (dense("decoder", n_out, 2),)),
    ]
    if state:
        specs.insert(1, ("s4d", "s4d", 1, True, (recurrent("s4d", *state),)))
    layers, tile_id = [], 0
    for name, kind, width, per_step, matrices in specs:
        plans = []
        for matrix in matrices:
            n_columns = Layout().columns_that_fit(hardware.tile)
            placed = pack(matrix, hardware.tile.n_wordlines, n_columns)
            tiles = tuple(
                TilePlan(tile_id + i, name, matrix.name, i, pieces)
                for i, pieces in enumerate(placed)
            )
            tile_id += len(tiles)
            plans.append(MatrixPlan(matrix, tiles))
        layers.append(
            LayerPlan(name, kind, width, per_step, "analog" if plans else "digital", tuple(plans))
        )
    return Plan("0" * 64, hardware, tuple(layers))


def steps(n_inferences: int, n_steps: int) -> dict[tuple[str, int, str], int]:
    """Counts that say how often each layer of `plan_of` was executed."""
    counts = {
        ("encoder", -1, "control.step"): n_steps,
        ("act", -1, "control.step"): n_steps,
        ("pool", -1, "control.step"): n_inferences,
        ("decoder", -1, "control.step"): n_inferences,
    }
    return {key: n for key, n in counts.items() if n}


def reads(x2=(4, 9), g_row_S=(1.0e-5, 2.0e-5), v_lsb_V=0.01) -> Events:
    """Array reads of tile 0 of the encoder."""
    return Events({}, {("encoder", 0, 0, "0"): ArrayReads(x2, g_row_S, v_lsb_V)})
