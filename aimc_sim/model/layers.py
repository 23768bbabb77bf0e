"""The layers of an integer S4D model as frozen data: codes, multipliers, shifts; no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Floats, Ints, Requant, Signal, spread


@dataclass(frozen=True)
class Linear:
    """``y = requant(x @ weight + bias)``; weight is [n_in, n_out], bias at accumulator scale.

    With `bias_times_length` (after a pool of rule "sum") the bias is multiplied by the number of
    valid steps of the sequence.
    """

    kind: ClassVar[str] = "linear"
    name: str
    input: str
    weight: Ints
    weight_bits: int
    bias: Ints
    requant: Requant
    output: Signal
    bias_times_length: bool = False

    @property
    def n_out(self) -> int:
        """Number of output channels."""
        return int(self.weight.shape[1])


@dataclass(frozen=True)
class S4D:
    """One diagonal state-space kernel a channel; modes of all channels stand one after another.

    Parameters
    ----------
    n_states : int array, shape (H,)
        Number of modes of each channel (complex modes, or real ones where `A_im` is None).
    A_re, A_im, B_re, B_im, C_re, C_im : int array, shape (sum(n_states),)
        Codes; the imaginary parts are None for a real diagonal.
    D : int array, shape (H,)
        Feed-through codes.
    requant_A, requant_B, requant_C, requant_D : Requant
        Per tensor or per channel.
    state : Signal
        Codes of x (real and imaginary part alike).
    readout : {"new", "old"}
        Whether y is read from x[k] or from x[k-1].
    tied : bool
        m_A = m_B and m_C = m_D: the multipliers of a shared bitline differ by powers of two only.
    """

    kind: ClassVar[str] = "s4d"
    name: str
    input: str
    n_states: Ints
    A_re: Ints
    A_im: Ints | None
    B_re: Ints
    B_im: Ints | None
    C_re: Ints
    C_im: Ints | None
    D: Ints
    bits: Mapping[str, int]
    requant_A: Requant
    requant_B: Requant
    requant_C: Requant
    requant_D: Requant
    state: Signal
    output: Signal
    readout: str = "new"
    tied: bool = False
    grid: str = "cartesian"

    @property
    def n_out(self) -> int:
        """Number of channels H."""
        return len(self.n_states)

    @property
    def is_complex(self) -> bool:
        """Whether the diagonal is complex."""
        return self.A_im is not None

    @property
    def n_modes(self) -> int:
        """Number of modes over all channels."""
        return int(self.n_states.sum())

    @cached_property
    def channel_of_mode(self) -> npt.NDArray[np.intp]:
        """Channel of each mode, shape (n_modes,)."""
        return np.repeat(np.arange(self.n_out), self.n_states)

    @cached_property
    def poles(self) -> npt.NDArray[np.complex128]:
        """Poles that really run, (A_re + i A_im) m_A / 2^k_A, shape (n_modes,)."""
        channel = self.channel_of_mode
        gain = spread(self.requant_A.m, channel) * 2.0 ** -spread(self.requant_A.k, channel)
        imag = self.A_im if self.A_im is not None else np.zeros_like(self.A_re)
        return np.asarray((self.A_re + 1j * imag) * gain, dtype=np.complex128)


@dataclass(frozen=True)
class Affine:
    """``y = clip((x*m + bias + 2^(k-1)) >> k)`` per channel: a folded BatchNorm; m has a sign."""

    kind: ClassVar[str] = "affine"
    name: str
    input: str
    m: Ints
    k: Ints
    bias: Ints
    output: Signal

    @property
    def n_out(self) -> int:
        """Number of channels."""
        return len(self.m)


@dataclass(frozen=True)
class Table:
    """Activation: ``y = table[x - code_min(x)]``, one entry for every code of the input."""

    kind: ClassVar[str] = "table"
    name: str
    input: str
    table: Ints
    output: Signal


@dataclass(frozen=True)
class GLU:
    """``y = requant(a * table[b - code_min])``; a and b are the first and second half of x."""

    kind: ClassVar[str] = "glu"
    name: str
    input: str
    table: Ints
    gate: Signal
    requant: Requant
    output: Signal


@dataclass(frozen=True)
class Residual:
    """``y = clip((x*m + skip*m_skip + 2^(k-1)) >> k)``: two multipliers, one rounding."""

    kind: ClassVar[str] = "residual"
    name: str
    input: str
    skip: str
    m: Ints
    m_skip: Ints
    k: Ints
    output: Signal


@dataclass(frozen=True)
class LayerNorm:
    """LayerNorm over channels, digital float64 in the order that docs/formats.md states.

    Parameters
    ----------
    gamma, beta : float array, shape (n,)
        Gain and offset, already divided by the scale of the output.
    epsilon : float
        Added to the variance, in squared input codes.
    """

    kind: ClassVar[str] = "layernorm"
    name: str
    input: str
    gamma: Floats
    beta: Floats
    epsilon: float
    output: Signal

    @property
    def n_out(self) -> int:
        """Number of channels."""
        return len(self.gamma)


@dataclass(frozen=True)
class Pool:
    """From steps to one vector a sequence; padded steps do not count.

    ``mean``: ``clip(floor((2*sum*m + len*2^k) / (len*2^(k+1))))``, so m = 1, k = 0 is the rounded
    mean; ``sum``: the sum itself; ``last``: the last valid step.
    """

    kind: ClassVar[str] = "pool"
    name: str
    input: str
    rule: str
    m: int
    k: int
    output: Signal


Layer = Linear | S4D | Affine | Table | GLU | Residual | LayerNorm | Pool
