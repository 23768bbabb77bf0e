"""Digital-to-analog converters: input codes, cut into slices, become wordline voltages."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from aimc_sim.converters.slices import Polarity, Slice, cut
from aimc_sim.converters.transfer import Draw, Floats, bow, gains, spread, tied_walk
from aimc_sim.spec import Source, Spec

MAX_FAULTY_BITS = 12
"""Widest converter with faults: a table of levels is drawn for each."""


class DacBase(Spec):
    """What all converters share: what a code is, and what a slice of one takes.

    Parameters
    ----------
    zero_skipping : bool
        Whether a wordline whose slice is 0 takes neither a conversion nor a charge of its line:
        what is counted then depends on the data.
    """

    zero_skipping: bool = False

    @property
    def t_code_s(self) -> float | None:
        """Length of the pulse of code 1 [s]; None where codes are voltages."""
        return None

    @property
    def is_pulse(self) -> bool:
        """Whether codes are pulses of one height."""
        return self.t_code_s is not None

    @property
    def t_slice_s(self) -> float:
        """Time that the widest slice takes at least [s]."""
        return 0.0

    @property
    def jitter_lsb(self) -> float:
        """Spread of a pulse's length, in units of a code."""
        return 0.0

    @property
    def tallied_power(self) -> int:
        """What of a code the array energy goes with: 2, its square; 1, its magnitude; 0, its bits.

        Bits are those of the magnitude that are set, each a pulse of its own.
        """
        return 2

    def n_pulses(self, bits: int) -> int:
        """Return how often a slice switches its wordline: once."""
        return 1

    def n_integrations(self, bits: int) -> int:
        """Return the integrations of a sampled bitline that a slice takes: none."""
        return 0


class IdealDac(DacBase):
    """A converter of any width: one slice, exact voltages.

    Parameters
    ----------
    v_read_V : float
        Voltage of the largest code [V].
    """

    kind: Literal["ideal"]
    v_read_V: float = Field(default=0.2, gt=0, le=5)

    @property
    def width(self) -> int | None:
        """Bits of a slice; None, there is no end."""
        return None

    @property
    def even_width(self) -> int | None:
        """Width of every slice but the top one, if they are alike; None where there is one only."""
        return None

    @property
    def zero_index(self) -> int:
        """Where code 0 would stand in a table of levels."""
        return 0

    def slices(self, bits: int, signed: bool) -> tuple[Slice, ...]:
        """Return the slices of a code: one."""
        return (Slice(0, bits, signed),)

    def exact_levels(self) -> Floats:
        """Return the codes that a table of levels stands for, shape (n_codes,)."""
        return np.zeros(1)

    def levels(self, draw: Draw, n_dacs: int) -> Floats | None:
        """Return None: there is nothing to draw."""
        return None


