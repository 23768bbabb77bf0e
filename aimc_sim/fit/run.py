"""Fitting a family to measurements: outliers out, estimate, intervals, device, goodness."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from aimc_sim.devices import Device, DeviceFile
from aimc_sim.fit.bootstrap import Tick, intervals, resampled, weightings
from aimc_sim.fit.cells import Cells, split_outliers
from aimc_sim.fit.family import Family, FitOptions
from aimc_sim.fit.measurements import Measurements
from aimc_sim.fit.pcm import PcmFit
from aimc_sim.fit.result import Fit, Parameter
from aimc_sim.fit.rram import RramFit
from aimc_sim.fit.table import TableFit
from aimc_sim.spec import InputError

FAMILIES: Mapping[str, type[Family]] = MappingProxyType(
    {"table": TableFit, "pcm": PcmFit, "rram": RramFit}
)


def fit_device(
    measurements: Measurements,
    family: str,
    *,
    name: str,
    options: FitOptions | None = None,
    tick: Tick | None = None,
) -> Fit:
    """Return the device of a family that describes the measurements.

    Parameters
    ----------
    measurements : Measurements
        The reads.
    family : {"table", "pcm", "rram"}
        What kind of device to describe them by.
    name : str
        Name of the device: small letters, digits and ``_``.
    options : FitOptions, optional
        What the measurements do not say.
    tick : callable, optional
        Called with (done, all) bootstrap samples.

    Raises
    ------
    InputError
        Too few devices, targets or times for the family; another family; a bad name.

    Examples
    --------
    >>> from aimc_sim.devices import device_model_path, load_device
    >>> from aimc_sim.fit.generate import measurements_of
    >>> pcm = load_device(device_model_path("pcm_joshi2020")).device
    >>> data = measurements_of(pcm, [10.0e-6, 20.0e-6], [0.0, 1.0e4], 40, 4, seed=1)
    >>> fit = fit_device(data, "table", name="mine", options=FitOptions(n_bootstrap=0))
    >>> fit.file.device.kind, len(fit.parameters)
    ('table', 10)
    """
    _check_names(family, name)
    options = options or FitOptions()
    measurements.check()
    used, outliers = split_outliers(measurements)
    fit = FAMILIES[family](Cells(measurements if options.keep_outliers else used), options)
    parameters = _parameters(fit, options, tick)
    values = np.array([p.value for p in parameters])
    device = fit.device(parameters)
    notes = (*_remarks(measurements, outliers, options), *fit.notes)
    return Fit(
        family,
        _file(device, name, measurements, family),
        tuple(parameters),
        tuple(fit.checks(values)),
        {of: share for of, share in fit.r2(values).items() if not math.isnan(share)},
        fit.series(values),
        notes,
        measurements.census(),
        tuple(outliers),
        _provenance(measurements, options),
    )


def _check_names(family: str, name: str) -> None:
    if family not in FAMILIES:
        raise InputError(f"--family: found {family!r}; allowed: {', '.join(FAMILIES)}")
    if not re.fullmatch("[a-z0-9_]+", name):
        raise InputError(f"--name: found {name!r}; allowed: small letters, digits and _")


def _provenance(measurements: Measurements, options: FitOptions) -> dict[str, object]:
    return {
        "measurements": measurements.name,
        "sha256": measurements.digest,
        "seed": options.seed,
        "n_bootstrap": options.n_bootstrap,
        "t0_s": options.t0_s,
        "t_read_s": options.t_read_s,
        "order": options.order,
        "outliers": "kept" if options.keep_outliers else "left out",
    }


def _parameters(fit: Family, options: FitOptions, tick: Tick | None) -> list[Parameter]:
    names = fit.names()
    of = fit.cells.of
    values = fit.estimate(np.ones((1, of.n_devices)))[0]
    low = high = np.full(len(values), math.nan)
    if options.n_bootstrap:
        weights = weightings(of.level, options.n_bootstrap, options.seed)
        samples = resampled(fit.estimate, weights, tick)
        n, lost = (np.array([getattr(row, key) for row in names]) for key in ("n", "lost"))
        is_spread = np.array([row.is_spread for row in names])
        low, high = intervals(values, samples, n, lost, is_spread)
        low, high = (np.where(n > 0.0, end, math.nan) for end in (low, high))
    return [
        Parameter(row.name, float(v), row.unit, float(a), float(b))
        for row, v, a, b in zip(names, values, low, high, strict=True)
    ]


def _file(device: Device, name: str, measurements: Measurements, family: str) -> DeviceFile:
    return DeviceFile(
        format="aimc-device",
        version="1.0",
        name=name,
        description=(
            f"Fitted to {measurements.n_devices} devices of {measurements.name} at "
            f"{len(measurements.levels_S)} targets and {len(measurements.times_s)} read times, "
            f"as family {family}."
        ),
        device=device,
    )


def _remarks(
    measurements: Measurements, outliers: list[dict[str, object]], options: FitOptions
) -> list[str]:
    """Return what was missing, at the floor or stuck, where there was any."""
    census = measurements.census()
    notes = []
    if census["n_missing"]:
        reached = f"{census['n_devices_at_last_time']} of {census['n_devices']}"
        notes.append(
            f"{census['n_missing']} reads are missing; {reached} devices reach the last time"
        )
    if census["n_at_floor"]:
        notes.append(
            f"{census['n_at_floor']} reads at or below the floor: censored in the spread of "
            "programming, left out of drift"
        )
    if outliers:
        what = "fitted all the same" if options.keep_outliers else "left out"
        share = 100.0 * len(outliers) / measurements.n_devices
        notes.append(
            f"{len(outliers)} devices ({share:.2g} %) lie more than 6 robust spreads from their "
            f"level, {what}: {', '.join(str(row['device']) for row in outliers[:8])}"
            f"{', ...' if len(outliers) > 8 else ''}; a faults section can hold their rate"
        )
    return notes
