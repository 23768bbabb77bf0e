"""Numbers of one device, found by writing, ageing and reading cells of it: what pages show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.devices import Device, DeviceState, Draw
from aimc_sim.devices.laws import age_text
from aimc_sim.devices.state import Array
from aimc_sim.display import si
from aimc_sim.rng import stream
from aimc_sim.spec import InputError

SEED = 1
N_CELLS = 2000
N_LOOP = 60
"""Cells written at each target where a distribution is shown, by a formula or by a loop."""
N_CURVE, N_TARGETS = 61, 5
HOUR_s, DAY_s, YEAR_s = 3600.0, 86400.0, 31536000.0


@dataclass(frozen=True)
class Spread:
    """Cells as written, at a few targets; a cell that met a physical bound is clipped.

    Parameters
    ----------
    g_target_S : float64 array, shape (n_targets,)
        Conductances asked for [S].
    shift_S, sigma_S : float64 array, same shape
        Mean of what was written less the target, and its standard deviation [S].
    clipped : float64 array, same shape
        Share of the cells that were clipped.
    """

    g_target_S: Array
    shift_S: Array
    sigma_S: Array
    clipped: Array


@dataclass(frozen=True)
class Ages:
    """When a device is known: at any time from first to last, or at the times listed only [s]."""

    ages_s: tuple[float, ...]
    continuous: bool


@dataclass(frozen=True)
class Fan:
    """Conductances of cells over time.

    Parameters
    ----------
    ages : Ages
        The times.
    g_target_S : float64 array, shape (n_targets,)
        Conductances asked for [S].
    low_S, median_S, high_S : float64 array, shape (n_ages, n_targets)
        5 %, 50 % and 95 % of the cells are below [S].
    """

    ages: Ages
    g_target_S: Array
    low_S: Array
    median_S: Array
    high_S: Array

    @property
    def moves(self) -> bool:
        """Whether time changes anything."""
        return bool(
            (self.median_S != self.median_S[0]).any() or (self.low_S != self.low_S[0]).any()
        )


def targets_S(device: Device, n: int) -> Array:
    """Return n targets from g_min_S to g_max_S, both included [S]."""
    return np.linspace(device.g_min_S, device.g_max_S, n)


def sampled(name: str, shape: tuple[int, ...]) -> Draw:
    """Return a draw from streams of a fixed seed, one a source."""

    def draw(source: str) -> npt.NDArray[np.float32]:
        return stream(SEED, "device page", name, source).normal(math.prod(shape)).reshape(shape)

    return draw


def one_in(of: str, shape: tuple[int, ...]) -> Draw:
    """Return a draw that gives 1 for that source and 0 for every other."""

    def draw(source: str) -> npt.NDArray[np.float32]:
        return np.full(shape, 1.0 if source == of else 0.0, dtype=np.float32)

    return draw


def write_sample(device: Device, g_target_S: Array, name: str = "write") -> DeviceState:
    """Return cells written to each target, shape (n_targets, n_cells)."""
    n_cells = N_LOOP if device.write_verify else N_CELLS
    shape = (g_target_S.size, n_cells)
    return device.program(np.broadcast_to(g_target_S[:, None], shape), sampled(name, shape))


def sigma_curve(device: Device, t_s: float | None = None) -> tuple[Array, Array]:
    """Return targets and the spread of programming there, before clipping [S].

    Parameters
    ----------
    device : Device
        One whose spread is that after verification.
    t_s : float, optional
        Read time at which the spread is taken [s]; as written where it is missing.
    """
    g_S = targets_S(device, N_CURVE)
    states = [device.program(g_S, one_in(of, g_S.shape)) for of in ("", "programming")]
    if t_s is None:
        return g_S, states[1].g_programmed_S - states[0].g_programmed_S
    return g_S, device.drift(states[1], t_s) - device.drift(states[0], t_s)


def spread(device: Device) -> Spread:
    """Return mean and spread of cells as written, clipped ones included."""
    g_S = targets_S(device, N_TARGETS)
    states = [write_sample(device, g_S[i : i + 1], f"write {i}") for i in range(g_S.size)]
    error_S = np.array([state.g_programmed_S[0] for state in states]) - g_S[:, None]
    first_S = error_S[:, :1]  # taken off, so that cells without any spread have exactly none
    centred_S = error_S - first_S
    clipped = np.array([state.n_clipped / state.g_programmed_S.size for state in states])
    return Spread(g_S, first_S[:, 0] + centred_S.mean(axis=1), centred_S.std(axis=1), clipped)


def known_ages(device: Device) -> Ages:
    """Return the read times at which the device answers, up to a year."""
    state = device.program(targets_S(device, 2), one_in("", (2,)))

    def is_known(t_s: float) -> bool:
        try:
            device.drift(state, t_s)
        except InputError:
            return False
        return True

    listed = device.example_ages_s
    between_s = math.sqrt(max(listed[0], 1.0) * listed[1]) if len(listed) > 1 else 2.0 * listed[0]
    if not is_known(between_s):
        return Ages(listed, continuous=False)
    last_s = YEAR_s if is_known(YEAR_s) else listed[-1]
    begin_s = max(listed[0], 0.1 * device.time_scale_s)
    grid = np.geomspace(begin_s, last_s, N_CURVE).tolist()
    return Ages((*dict.fromkeys((listed[0], *grid[:-1], last_s)),), continuous=True)


def ages_among(device: Device, wanted_s: tuple[float, ...]) -> tuple[float, ...]:
    """Return the first age, and those of the wanted ones that are known and later [s]."""
    ages, first_s = known_ages(device), device.first_age_s
    if ages.continuous:
        later = [t_s for t_s in wanted_s if first_s < t_s <= ages.ages_s[-1]]
    else:
        later = [t_s for t_s in wanted_s if t_s in ages.ages_s and t_s > first_s]
    return (first_s, *later)


def fan(device: Device, ages: Ages) -> Fan:
    """Return how cells written to a few targets spread and move over time."""
    g_S = targets_S(device, N_TARGETS)
    state = write_sample(device, g_S)
    parts = [np.quantile(device.drift(state, t), (0.05, 0.5, 0.95), axis=1) for t in ages.ages_s]
    low_S, median_S, high_S = np.array(parts).transpose(1, 0, 2)
    return Fan(ages, g_S, low_S, median_S, high_S)


def read_sigma(device: Device, t_s: float) -> tuple[Array, Array] | None:
    """Return conductances above 0 and the spread of one read of them at a time [S]; None: none."""
    g_S = targets_S(device, N_CURVE)
    state = device.program(g_S, one_in("", g_S.shape))
    now_S = device.drift(state, t_s)
    sigma_S = device.read_noise(state, now_S, t_s).sigma_S()
    kept = now_S > 0.0
    return None if sigma_S is None else (now_S[kept], sigma_S[kept])


def band_rows(
    device: Device, ages_s: Sequence[float], steps_s: Sequence[float], n_steps: int
) -> list[tuple[str, float, float, float]]:
    """Return what 1/f noise consists of: label, and frozen, correlated and white share.

    Parameters
    ----------
    device : Device
        Without 1/f noise there are no rows, and none for a read before the band begins.
    ages_s, steps_s : sequence of float
        Read times, and times between the steps of a run [s].
    n_steps : int
        Steps of the band that is correlated.
    """
    state = device.program([device.g_max_S], one_in("", (1,)))
    rows = []
    for t_s in ages_s:
        flicker = device.read_noise(state, device.drift(state, t_s), t_s).flicker
        if flicker is None or not flicker.band:
            continue
        for t_step_s in steps_s:
            part, whole = flicker.shares(t_step_s, n_steps), flicker.band
            label = f"age {age_text(t_s)}, step {si(t_step_s, 's')}"
            shares = (part.frozen / whole, part.correlated / whole, part.white / whole)
            rows.append((label, *shares))
    return rows
