"""Where the constants of a chip come from, and how far each can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from aimc_sim.chip import Chip
from aimc_sim.devices import Device
from aimc_sim.spec import Source


@dataclass(frozen=True)
class SourceRow:
    """One set of constants: what they are of, and their `aimc_sim.spec.Source`."""

    of: str
    grade: str
    cite: str
    doi: str | None
    note: str | None


def device_sources(device: Device) -> list[SourceRow]:
    """Return the sources of a device, one a parameter set."""
    return [
        _row(f"device, {name.removesuffix('source').rstrip('._')}", source)
        for name, source in device.sources().items()
    ]


def chip_sources(chip: Chip) -> list[SourceRow]:
    """Return the sources of the device and of every cost component."""
    costs = [_row(f"cost of {name}", part.source) for name, part in chip.costs.components().items()]
    return device_sources(chip.hardware.device) + costs


def _row(of: str, source: Source) -> SourceRow:
    return SourceRow(of, source.grade, source.cite, source.doi, source.note)
