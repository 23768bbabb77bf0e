"""Measurements from and to a tidy CSV: one read a row."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from aimc_sim.fit.measurements import Measurements
from aimc_sim.spec import InputError, nearest

REQUIRED = ("device", "target_S", "time_s", "g_S")
COLUMNS = (*REQUIRED, "cycle")
MISSING = ("", "nan", "na", "none")
LARGEST_S = 1.0
"""A conductance above one siemens is a slip of units."""

Read = tuple[str, float, int]


def read_measurements(path: str | Path, floor_S: float | None = None) -> Measurements:
    """Read a CSV of measured conductances.

    Parameters
    ----------
    path : path
        Comma-separated, one read a row; columns ``device``, ``target_S`` [S], ``time_s`` [s since
        the reference read], ``g_S`` [S] and optionally ``cycle`` (repeat at the same time).
    floor_S : float, optional
        Reads at or below it are known to be no larger, and nothing else [S].

    Raises
    ------
    InputError
        One line with file, line, column, value found and what is allowed.
    """
    try:
        raw = Path(path).read_bytes()
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot be read ({reason})") from None
    targets, reads = _rows(str(path), text)
    digest = hashlib.sha256(raw).hexdigest()
    found = _arranged(Path(path).name, digest, targets, reads, floor_S)
    found.check()
    return found


def write_measurements(path: str | Path, measurements: Measurements) -> None:
    """Write measurements as CSV; a missing read is left out."""
    m = measurements
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(("device", "target_S", "time_s", "cycle", "g_S"))
        for i, j, k in np.argwhere(np.isfinite(m.g_S)):
            cells = (float(m.target_S[i]), float(m.times_s[j]), int(k), float(m.g_S[i, j, k]))
            rows.writerow((m.devices[i], *map(repr, cells)))


def _rows(path: str, text: str) -> tuple[dict[str, float], dict[Read, float]]:
    """Return target of each device, and value of each (device, time, cycle)."""
    reader = csv.DictReader(io.StringIO(text), restkey="", restval="")
    _check_header(path, [name.strip() for name in reader.fieldnames or ()])
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    targets: dict[str, float] = {}
    reads: dict[Read, float] = {}
    try:
        for row in reader:
            where = f"{path}: line {reader.line_num}"
            device, target_S, key, g_S = _parsed(where, row)
            if targets.setdefault(device, target_S) != target_S:
                raise InputError(
                    f"{where}: column target_S: found {target_S:g}; device {device!r} was written "
                    f"to {targets[device]:g} above, and a device is written once"
                )
            if key in reads:
                raise InputError(
                    f"{where}: column cycle: found {key[2]} twice for device {device!r} at "
                    f"time_s {key[1]:g}; repeated reads count 0, 1, 2, ..."
                )
            reads[key] = g_S
    except csv.Error as error:
        raise InputError(f"{path}: line {reader.line_num}: is not CSV ({error})") from None
    if not any(math.isfinite(g_S) for g_S in reads.values()):
        raise InputError(f"{path}: holds no read; expected rows below the header")
    return targets, reads


def _check_header(path: str, names: list[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            near = nearest(name, COLUMNS)
            hint = f"; did you mean {near!r}" if near else ""
            raise InputError(
                f"{path}: line 1: unknown column {name!r}{hint}; allowed: {', '.join(COLUMNS)}"
            )
        if names.count(name) > 1:
            raise InputError(f"{path}: line 1: column {name!r} is there twice; expected once")
    for name in REQUIRED:
        if name not in names:
            raise InputError(
                f"{path}: line 1: column {name!r} is missing; required: {', '.join(REQUIRED)}"
            )


def _parsed(where: str, row: Mapping[str, str]) -> tuple[str, float, Read, float]:
    if "" in row:
        raise InputError(f"{where}: has more cells than the header has columns")
    device = row["device"].strip()
    if not device:
        raise InputError(f"{where}: column device: found nothing; expected an identifier")
    target_S = _number(where, "target_S", row["target_S"], 0.0, LARGEST_S)
    time_s = _number(where, "time_s", row["time_s"], 0.0, 1.0e12)
    cycle = _number(where, "cycle", row.get("cycle") or "0", 0.0, 1.0e6)
    if cycle != int(cycle):
        raise InputError(f"{where}: column cycle: found {row['cycle']!r}; expected 0, 1, 2, ...")
    missing = row["g_S"].strip().lower() in MISSING
    g_S = math.nan if missing else _number(where, "g_S", row["g_S"], -LARGEST_S, LARGEST_S)
    return device, target_S, (device, time_s, int(cycle)), g_S


def _number(where: str, column: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InputError(
            f"{where}: column {column}: found {text.strip()!r}; "
            f"expected a number from {low:g} to {high:g}"
        )
    return value


def _arranged(
    name: str,
    digest: str,
    targets: Mapping[str, float],
    reads: Mapping[Read, float],
    floor_S: float | None,
) -> Measurements:
    devices = {device: i for i, device in enumerate(targets)}
    times = sorted({time_s for _, time_s, _ in reads})
    cycles = sorted({cycle for _, _, cycle in reads})
    at_time = {time_s: i for i, time_s in enumerate(times)}
    at_cycle = {cycle: i for i, cycle in enumerate(cycles)}
    g_S = np.full((len(devices), len(times), len(cycles)), np.nan)
    for (device, time_s, cycle), value in reads.items():
        g_S[devices[device], at_time[time_s], at_cycle[cycle]] = value
    target_S = np.array(list(targets.values()))
    return Measurements(name, digest, tuple(devices), target_S, np.array(times), g_S, floor_S)
