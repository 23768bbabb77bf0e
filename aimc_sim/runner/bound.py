"""A layer bound for running: its reads looked up, its accumulators' ends known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.bound import BoundPhase
from aimc_sim.crossbar.read import read_phase
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.tally import Tally
from aimc_sim.crossbar.tile import PoleGains
from aimc_sim.mapping.fused import tied_factors
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan
from aimc_sim.model.equations import common_shift
from aimc_sim.model.layers import S4D, Layer, Linear
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, spread


@dataclass(frozen=True)
class BoundLayer:
    """A layer on one chip: plain arrays and integers.

    Parameters
    ----------
    layer : Layer
        What it means.
    phases : mapping
        ``phase name -> BoundPhase``; empty where the layer is digital.
    limits : mapping
        ``output vector -> int array``: where its accumulator saturates, so that no analog sum,
        however wrong, can leave 64 bits.
    unit : int array, shape (H,), optional
        What a count on the state's bitlines is worth, where a fused kernel shares them.
    noise_form : str
        "bitline" or "cell".
    identity : int array, shape (n_modes,), optional
        What of A is kept digital, in units of the next state's accumulator.
    gains : PoleGains, optional
        Applied to the analog part of that accumulator, before the identity is added.
    """

    layer: Layer
    phases: Mapping[str, BoundPhase]
    limits: Mapping[str, Ints]
    unit: Ints | None
    noise_form: str
    identity: Ints | None = None
    gains: PoleGains | None = None

    def next_state(self, acc: Ints, x: Ints) -> Ints:
        """Return the accumulator of ``A x`` from its analog part: gained, identity added.

        Parameters
        ----------
        acc : int array, shape (n_sequences, n_x)
            As read.
        x : int array, shape (n_sequences, parts, n_modes)
            State codes.
        """
        acc = acc.reshape(x.shape)
        if self.gains is not None:
            acc = self.gains.apply(acc)
        return acc if self.identity is None else acc + self.identity * x

    def read(
        self, phase: str, inputs: tuple[Ints, ...], at: Address, tally: Tally
    ) -> dict[str, Ints]:
        """Read one phase for a batch.

        Parameters
        ----------
        phase : str
            Its name.
        inputs : tuple of int arrays
            Codes of the vectors it drives, each (n_sequences, ...).
        at : Address
            Sequences and step, for the random draws.
        tally : Tally
            Added to.

        Returns
        -------
        dict
            ``vector -> accumulators (n_sequences, n)``.
        """
        bound = self.phases[phase]
        flat = [codes.reshape(len(codes), -1) for codes in inputs]
        acc = read_phase(bound, flat, at, self.noise_form, tally)
        out, start = {}, 0
        for name in bound.phase.reads:
            limit = self.limits[name]
            out[name] = np.clip(acc[:, start : start + len(limit)], -limit, limit)
            start += len(limit)
        return out


def bind(layer: Layer, plan: LayerPlan, model: Model, setting: ReadSetting) -> BoundLayer:
    """Bind a layer to the tiles of one chip."""
    phases = {
        phase.name: bind_phase(setting, m, phase)
        for m in plan.matrices
        for phase in m.matrix.phases
    }
    unit = None
    if isinstance(layer, S4D) and phases.keys() & {"all", "state"}:
        unit = np.array(tied_factors(layer)[2], dtype=np.int64)
    multipliers = _multipliers(layer, unit)
    limits: dict[str, Ints] = {}
    for m in plan.matrices:
        for vector in m.matrix.outputs:
            peak = column_peaks(m)[vector.lines]
            room = (1 << 61) // multipliers[vector.name]
            limits[vector.name] = np.maximum(limits.get(vector.name, 0), np.maximum(peak, room))
    identities = [m.matrix.identity for m in plan.matrices if m.matrix.identity is not None]
    return BoundLayer(
        layer,
        phases,
        limits,
        unit,
        setting.tiles.hardware.mapping.noise_form,
        identities[0] if identities else None,
        setting.tiles.pole_gains.get((setting.chip, layer.name)),
    )


def column_peaks(m: MatrixPlan) -> Ints:
    """Return the largest exact sum that each column of a matrix can reach, shape (n_cols,)."""
    size = np.zeros(m.matrix.n_rows, dtype=np.int64)
    for vector in m.matrix.inputs:
        lead = max(p.lead(vector.name) for p in m.matrix.phases if vector.name in p.drives)
        width = vector.bits - 1 if vector.signed else vector.bits
        size[vector.lines] = 1 << (width + lead)
    peaks = np.zeros(m.matrix.n_cols, dtype=np.int64)
    for block in m.matrix.blocks:
        rows, cols = block.codes.shape
        peaks[block.col0 : block.col0 + cols] += (
            np.abs(block.codes) * size[block.row0 : block.row0 + rows, None]
        ).sum(axis=0)
    return peaks


@singledispatch
def _multipliers(layer: Layer, unit: Ints | None) -> dict[str, Ints]:
    """Return what each element of an accumulator will be multiplied by, at most."""
    return {}


@_multipliers.register
def _(layer: Linear, unit: Ints | None) -> dict[str, Ints]:
    return {"y": np.broadcast_to(layer.requant.m, (layer.n_out,))}


@_multipliers.register
def _(layer: S4D, unit: Ints | None) -> dict[str, Ints]:
    parts = 2 if layer.is_complex else 1
    if unit is None:
        m_A, m_B, _ = common_shift(layer.requant_A, layer.requant_B)
        unit = np.broadcast_to(np.maximum(m_A, m_B), (layer.n_out,))
    m_C, _, _ = common_shift(layer.requant_C, layer.requant_D)
    return {
        "x": np.tile(spread(unit, layer.channel_of_mode), parts),
        "y": np.broadcast_to(parts * m_C, (layer.n_out,)),
    }
