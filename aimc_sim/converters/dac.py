"""Digital-to-analog converters: input codes, cut into slices, become wordline voltages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from aimc_sim.spec import Spec


@dataclass(frozen=True)
class Slice:
    """A field of an input code: ``code >> shift``, its lowest `bits`, signed only at the top.

    Parameters
    ----------
    shift : int
        Weight of the slice is 2^shift.
    bits : int
        Width.
    signed : bool
        True for the topmost slice of a signed code.

    Examples
    --------
    >>> low, high = Slice(0, 8, False), Slice(8, 8, True)
    >>> x = np.array([-300])
    >>> int((low.of(x) + (high.of(x) << 8))[0])
    -300
    """

    shift: int
    bits: int
    signed: bool
    negative: bool = False

    @property
    def magnitude(self) -> int:
        """Largest absolute value of the slice."""
        return 1 << (self.bits - 1) if self.signed else (1 << self.bits) - 1

    def of(self, code: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the slice of each code; a signed slice holds all bits from `shift` up."""
        shifted = code >> self.shift
        return shifted if self.signed else shifted & ((1 << self.bits) - 1)


class IdealDac(Spec):
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

    def slices(self, bits: int, signed: bool) -> tuple[Slice, ...]:
        """Return the slices of a code: one."""
        return (Slice(0, bits, signed),)


class UniformDac(Spec):
    """Uniform steps; a wider code is cut into slices of `bits` that are read one after another.

    Parameters
    ----------
    bits : int
        Width of the converter.
    v_read_V : float
        Voltage of the largest code of a slice [V]; a negative code is a negative voltage.
    """

    kind: Literal["uniform"]
    bits: int = Field(ge=1, le=16)
    v_read_V: float = Field(gt=0, le=5)

    @property
    def width(self) -> int | None:
        """Bits of a slice."""
        return self.bits

    @property
    def even_width(self) -> int | None:
        """Width of every slice but the top one."""
        return self.bits

    def slices(self, bits: int, signed: bool) -> tuple[Slice, ...]:
        """Return the slices of a code of that width, lowest first.

        Examples
        --------
        >>> UniformDac(kind="uniform", bits=8, v_read_V=0.2).slices(16, True)
        (Slice(shift=0, bits=8, signed=False), Slice(shift=8, bits=8, signed=True))
        """
        starts = range(0, bits, self.bits)
        return tuple(
            Slice(start, min(self.bits, bits - start), signed and start + self.bits >= bits)
            for start in starts
        )
