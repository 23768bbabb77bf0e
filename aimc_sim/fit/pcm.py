"""Family pcm: spread as a polynomial, exponents as a law of ln gr, 1/f noise as a power law."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from aimc_sim.devices import DriftLaw, FlickerLaw, PcmDevice
from aimc_sim.fit.drift_part import DriftPart
from aimc_sim.fit.exponents import Exponents, exponents
from aimc_sim.fit.parts import Part, PartedFit
from aimc_sim.fit.programming import written_at
from aimc_sim.fit.read_parts import FlickerPart
from aimc_sim.fit.result import Parameter
from aimc_sim.fit.spread_part import SpreadPart
from aimc_sim.spec import InputError

ORDER = 2


class PcmFit(PartedFit):
    """The laws of `PcmDevice`, gr = g / g_max with g_max the largest target."""

    @cached_property
    def lines(self) -> Exponents:
        """The drift exponents of the devices.

        Raises
        ------
        InputError
            One read time only, or no level whose reads are positive and clean enough.
        """
        of = self.cells.of
        if len(of.times_s) < 2:
            raise InputError(
                f"{of.name}: found one read time; pcm needs 2 or more for drift "
                "(--family table takes one)"
            )
        found = exponents(self.cells, self.options.t0_s)
        if not (found.level_ok & (of.levels_S > 0.0)).any():
            raise InputError(
                f"{of.name}: no target has drift exponents: too few devices are read twice, or "
                "their reads are too noisy or at the floor (--family table or rram needs none)"
            )
        return found

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Spread, drift, and 1/f noise where reads are repeated."""
        spread, drift = self.spread, self.drift
        return (spread, drift, self.flicker) if self.flicker else (spread, drift)

    @cached_property
    def spread(self) -> SpreadPart:
        """The polynomial of the spread."""
        written = written_at(self.cells, 0, self.lines)
        first_s = float(self.cells.of.times_s[0])
        return SpreadPart(self.cells, written, first_s, ORDER, notes=self.notes)

    @cached_property
    def drift(self) -> DriftPart:
        """The laws of the exponents."""
        left_out = self.cells.of.levels_S[~self.lines.level_ok]
        if len(left_out):
            shown = ", ".join(f"{1e6 * g_S:.4g}" for g_S in left_out)
            self.notes.append(
                f"no exponents and no 1/f noise from targets of {shown} uS: reads too noisy, at "
                "or below 0, or too few"
            )
        return DriftPart(self.cells, self.lines, notes=self.notes)

    @cached_property
    def flicker(self) -> FlickerPart | None:
        """The law of 1/f noise; None without repeated reads."""
        if not self.cells.has_cycles:
            self.notes.append(
                "no read is repeated: no read noise in the device; drift lines' scatter stands in "
                "for it where three or more times were read"
            )
            return None
        return FlickerPart(self.cells, self.lines, self.options.t_read_s, notes=self.notes)

    def device(self, parameters: Sequence[Parameter]) -> PcmDevice:
        """Return the device."""
        values = np.array([p.value for p in parameters])
        own = [(parameters[s], values[s]) for s in self.slices()]
        levels_S = self.cells.of.levels_S
        fields: dict[str, object] = {
            "sigma_coefficients_S": self.spread.coefficients(own[0][1]),
            "sigma_g_max_S": float(levels_S[-1]),
            "programming_source": self.source(
                "maximum likelihood of a normal about the target, clipped at 0 S", own[0][0]
            ),
            "drift_law": DriftLaw(
                t0_s=self.options.t0_s,
                **self.drift.curves(own[1][1]),
                source=self.source(
                    "least squares of ln g against ln((t + t0) / t0), read noise taken out; t0_s "
                    f"as given, {self.options.t0_s:g} s; constant outside the targets measured",
                    own[1][0],
                ),
            ),
        }
        if self.flicker:
            t_read_s = self.options.t_read_s
            fields["flicker_law"] = FlickerLaw(
                q_s=self.flicker.curve(own[2][1]),
                t_read_s=t_read_s,
                source=self.source(
                    "repeated reads, taken as independent draws of the whole band; t_read_s as "
                    f"given, {t_read_s:g} s; constant below the targets measured",
                    own[2][0],
                ),
            )
        return PcmDevice.model_validate(
            {"kind": "pcm", "statistic": "after_verify", "g_min_S": float(levels_S[0]),
             "g_max_S": float(levels_S[-1]), **fields, **self.pulses("pcm_joshi2020")}
        )  # fmt: skip
