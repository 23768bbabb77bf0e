"""What the array itself costs: cells and their currents, lines, programming, calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pydantic import Field

from aimc_sim.cost.component import ActionCost, Component, devices_per_wordline
from aimc_sim.events import ArrayReads
from aimc_sim.hardware import Hardware
from aimc_sim.mapping.plan import Plan


def array_energy_J(reads: ArrayReads, t_read_s: float) -> float:
    """Return the energy that cells dissipate during reads [J].

    Parameters
    ----------
    reads : ArrayReads
        Squared codes and conductance of each wordline, voltage of a code.
    t_read_s : float
        Time that a read drives the wordlines [s].

    Notes
    -----
    ``E = V_lsb^2 t_read sum_wl x2_wl g_row_wl``, that is V^2 G t summed over reads and cells (of
    pulses, with their own voltage, the time of a code and sums of magnitudes);
    `math.fsum` rounds once, so the order of wordlines does not matter.

    Examples
    --------
    >>> reads = ArrayReads(x2=(100, 0), g_row_S=(1.0e-4, 1.0e-3), v_lsb_V=0.01)
    >>> f"{array_energy_J(reads, 1.0e-7):.3g}"
    '1e-13'
    """
    watt = math.fsum(x2 * g_S for x2, g_S in zip(reads.x2, reads.g_row_S, strict=True))
    t_s = t_read_s if reads.t_code_s is None else reads.t_code_s
    return reads.v_lsb_V**2 * t_s * watt


class CrossbarCost(Component):
    """Cells of both devices of every pair; their read energy follows from conductance and data.

    Parameters
    ----------
    cell_F2 : float
        Area of one device with its selector, in squares of the node's feature size.
    drive_factor : float
        Energy drawn from the supply over energy dissipated in the cells; 1 is a lossless drive.
    read_energy_J : float
        Fixed energy of one read of one tile [J], beyond what other components count.
    """

    cell_F2: float = Field(gt=0)
    drive_factor: float = Field(default=1.0, ge=1)
    read_energy_J: float = Field(default=0.0, ge=0)

    def factors(self, name: str) -> tuple[float, float]:
        """Return the lowest and highest plausible multiple; no drive is better than lossless."""
        low, high = super().factors(name)
        return (max(low, 1.0 / self.drive_factor) if name == "drive_factor" else low), high

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a read; the amount of ``crossbar.x2`` is `array_energy_J`."""
        return {
            "crossbar.mvm": ActionCost(self.read_energy_J, hardware.timing.t_read_s),
            "crossbar.x2": ActionCost(self.drive_factor),
        }

    def total_area_m2(self, plan: Plan) -> float:
        """Return the area of all cells of all tiles [m2]."""
        cells = plan.hardware.tile.n_wordlines * devices_per_wordline(plan.hardware)
        return plan.n_sites * cells * self.cell_F2 * (self.node_nm * 1e-9) ** 2


class LineCost(Component):
    """Charging a line for a read and discharging it: ``C V^2``.

    Parameters
    ----------
    device_capacitance_F, driver_capacitance_F : float
        For each device on the line, and for its driver [F].
    swing_V : float
        Voltage it is charged to [V].
    """

    device_capacitance_F: float = Field(ge=0)
    driver_capacitance_F: float = Field(ge=0)
    swing_V: float = Field(ge=0, le=5)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of one charge of one line."""
        capacitance_F = (
            devices_per_wordline(hardware) * self.device_capacitance_F + self.driver_capacitance_F
        )
        return {"line.switch": ActionCost(capacitance_F * self.swing_V**2)}

    def total_area_m2(self, plan: Plan) -> float:
        """Return 0: lines lie above the cells."""
        return 0.0


class ProgrammingCost(Component):
    """Writing devices: pulses and verify reads take energy, and the slots they are in take time.

    Parameters
    ----------
    set_energy_J, set_latency_s, reset_energy_J, reset_latency_s : float
        Of one pulse on one device, and of its time slot [J, s].
    verify_energy_J, verify_latency_s : float
        Of one verify read of one device, and of its time slot [J, s].
    n_parallel : int
        Slots at once on the whole chip. With the schedule ``serial`` a slot is one device, so it
        is how many devices are written at once; with ``row_parallel`` a slot is a wordline.
    """

    set_energy_J: float = Field(ge=0)
    set_latency_s: float = Field(ge=0)
    reset_energy_J: float = Field(ge=0)
    reset_latency_s: float = Field(ge=0)
    verify_energy_J: float = Field(ge=0)
    verify_latency_s: float = Field(ge=0)
    n_parallel: int = Field(default=1, ge=1)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the energy of pulses and reads, and the time of slots; a failure costs nothing."""
        n = self.n_parallel
        return {
            "program.set_pulse": ActionCost(self.set_energy_J),
            "program.reset_pulse": ActionCost(self.reset_energy_J),
            "program.verify_read": ActionCost(self.verify_energy_J),
            "program.set_slot": ActionCost(0.0, self.set_latency_s, n),
            "program.reset_slot": ActionCost(0.0, self.reset_latency_s, n),
            "program.verify_slot": ActionCost(0.0, self.verify_latency_s, n),
            "program.failure": ActionCost(0.0),
        }

    def total_area_m2(self, plan: Plan) -> float:
        """Return 0: write drivers are not modelled."""
        return 0.0


class CalibrationCost(Component):
    """Reads of one bitline that are made to calibrate, or to compensate drift.

    Parameters
    ----------
    read_energy_J, read_latency_s : float
        Of one read of one bitline, drive and conversion included [J, s].
    """

    read_energy_J: float = Field(ge=0)
    read_latency_s: float = Field(ge=0)

    def actions(self, hardware: Hardware) -> Mapping[str, ActionCost]:
        """Return the cost of a read."""
        read = ActionCost(self.read_energy_J, self.read_latency_s)
        return {"calibrate.read": read, "compensate.read": read}

    def total_area_m2(self, plan: Plan) -> float:
        """Return 0: the converters that read exist already."""
        return 0.0
