"""What analog-to-digital conversions cost: published tables, and a regression over bits."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from aimc_sim.cost.component import ActionCost, Component, adcs_per_tile, converter_bits
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError

MIN_BITS = 4
"""Narrowest converter that the regression was fitted to."""


class AdcBase(Component):
    """What all ADC models share.

    Parameters
    ----------
    bits_if_ideal : int, optional
        Width at which a bit-exact (ideal) ADC is priced; without it such hardware is refused.
    step_energy_J : float
        Energy of one step of an integrating or adaptive converter [J].
    """

    bits_if_ideal: int | None = Field(default=None, ge=1, le=24)
    step_energy_J: float = Field(default=0.0, ge=0)

    @abstractmethod
    def conversion(self, bits: int) -> ActionCost:
        """Return energy and latency of one conversion."""

    @abstractmethod
    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""

    def bits_of(self, hardware: Hardware) -> int:
        """Return the width that is priced."""
        return converter_bits("adc", hardware.adc.width, self.bits_if_ideal)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a conversion and of a step."""
        return {
            "adc.convert": self.conversion(self.bits_of(hardware)),
            "adc.step": ActionCost(self.step_energy_J),
        }

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all converters of all tiles [m2]."""
        return (
            plan.n_sites
            * adcs_per_tile(plan.hardware)
            * self.one_area_m2(self.bits_of(plan.hardware))
        )


class TableAdc(AdcBase):
    """Published values, one a width; a width that is not in the table is refused.

    Parameters
    ----------
    bits : tuple of int
        Widths, ascending.
    energy_J, area_m2 : tuple of float
        Energy of a conversion [J] and area of a converter [m2], one a width.
    latency_s : float
        Time of a conversion [s].
    """

    kind: Literal["table"]
    bits: tuple[int, ...] = Field(min_length=1)
    energy_J: tuple[Annotated[float, Field(ge=0)], ...]
    area_m2: tuple[Annotated[float, Field(ge=0)], ...]
    latency_s: float = Field(ge=0)

    @model_validator(mode="after")
    def _columns_fit(self) -> TableAdc:
        if list(self.bits) != sorted(set(self.bits)):
            raise ValueError(f"bits: found {list(self.bits)}; widths ascend, each once")
        if not len(self.bits) == len(self.energy_J) == len(self.area_m2):
            raise ValueError(
                f"bits, energy_J, area_m2: found {len(self.bits)}, "
                f"{len(self.energy_J)} and {len(self.area_m2)} values; one a width"
            )
        return self

    def conversion(self, bits: int) -> ActionCost:
        """Return energy and latency of one conversion."""
        return ActionCost(self.energy_J[self._row(bits)], self.latency_s)

    def one_area_m2(self, bits: int) -> float:
        """Return the area of one converter [m2]."""
        return self.area_m2[self._row(bits)]

    def _row(self, bits: int) -> int:
        if bits not in self.bits:
            raise InputError(
                f"costs.adc.bits: found no {bits} in this table, which is what "
                f"hardware.adc needs; it has {', '.join(map(str, self.bits))}; "
                f"costs.adc.kind accelergy_sar has any width from {MIN_BITS}"
            )
        return self.bits.index(bits)


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
    of 2.9 times this (tenth and ninetieth percentile 0.87 and 12).

    References
    ----------
    .. [1] Andrulis et al., arXiv:2404.06553; coefficients of accelergy-adc-plug-in.
    """

    kind: Literal["accelergy_sar"]
    f_Hz: float = Field(gt=0, le=1.0e10)

    def conversion(self, bits: int) -> ActionCost:
        """Return energy and latency of one conversion."""
        self._check(bits)
        return ActionCost(sar_energy_J(bits, self.node_nm, self.f_Hz), 1.0 / self.f_Hz)

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


AdcCost = Annotated[TableAdc | AccelergySarAdc, Field(discriminator="kind")]
