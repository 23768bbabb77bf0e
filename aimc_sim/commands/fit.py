"""`aimc fit`: measured conductances to a device file, with intervals and goodness of fit."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from aimc_sim.commands.options import at_least, one_of
from aimc_sim.commands.progress import progress_bar
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.display import percent, text_table
from aimc_sim.duration import parse_time_s
from aimc_sim.fit import FAMILIES, Fit, FitOptions, fit_device, read_measurements
from aimc_sim.report.files import check_writable, write_text
from aimc_sim.spec import InputError

MIN_BOOTSTRAP = 40
"""Fewer samples of devices do not give a spread."""


@dataclass(frozen=True)
class FitArguments:
    """The options of `aimc fit`, as typed; see ``aimc fit --help``."""

    measured: str
    family: str
    output: str
    name: str | None = None
    t0: str = "20s"
    t_read_s: float = 250.0e-9
    order: int = 4
    floor_S: float | None = None
    keep_outliers: bool = False
    bootstrap: int = 200
    seed: int = 0
    json: str | None = None
    html: str | None = None
    quiet: bool = False
    command: str = ""


def fit_command(options: FitArguments) -> None:
    """Do what `aimc fit` does."""
    settings = _checked(options)
    measurements = read_measurements(options.measured, options.floor_S)
    with progress_bar(options.quiet) as tick:
        fit = fit_device(
            measurements, options.family, name=_name(options), options=settings, tick=tick
        )
    text = yaml.safe_dump(
        fit.file.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True,
        width=100,
    )  # fmt: skip
    write_text(options.output, text)
    if options.html:
        from aimc_sim.report.fit_page import write_fit_page

        write_fit_page(options.html, fit, text, options.command)

    def told() -> str:
        return "\n".join([*lines(fit), f"written     {options.output}"]) + "\n"

    tell(fit.to_json(), told, json=options.json, quiet=options.quiet)


def _checked(options: FitArguments) -> FitOptions:
    one_of("--family", options.family, tuple(FAMILIES))
    at_least("--order", options.order, 0)
    at_least("--seed", options.seed, 0)
    if options.bootstrap and options.bootstrap < MIN_BOOTSTRAP:
        raise InputError(
            f"--bootstrap: found {options.bootstrap}; expected {MIN_BOOTSTRAP} or more, "
            "or 0 for no intervals"
        )
    t0_s = parse_time_s(options.t0, "--t0")
    if t0_s <= 0.0:
        raise InputError(f"--t0: found {options.t0!r}; expected a time above 0")
    if not 0.0 < options.t_read_s < t0_s:
        raise InputError(
            f"--t-read: found {options.t_read_s:g}; expected seconds above 0 and below --t0"
        )
    if options.floor_S is not None and not (options.floor_S >= 0.0 and options.floor_S < 1.0):
        raise InputError(f"--floor: found {options.floor_S:g}; expected siemens, 0 to 1")
    check_writable("--output", options.output)
    check_writable("--html", options.html)
    check_json(options.json)
    return FitOptions(
        t0_s, options.t_read_s, options.order, options.bootstrap, options.seed,
        options.keep_outliers,
    )  # fmt: skip


def _name(options: FitArguments) -> str:
    if options.name is not None:
        return options.name
    return re.sub("[^a-z0-9_]+", "_", Path(options.output).stem.lower()) or "device"


def lines(fit: Fit) -> list[str]:
    """Return what was found, as lines of text."""
    census = fit.census
    rows = [("parameter", "value", "95 % interval"), *(p.shown() for p in fit.parameters)]
    p = "–" if math.isnan(fit.worst_p) else f"{fit.worst_p:.2g}"
    explained = "".join(f", {percent(v, 1)} of {name}" for name, v in fit.r2.items())
    return [
        f"devices     {census['n_devices']} at {len(census['targets_S'])} targets, "
        f"{len(census['times_s'])} read times, up to {census['n_cycles']} reads each",
        text_table(rows),
        f"goodness    least p-value {p} (Bonferroni over targets and times){explained}",
        *(f"note        {note}" for note in fit.notes),
    ]
