"""The public regression over SAR converters: energy and area from width, node and rate."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from aimc_sim.cost.adc import AdcBase
from aimc_sim.cost.component import ActionCost
from aimc_sim.hardware import Hardware
from aimc_sim.spec import InputError

MIN_BITS = 4
"""Narrowest converter that the regression was fitted to."""
KNOWN_NODES_nm, KNOWN_RATES_Hz = (7.0, 130.0), (1.0e6, 3.0e9)
"""Nodes and rates of the converters that `SILICON_FACTORS` was computed from."""
SILICON_FACTORS = (0.87, 12.1)
"""Energy on silicon over the regression: tenth and ninetieth percentile of 74 SAR converters."""


class AccelergySarAdc(AdcBase):
    """The public regression of SAR converters over bits, node and rate.

    Parameters
    ----------
    f_Hz : float
        Conversions a second of one converter [Hz].

    Notes
    -----
    The energy is charged whole for each conversion (the published wrapper splits it into 80 %
    dynamic and 20 % leakage at full rate). It is a best case: real SAR converters draw a median
    of 2.9 times this (tenth and ninetieth percentile 0.87 and 12.1), so the bill holds an interval.

    References
    ----------
    .. [1] Andrulis et al., arXiv:2404.06553; coefficients of accelergy-adc-plug-in.
    .. [2] B. Murmann, ADC survey, revision of June 2025: SAR converters at 130 nm and below.
    """

    kind: Literal["accelergy_sar"]
    f_Hz: float = Field(gt=0, le=1.0e10)

    def factors(self, name: str) -> tuple[float, float]:
        """Return the lowest and highest plausible multiple of a constant."""
        if name == "energy_factor" and name not in self.intervals:
            return SILICON_FACTORS
        return super().factors(name)

    @property
    def energy_factors(self) -> tuple[float, float] | None:
        """What silicon draws over the regression, unless the chip states its own."""
        return self.factors("energy_factor")

    def notes(self) -> tuple[str, ...]:
        """Return what is to be said of a use outside of the survey's range."""
        found = []
        for name, value, unit, (low, high) in (
            ("node_nm", self.node_nm, "nm", KNOWN_NODES_nm),
            ("f_Hz", self.f_Hz, "Hz", KNOWN_RATES_Hz),
        ):
            if not low <= value <= high:
                found.append(
                    f"costs.adc.{name}: {value:g} {unit} lies outside of {low:g} to {high:g} "
                    f"{unit}, where the regression was held against silicon"
                )
        return tuple(found)

    def conversion_on(self, hardware: Hardware) -> ActionCost:
        """Return energy and latency of one conversion."""
        return self.conversion(self.bits_of(hardware))

    def conversion(self, bits: int) -> ActionCost:
        """Return energy and latency of one conversion of that width."""
        self._check(bits)
        return ActionCost(sar_energy_J(bits, self.node_nm, self.f_Hz), 1.0 / self.f_Hz)

    def derivation(self, hardware: Hardware) -> tuple[str, ...]:
        """Return the regression at the point where it is used."""
        bits = self.bits_of(hardware)
        low, high = self.factors("energy_factor")
        return (
            f"adc.convert: {self.energy_factor:g} x regression at {bits} bits, "
            f"{self.node_nm:g} nm, {self.f_Hz:g} conversions a second: "
            f"{self.conversion(bits).energy_J:.6g} J, {self.one_area_m2(bits):.6g} m2 a converter",
            f"silicon draws {low:g} to {high:g} times that (tenth and ninetieth percentile, median "
            f"2.9)",
            *self.notes(),
        )

    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""
        self._check(bits)
        return sar_area_m2(bits, self.node_nm, self.f_Hz)

    def _check(self, bits: int) -> None:
        if bits < MIN_BITS:
            raise InputError(
                f"hardware.adc.bits: found {bits}; costs.adc.kind accelergy_sar was "
                f"fitted from {MIN_BITS} bits on; use kind table below"
            )


def sar_energy_J(bits: int, node_nm: float, f_Hz: float) -> float:
    """Return the energy of one SAR conversion [J].

    Parameters
    ----------
    bits : int
        Width, >= 4.
    node_nm : float
        Technology node [nm].
    f_Hz : float
        Conversions a second [Hz].

    Notes
    -----
    SNDR = 20 log10(2) b + 10 log10(1.5); FOMS = min(213.78 - 2.872 ln f, 128.31 + 3.2205 min(b,
    20)); E_raw = 1 / (2 10^((FOMS - SNDR)/10)) J; E_pJ = E_raw exp(26.050 + 1.8800 ln node -
    2.8291 ln b - 1.4702).

    References
    ----------
    .. [1] Andrulis et al., arXiv:2404.06553; accelergy-adc-plug-in, adc_data/model.yaml.

    Examples
    --------
    >>> round(sar_energy_J(8, 32, 1.28e9) * 1e12, 3)
    1.929
    """
    sndr_dB = 20 * math.log10(2) * bits + 10 * math.log10(1.5)
    foms_dB = min(
        213.7806687348 - 2.87190304 * math.log(f_Hz), 128.3068287399 + 3.2205115110 * min(bits, 20)
    )
    raw_J = 1 / (2 * 10 ** ((foms_dB - sndr_dB) / 10))
    energy_pJ = raw_J * math.exp(
        26.0496215686518
        + 1.8800369206815 * math.log(node_nm)
        - 2.82912560505945 * math.log(bits)
        - 1.47020221337841
    )
    return energy_pJ * 1e-12


def sar_area_m2(bits: int, node_nm: float, f_Hz: float) -> float:
    """Return the area of one SAR converter [m2].

    Parameters
    ----------
    bits, node_nm, f_Hz
        As in `sar_energy_J`.

    Notes
    -----
    A_um2 = exp(1.3462 + 0.99328 ln node + 0.18072 ln f + 0.29912 ln E_pJ).

    References
    ----------
    .. [1] Andrulis et al., arXiv:2404.06553; accelergy-adc-plug-in, adc_data/model.yaml.

    Examples
    --------
    >>> round(sar_area_m2(8, 32, 1.28e9) * 1e12)
    6469
    """
    energy_pJ = sar_energy_J(bits, node_nm, f_Hz) * 1e12
    return 1e-12 * math.exp(
        1.34619164399107
        + 0.99327947447450 * math.log(node_nm)
        + 0.18071538424508 * math.log(f_Hz)
        + 0.29912426192653 * math.log(energy_pJ)
    )
