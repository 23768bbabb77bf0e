"""Reads looked up once: what one tile does in one phase, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.converting import Converts
from aimc_sim.crossbar.driving import BoundDac
from aimc_sim.crossbar.flicker import BoundFlicker
from aimc_sim.crossbar.telegraph import BoundTelegraph
from aimc_sim.crossbar.voltage import BoundVoltage
from aimc_sim.crossbar.wired import BoundWires
from aimc_sim.mapping.matrix import Indices, Phase
from aimc_sim.mapping.reads import InputRead
from aimc_sim.mapping.tile_plan import TilePlan
from aimc_sim.model.signal import Floats, Ints


@dataclass(frozen=True)
class BoundSlice:
    """One input slice of a tile's read: weight, converter, drive, random stream.

    Parameters
    ----------
    index : int
        Number of the read within its phase.
    shift, sign : int
        Weight ``sign 2^shift``.
    lsb : float array, shape (n_currents,)
        Converter step of each current [accumulator units].
    code_min, code_max : int
        Ends of the converters.
    v_lsb_V, v_drive_V : float
        Wordline voltage of code 1, or what stands for it [V]; and what it is, that of a pulse.
    key : uint32 array, shape (4,)
        Read-noise stream.
    n_driven : int
        Wordlines that have this slice.
    curve : float array or None, shape (2, n_wordlines, n_currents)
        What the square and the cube of a code add [units of a weight code], on a grid.
    scale, offset : float array, shape (n_currents,)
        Accumulator units of a converter code, and of code 0: `lsb` and 0 unless calibrated.
    adc : Converts, optional
        Converters as built (`BoundAdc`); None where they are exact.
    t_code_s : float, optional
        Length of the pulse of code 1 [s], where codes are pulses of one height.
    tallied_power : int
        What of a code the array energy goes with (`CodeSum`).
    """

    index: int
    shift: int
    sign: int
    lsb: Floats
    code_min: int
    code_max: int
    v_lsb_V: float
    v_drive_V: float
    key: npt.NDArray[np.uint32]
    n_driven: int
    curve: Floats | None
    scale: Floats
    offset: Floats
    adc: Converts | None = None
    t_code_s: float | None = None
    tallied_power: int = 2

    @property
    def is_pulse(self) -> bool:
        """Whether codes are pulses of one height: what that means for `curve`."""
        return self.t_code_s is not None


@dataclass(frozen=True)
class BoundRead:
    """One tile in one phase, as plain arrays; a current is what one conversion converts.

    Parameters
    ----------
    tile : TilePlan
        Which.
    wordlines, columns : int array
        Wordlines driven, weight columns read.
    gather : int array, shape (n_wordlines,)
        Input element of each wordline; the number of inputs where it stays at 0 V.
    g : float array, shape (n_wordlines, n_currents)
        Conductances in units of a weight code, on the grid.
    sigma : float array or None, shape (n_wordlines, n_currents, n_devices)
        Read-noise spread of each device [units of a weight code]; None without noise, or where
        there is one draw a bitline.
    variance : float array or None, shape (n_wordlines, n_currents)
        Variance of each current's cells, on a grid; None without noise.
    device_of : int array or None, shape (n_wordlines, n_currents, n_devices)
        Number of each device on the tile; None where there is one draw a bitline.
    out, weight, lane : int array, shape (n_currents,)
        Output element, factor (sign and weight of a slice of the weight), number of the draw.
    n_reference : int
        Currents at the end that are those of a reference column: they are added to no output, but
        subtracted from all of the tile.
    g_row_S : float array, shape (n_wordlines,)
        Sum of the conductances read on each wordline [S], both devices of each pair.
    slices : tuple of BoundSlice
        Lowest first.
    flicker : BoundFlicker, optional
        1/f noise correlated between steps.
    telegraph : BoundTelegraph, optional
        Devices that switch between two levels.
    dac : BoundDac, optional
        Faults of the converters that drive the wordlines.
    voltage : BoundVoltage, optional
        Bitlines whose voltage is sensed, and whose sum of conductances is noisy.
    wired : BoundWires, optional
        Reads through wires that `g` does not say all of; the noise above is None then.
    places : int, optional
        Binary places of `g` where it fits 16 bits, so that integers sum it.
    rounding_lsb : float
        What rounding `g` to these moves a current by at most [steps of its converter].
    """

    tile: TilePlan
    wordlines: Indices
    columns: Indices
    gather: Indices
    g: Floats
    sigma: Floats | None
    variance: Floats | None
    device_of: Indices | None
    out: Indices
    weight: Ints
    lane: Indices
    n_reference: int
    g_row_S: Floats
    slices: tuple[BoundSlice, ...]
    flicker: BoundFlicker | None = None
    telegraph: BoundTelegraph | None = None
    dac: BoundDac | None = None
    voltage: BoundVoltage | None = None
    wired: BoundWires | None = None
    places: int | None = None
    rounding_lsb: float = 0.0

    @property
    def is_noisy(self) -> bool:
        """Whether reads differ."""
        return any(part is not None for part in (self.variance, self.flicker, self.telegraph))


@dataclass(frozen=True)
class BoundPhase:
    """One phase of a matrix on one chip: its tiles and the slices of its inputs."""

    phase: Phase
    widths: tuple[int, ...]
    n_outputs: int
    slices: tuple[InputRead, ...]
    reads: tuple[BoundRead, ...]
