"""Conductance against temperature, for devices of which an activation energy was measured."""

from __future__ import annotations

import numpy as np
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase
from aimc_sim.devices.curves import Curve
from aimc_sim.devices.state import Array
from aimc_sim.spec import Source, Spec

BOLTZMANN_eV_per_K = 8.617333262e-5
"""Boltzmann constant [eV/K], CODATA 2018."""

ACTIVATION_MAX_eV = 2.0
"""Largest activation energy taken [eV]; assumed, to catch meV written as eV."""


class Activation(Spec):
    r"""Conductance activated by temperature.

    Parameters
    ----------
    reference_K : float
        Temperature that all other numbers of the device were measured at [K].
    conductance_activation_eV : Curve
        Activation energy in gr = g / g_max at `reference_K` [eV].
    range_K : tuple of float
        Lowest and highest temperature that it was measured at [K].
    source : Source
        Where the numbers come from.

    Notes
    -----
    .. math::
        g(T) = g(T_0) \exp\left[-\frac{E_a(gr)}{k_B}
            \left(\frac{1}{T} - \frac{1}{T_0}\right)\right]

    with k_B = 8.617333262e-5 eV/K. One energy a conductance: its spread from cell to cell is not
    in it.

    References
    ----------
    R = R* exp(E_a / (k_B T)) of amorphous phase-change material: M. Wimmer et al., Front. Phys. 2,
    75 (2014).

    Examples
    --------
    >>> law = Activation(
    ...     reference_K=300.0,
    ...     conductance_activation_eV={"kind": "constant", "value": 0.1},
    ...     range_K=(290.0, 360.0),
    ...     source={"cite": "an example, no device", "grade": "assumed"},
    ... )
    >>> round(float(law.g_S(np.array(10.0e-6), 330.0, 25.0e-6)) * 1e6, 4)
    14.2141
    """

    reference_K: float = Field(gt=0.0)
    conductance_activation_eV: Curve
    range_K: tuple[float, float]
    source: Source

    @model_validator(mode="after")
    def _range_holds_the_reference(self) -> Activation:
        low_K, high_K = self.range_K
        if not 0.0 < low_K <= self.reference_K <= high_K:
            raise ValueError(
                f"range_K: found {low_K:g} to {high_K:g}; must be above 0, ascend and hold "
                f"reference_K {self.reference_K:g}"
            )
        return self

    @model_validator(mode="after")
    def _energies_are_in_eV(self) -> Activation:
        high_eV = float(self.conductance_activation_eV.at(np.linspace(0.0, 1.0, 101)).max())
        if high_eV > ACTIVATION_MAX_eV:
            raise ValueError(
                f"conductance_activation_eV: found {high_eV:g} eV; "
                f"allowed 0 to {ACTIVATION_MAX_eV:g} eV"
            )
        return self

    def g_S(self, g_S: Array, temperature_K: float, g_max_S: float) -> Array:
        """Return at `temperature_K` [K] what conducts `g_S` [S] at the reference temperature."""
        energy_eV = self.conductance_activation_eV.at(g_S / g_max_S)
        inverse_per_K = 1.0 / temperature_K - 1.0 / self.reference_K
        return np.asarray(g_S * np.exp(-energy_eV / BOLTZMANN_eV_per_K * inverse_per_K))


class ThermalDevice(DeviceBase):
    """A device family that may have a temperature law.

    Parameters
    ----------
    temperature : Activation, optional
        Without it the device is known at no other temperature than it was measured at.
    """

    temperature: Activation | None = None

    @property
    def temperature_range_K(self) -> tuple[float, float] | None:
        """Temperatures that the device is known at [K]; None where no law is given."""
        return self.temperature.range_K if self.temperature else None

    def at_temperature(self, g_S: Array, temperature_K: float | None) -> Array:
        """Return at `temperature_K` [K] what conducts `g_S` [S] at the reference temperature."""
        if self.temperature is None or temperature_K is None:
            return g_S
        return self.temperature.g_S(g_S, temperature_K, self.g_max_S)
