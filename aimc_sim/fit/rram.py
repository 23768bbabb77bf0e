"""Family rram: a polynomial of the spread at each measured time, white read noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from aimc_sim.devices import RramDevice, SpreadFit
from aimc_sim.devices.laws import age_text
from aimc_sim.fit.parts import Part, PartedFit
from aimc_sim.fit.programming import written_at
from aimc_sim.fit.read_parts import WhitePart
from aimc_sim.fit.result import Parameter
from aimc_sim.fit.spread_part import SpreadPart
from aimc_sim.spec import InputError


class RramFit(PartedFit):
    """The spreads of `RramDevice`, gr = g / g_max with g_max the largest target."""

    @cached_property
    def spreads(self) -> tuple[SpreadPart, ...]:
        """One polynomial a time.

        Raises
        ------
        InputError
            A read at time 0.
        """
        of = self.cells.of
        if of.times_s[0] <= 0.0:
            raise InputError(
                f"{of.name}: column time_s: found 0; for rram, time counts from programming and "
                "is above 0"
            )
        return tuple(
            SpreadPart(
                self.cells, written_at(self.cells, i), float(t_s), self.options.order,
                when=f" at {age_text(float(t_s))}", notes=self.notes,
            )
            for i, t_s in enumerate(of.times_s)
        )  # fmt: skip

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Spreads, and white noise where reads are repeated."""
        if self.cells.has_cycles:
            return (*self.spreads, WhitePart(self.cells))
        self.notes.append(
            "no read is repeated: read noise is 0 in the device, and part of the spread"
        )
        return self.spreads

    def device(self, parameters: Sequence[Parameter]) -> RramDevice:
        """Return the device."""
        values = np.array([p.value for p in parameters])
        slices, levels_S = self.slices(), self.cells.of.levels_S
        fits = [
            SpreadFit(t_s=part.time_s, sigma_coefficients_S=part.coefficients(values[own]))
            for part, own in zip(self.spreads, slices, strict=False)
        ]
        end = slices[len(fits) - 1].stop
        if self.cells.has_cycles:
            sigma_S = float(values[-1])
            read = self.source("repeated reads, pooled; taken as white", parameters[end:])
        else:
            sigma_S = 0.0
            read = self.source("no read is repeated: not known, set to 0", (), "assumed")
        return RramDevice.model_validate(
            {"kind": "rram", "statistic": "after_verify", "g_min_S": float(levels_S[0]),
             "g_max_S": float(levels_S[-1]), "spread_fits": fits,
             "sigma_g_max_S": float(levels_S[-1]),
             "programming_source": self.source(
                 "maximum likelihood of a normal about the target, clipped at 0 S, at each time; "
                 "one normal a device for all times is assumed", parameters[:end]),
             "read_sigma_relative": sigma_S / float(levels_S[-1]), "read_source": read,
             **self.pulses("rram_wan2022")}
        )  # fmt: skip