class SteppedDac(DacBase):
    """What all converters of a width share; a wider code is read slice after slice.

    Parameters
    ----------
    bits : int
        Width of the converter; 1 is bit-serial.
    v_read_V : float
        Voltage of the largest code of a slice [V].
    polarity : {"bipolar", "unipolar", "sign_magnitude"}
        ``bipolar``: a negative code is a negative voltage; slices are those of two's complement.
        ``unipolar``: there are none, so the positive and the negative part of signed codes are
        read apart, and subtracted digitally. ``sign_magnitude``: slices of the magnitude, each a
        voltage of the code's sign.
    slice_bits : tuple of int, optional
        Widths of the slices, lowest first, each at most `bits`; the last one repeats if the code
        is wider. By default `bits`.
    inl_sigma_lsb : float
        Spread of the bow at mid-scale, one draw a converter and polarity [LSB].
    dnl_sigma_lsb : float
        Spread of a step, one draw a converter and step [LSB].
    gain_sigma : float
        Relative spread of the full scale, one draw a converter.
    source : Source, optional
        Where the spreads come from.
    """

    bits: int = Field(ge=1, le=16)
    v_read_V: float = Field(gt=0, le=5)
    polarity: Polarity = "bipolar"
    slice_bits: tuple[Annotated[int, Field(ge=1)], ...] | None = Field(default=None, min_length=1)
    inl_sigma_lsb: float = Field(default=0.0, ge=0, le=1000)
    dnl_sigma_lsb: float = Field(default=0.0, ge=0, le=2)
    gain_sigma: float = Field(default=0.0, ge=0, le=0.3)
    source: Source | None = None

    @model_validator(mode="after")
    def _widths_fit(self) -> Self:
        if self.slice_bits is not None and max(self.slice_bits) > self.bits:
            raise ValueError(
                f"slice_bits: found {list(self.slice_bits)}; a slice has at most bits: {self.bits}"
            )
        if self.is_faulty and self.bits > MAX_FAULTY_BITS:
            raise ValueError(
                f"bits: found {self.bits}; with inl_sigma_lsb, dnl_sigma_lsb or gain_sigma at most "
                f"{MAX_FAULTY_BITS}"
            )
        return self

    @property
    def width(self) -> int | None:
        """Bits of the widest slice."""
        return self.bits

    @property
    def even_width(self) -> int | None:
        """Width of every slice but the top one, where they are alike; else None."""
        widths = set(self.slice_bits or (self.bits,))
        return widths.pop() if len(widths) == 1 else None

    @property
    def is_faulty(self) -> bool:
        """Whether any spread is above 0."""
        return max(self.inl_sigma_lsb, self.dnl_sigma_lsb, self.gain_sigma) > 0.0

    @property
    def top(self) -> int:
        """Largest code: 2^bits - 1, or 2^bits where slices have a sign of their own."""
        return (1 << self.bits) - (self.polarity != "sign_magnitude")

    @property
    def zero_index(self) -> int:
        """Where code 0 stands in a table of levels."""
        return 0 if self.polarity == "unipolar" else self.top

    def slices(self, bits: int, signed: bool) -> tuple[Slice, ...]:
        """Return the slices of a code of that width, lowest first, those of negative codes last.

        Examples
        --------
        >>> dac = UniformDac(kind="uniform", bits=8, v_read_V=0.2)
        >>> [(part.shift, part.bits, part.signed) for part in dac.slices(16, True)]
        [(0, 8, False), (8, 8, True)]
        """
        return cut(bits, signed, self.slice_bits or (self.bits,), self.polarity)

    def exact_levels(self) -> Floats:
        """Return the codes that a table of levels stands for, shape (n_codes,)."""
        return np.arange(-self.zero_index, self.top + 1, dtype=np.float64)

    def levels(self, draw: Draw, n_dacs: int) -> Floats | None:
        """Return what each converter drives for each code, or None where that is the code.

        Parameters
        ----------
        draw : callable
            ``draw(name, n)`` returns n standard normals of the stream of that name.
        n_dacs : int
            Converters of the tile, one a wordline.

        Returns
        -------
        float array, shape (n_dacs, n_codes), or None
            In units of a code; code c stands at ``c + zero_index``: ``2 top + 1`` codes, of a
            unipolar converter ``top + 1``. Never decreasing; 0 for code 0.

        Notes
        -----
        ``G (w_c + a 4 x (1 - x))`` with w_c the sum of the drawn steps up to c, scaled to end at
        the largest code, and ``x = w_c / top``; the bow a is at most a quarter of the
        range, where the curve would turn. A negative code has steps and a bow of its own. A
        slice narrower than `bits` uses the lowest codes. Draws: ``dac/step``, ``dac/bow``,
        ``dac/gain``, and ``dac/step_negative``, ``dac/bow_negative``.
        """
        if not self.is_faulty:
            return None
        gain = gains(draw, "dac/gain", n_dacs, self.gain_sigma)[:, None]
        above = gain * self._side(draw, n_dacs, "")
        if self.polarity == "unipolar":
            return np.asarray(above, dtype=np.float64)
        below = gain * self._side(draw, n_dacs, "_negative")
        return np.concatenate([-below[:, :0:-1], above], axis=1)

    def _side(self, draw: Draw, n_dacs: int, which: str) -> Floats:
        """Return the levels of codes 0 .. 2^bits - 1 of one polarity before gain."""
        top = self.top
        steps = 1.0 + spread(draw, f"dac/step{which}", n_dacs * top, self.dnl_sigma_lsb)
        walk = tied_walk(steps.reshape(n_dacs, top))
        size = spread(draw, f"dac/bow{which}", n_dacs, self.inl_sigma_lsb)
        return walk + np.clip(size, -top / 4.0, top / 4.0)[:, None] * bow(walk / top)


class UniformDac(SteppedDac):
    """Steps of voltage.

    Notes
    -----
    The parameters are those of `SteppedDac`.
    """

    kind: Literal["uniform"]
