"""What stands on the arrays: regions of a tile, use of the window, kernels that grow."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from aimc_sim import Model, Tiles
from aimc_sim.crossbar.targets import code_step_S
from aimc_sim.mapping.fused import tied_factors
from aimc_sim.mapping.plan import MatrixPlan, TilePlan
from aimc_sim.model.layers import S4D

TENSORS = ("A", "B", "C", "linear")
Mask = npt.NDArray[np.bool_]


def region(m: MatrixPlan, tile: TilePlan, name: str) -> Mask:
    """Return the cells of a tile that belong to a tensor, or to any weight ("weights")."""
    if name == "weights":
        return tile.used(m.matrix)
    mask = np.zeros((tile.n_wordlines, tile.n_columns), dtype=np.bool_)
    if (m.matrix.name == "weight") == (name == "linear"):
        row, column = {"A": ("x", "x"), "B": ("u", "x"), "C": ("x", "y")}.get(name, ("u", "y"))
        lines = m.lines_of(tile, (row,), "inputs")[0], m.lines_of(tile, (column,), "outputs")[0]
        mask[np.ix_(*lines)] = True
    return mask


def erring_only(tiles: Tiles, clean: Tiles, name: str) -> Tiles:
    """Return tiles that err in one region; all other devices are those of `clean`."""
    states, stuck_S = {}, {}
    for m in tiles.plan.matrices:
        for tile in m.tiles:
            mask = region(m, tile, name)[..., None]
            for key in ((chip, tile.tile_id) for chip in tiles.chips):
                state, exact_S = tiles.states[key], clean.states[key].g_programmed_S
                g_S = np.where(mask, state.g_programmed_S, exact_S)
                states[key] = replace(state, g_programmed_S=g_S)
                if key in tiles.faults.stuck_S:
                    stuck_S[key] = np.where(mask, tiles.faults.stuck_S[key], np.nan)
    return replace(tiles, states=states, faults=replace(tiles.faults, stuck_S=stuck_S))


def window_shares(tiles: Tiles) -> dict[str, float]:
    """Return, for each tensor, the RMS of its weights as a share of the conductance window."""
    device = tiles.hardware.device
    squares: dict[str, list[float]] = {name: [] for name in TENSORS}
    for m in tiles.plan.matrices:
        for tile in m.tiles:
            g_S = tiles.states[0, tile.tile_id].g_target_S
            share = (g_S[..., 0] - g_S[..., 1]) / (device.g_max_S - device.g_min_S)
            for name, found in squares.items():
                found.extend(share[region(m, tile, name) & tile.used(m.matrix)] ** 2)
    return {name: math.sqrt(np.mean(found)) for name, found in squares.items()}


def outside_shares(tiles: Tiles, model: Model) -> dict[str, float]:
    """Return the share of fused kernels, over all chips, with an eigenvalue beyond 1, and 1.2.

    All cells between the state's wordlines and bitlines count, those without a weight included.
    """
    radius = []
    layers = {layer.name: layer for layer in model.layers if isinstance(layer, S4D)}
    for m in tiles.plan.matrices:
        if m.matrix.name != "kernel":
            continue
        layer = layers[m.matrix.layer]
        one = 2.0 ** int(layer.requant_A.k) / int(layer.requant_A.m)
        for factor, tile in zip(tied_factors(layer)[0], m.tiles, strict=True):
            rows = m.lines_of(tile, ("x",), "inputs")[0]
            block = np.ix_(rows, m.lines_of(tile, ("x",), "outputs")[0])
            unit_S = code_step_S(m, tile, tiles.hardware)[..., 0][block] * factor * one
            for chip in tiles.chips:
                g_S = tiles.g_S(chip, tile.tile_id)
                A = (g_S[..., 0] - g_S[..., 1])[block] / unit_S
                radius.append(float(np.abs(np.linalg.eigvals(A)).max()))
    if not radius:
        return {}
    return {f"beyond_{r:g}": float(np.mean(np.array(radius) > r)) for r in (1.0, 1.2)}
