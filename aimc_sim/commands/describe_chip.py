"""What `aimc inspect` says of chips and devices: constants, and how each of them is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from aimc_sim.chip import Chip
from aimc_sim.commands.describe import Description, Section, line_of
from aimc_sim.commands.describe_loop import loop_rows
from aimc_sim.devices import Device, DeviceFile
from aimc_sim.display import si
from aimc_sim.report.sources import SourceRow, chip_sources, device_sources

WRITTEN_SOURCES = ("programming", "relaxation", "drift_nu")
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)


def describe_chip(chip: Chip) -> Description:
    """Return hardware, costs, and the source and grade of every set of constants."""
    tree: dict[str, Any] = {
        "kind": "chip",
        "digest": chip.digest(),
        **chip.model_dump(mode="json", exclude={"format", "version"}),
        "sources": [vars(row) for row in chip_sources(chip)],
    }
    hardware = tree["hardware"]
    rows = [(name, _constants(part)) for name, part in hardware.items()]
    costs = [(name, _constants(part)) for name, part in tree["costs"].items() if part is not None]
    sections = (
        Section(chip.description, ()),
        Section("hardware", rows),
        Section("costs", costs),
        _sources(chip_sources(chip)),
    )
    return Description(line_of(chip), tree, sections)


def describe_device(file: DeviceFile) -> Description:
    """Return the range of a device, its spread at a few conductances, and its sources."""
    device = file.device
    spread = spread_rows(device)
    tree = {
        "kind": "device",
        "name": file.name,
        "digest": file.digest(),
        "device": device.model_dump(mode="json"),
        "spread": spread,
        "sources": [vars(row) for row in device_sources(device)],
    }
    rows = [("target", "age", "typical", "spread", "read noise")]
    rows += [
        (
            si(r["g_target_S"], "S"),
            f"{r['age_s']:g} s",
            si(r["g_typical_S"], "S"),
            si(r["sigma_S"], "S"),
            si(r["sigma_read_S"], "S"),
        )
        for r in spread
    ]
    sections = (
        Section(file.description, ()),
        Section("parameters", [(_constants(tree["device"]),)]),
        Section("conductances (one standard deviation)", rows),
        _sources(device_sources(device)),
    )
    return Description(line_of(file), tree, sections)


def spread_rows(device: Device) -> list[dict[str, Any]]:
    """Return, at a few targets and ages, typical conductance, its spread, and read noise [S].

    Notes
    -----
    The spread is the difference that one standard normal of programming makes, of relaxation, and
    of the drift exponent, in quadrature and before clipping at 0; the typical device has none of
    them. What a loop writes is sampled (`loop_rows`).
    """
    if device.write_verify is not None:
        return loop_rows(device, LEVELS)
    g_S = device.g_min_S + np.array(LEVELS) * (device.g_max_S - device.g_min_S)
    plain, *moved = (
        device.program(g_S, _one_in(source, g_S.shape)) for source in ("", *WRITTEN_SOURCES)
    )
    rows = []
    for age_s in device.example_ages_s:
        typical_S = device.drift(plain, age_s)
        sigma_S = np.sqrt(sum((device.drift(one, age_s) - typical_S) ** 2 for one in moved))
        read_S = device.read_noise(plain, typical_S, age_s).sigma_S()
        for i, target_S in enumerate(g_S):
            rows.append(
                {
                    "g_target_S": float(target_S),
                    "age_s": age_s,
                    "g_typical_S": float(typical_S[i]),
                    "sigma_S": float(sigma_S[i]),
                    "sigma_read_S": None if read_S is None else float(read_S[i]),
                }
            )
    return rows


def _one_in(of: str, shape: tuple[int, ...]) -> Any:
    """Return a draw that gives 1 for that source and 0 for every other."""

    def draw(source: str) -> npt.NDArray[np.float32]:
        return np.full(shape, 1.0 if source == of else 0.0, dtype=np.float32)

    return draw


def _constants(part: Any) -> str:
    """Return the numbers and words of a section in one line, its sources apart."""
    if not isinstance(part, Mapping):
        return str(part)
    shown = [
        f"{key} {_value(value)}"
        for key, value in part.items()
        if not key.endswith("source") and value is not None
    ]
    return ", ".join(shown)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + _constants(value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sources(rows: list[SourceRow]) -> Section:
    return Section(
        "sources", [("of", "grade", "source"), *((row.of, row.grade, row.cite) for row in rows)]
    )
