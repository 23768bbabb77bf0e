"""Monte Carlo of the unquantised, unsaturated kernel: the closed form's judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from aimc_sim.analysis.effective import quantised_codes
from aimc_sim.analysis.kernel_errors import KernelErrors, tile_codes
from aimc_sim.analysis.lyapunov import covariance, energy
from aimc_sim.analysis.snr import difference
from aimc_sim.crossbar.noise import cell_noise
from aimc_sim.crossbar.tile import Tiles, program
from aimc_sim.mapping.matrix import Indices
from aimc_sim.mapping.plan import LayerPlan
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Floats
from aimc_sim.rng import stream

BURN = 5.0
"""Time constants before noise is measured."""
TAUS = 8.0
"""Time constants that it is measured over."""
PART = 32
"""Chips that are in memory together."""
_BLOCK = 1 << 18  # modes x draws that are stepped together


def static_mean(
    model: Model,
    tiles: Tiles,
    age_s: float,
    powers: Mapping[str, float],
    n_chips: int,
    *,
    seed: int,
) -> dict[str, Floats]:
    """Return the static error of each mode of every S4D layer, mean over chips programmed anew.

    Parameters
    ----------
    model : Model
        The network.
    tiles : Tiles
        One chip: what is written, and the digital gains that all chips take.
    age_s : float
        Time since the reference read [s].
    powers : mapping
        Layer to the power of its white input.
    n_chips : int
        Chips; they are programmed and measured in parts, so that memory does not grow with them.
    seed : int
        Of all that is drawn.

    Returns
    -------
    dict
        Layer to a float array, shape (n_modes,); infinite where a chip's pole lies outside the
        unit circle.
    """
    layers = [
        (layer, plan)
        for layer, plan in zip(model.layers, tiles.plan.layers, strict=True)
        if isinstance(layer, S4D)
    ]
    found = {layer.name: np.zeros(layer.n_modes) for layer, _ in layers}
    for first in range(0, n_chips, PART):
        fresh = drawn_tiles(tiles, min(PART, n_chips - first), seed=seed, first_chip=first)
        for layer, plan in layers:
            power = powers[layer.name]
            errors = static_power(layer, plan, model, fresh, age_s, power, seed=seed)
            found[layer.name] += errors.sum(axis=0) / n_chips
    return found


def drawn_tiles(tiles: Tiles, n_chips: int, *, seed: int, first_chip: int = 0) -> Tiles:
    """Return chips programmed anew, with the digital gains of the first one of `tiles`."""
    first = tiles.chips[0]
    fresh = program(tiles.plan, tiles.hardware, seed=seed, n_chips=n_chips, first_chip=first_chip)
    gains = {
        (chip, tile, phase): found
        for (one, tile, phase), found in tiles.corrections.items()
        if one == first
        for chip in fresh.chips
    }
    return replace(fresh, corrections=gains)


def static_power(
    layer: S4D,
    plan: LayerPlan,
    model: Model,
    tiles: Tiles,
    age_s: float,
    power: float,
    *,
    seed: int,
) -> Floats:
    """Return the static error of each mode of programmed chips, shape (n_chips, n_modes).

    Parameters
    ----------
    layer, plan, model
        The layer, where it lies, and its network.
    tiles : Tiles
        From `drawn_tiles`.
    age_s : float
        Time since the reference read [s].
    power : float
        Of the white input, whose expectation is exact.
    seed : int
        Of the lasting noise that is drawn once a chip.

    Returns
    -------
    float array
        Infinite where a chip's pole lies outside the unit circle.
    """
    drawn = tile_codes(layer, plan, model, tiles, age_s, Lasting(tiles, age_s, seed))
    one, drawn = quantised_codes(layer).scaled(layer), drawn.scaled(layer)
    return power * energy(*difference(one, drawn))


class Lasting:
    """Conductances of chips with what 1/f noise adds for a run, drawn once a chip and tile.

    Parameters
    ----------
    tiles : Tiles
        Programmed chips.
    age_s : float
        Time since the reference read [s].
    seed : int
        Of the noise.
    """

    def __init__(self, tiles: Tiles, age_s: float, seed: int) -> None:
        self.tiles, self.age_s, self.seed = tiles, age_s, seed
        self._found: dict[tuple[int, int], Floats] = {}

    def __call__(self, chip: int, tile_id: int) -> Floats:
        if (chip, tile_id) not in self._found:
            g_S = self.tiles.g_S(chip, tile_id, self.age_s)
            noise = cell_noise(self.tiles, chip, tile_id, self.age_s)
            for name, sigma_S in (("frozen", noise.frozen_S), ("correlated", noise.correlated_S)):
                if sigma_S is not None:
                    z = stream(self.seed, "snr", chip, tile_id, name).normal(g_S.size)
                    g_S = g_S + sigma_S * z.astype(np.float64).reshape(g_S.shape)
            self._found[chip, tile_id] = g_S
        return self._found[chip, tile_id]


def per_read_power(errors: KernelErrors, power: float, *, n_draws: int, seed: int) -> Floats:
    """Return the noise power of each mode from its reads, by stepping it, shape (n_modes,).

    Parameters
    ----------
    errors : KernelErrors
        Mean kernel and variances.
    power : float
        Of the white input, which is Gaussian here.
    n_draws : int
        Sequences of each mode; each is measured over 8 time constants, after 5 to begin with.
    seed : int
        Of everything that is drawn.

    Notes
    -----
    The noisy state and the clean one step side by side with the same input. Modes of like time
    constant are stepped together.
    """
    radius = np.abs(np.linalg.eigvals(errors.mean.A)).max(axis=-1)
    tau = 1.0 / np.maximum(1.0 - radius, 1.0e-6)
    found = np.empty(len(tau))
    rng = np.random.default_rng([seed, 1])
    for part in _alike(tau, max(_BLOCK // n_draws, 1)):
        found[part] = _stepped(errors, part, power, float(tau[part].max()), n_draws, rng)
    return found


def _alike(tau: Floats, size: int) -> Iterator[Indices]:
    """Yield groups of modes whose time constants differ at most twofold."""
    order = np.argsort(tau)
    start = 0
    while start < len(order):
        alike = tau[order[start:]] < 2.0 * tau[order[start]]
        stop = start + min(int(alike.sum()), size)
        yield order[start:stop]
        start = stop


def _stepped(
    errors: KernelErrors,
    part: Indices,
    power: float,
    tau: float,
    n_draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Return the mean square of noisy less clean outputs of some modes."""
    A, B, C = errors.mean.A[part], errors.mean.B[part], errors.mean.C[part]
    sigma = [np.sqrt(v[part]) for v in (errors.per_read.A, errors.per_read.B, errors.per_read.C)]
    q = np.sqrt(errors.q_state[part])
    m, n = B.shape
    # the clean state begins with its own covariance, so that only noise has to settle
    P0 = covariance(A, power * B[:, :, None] * B[:, None, :])
    root = np.linalg.cholesky(P0 + 1.0e-12 * P0.max(axis=(1, 2), keepdims=True) * np.eye(n))
    clean = np.einsum("rmn,mkn->rmk", rng.standard_normal((n_draws, m, n)), root)
    error = np.zeros((n_draws, m, n))
    n_burn, n_steps = int(BURN * tau) + 1, int(TAUS * tau) + 8
    total = np.zeros(m)
    for step in range(n_burn + n_steps):
        u = np.sqrt(power) * rng.standard_normal((n_draws, m, 1))
        noisy = clean + error
        kick = np.zeros_like(error)
        if sigma[0].any():
            drawn = rng.standard_normal((n_draws, m, n))
            spread = np.sqrt(np.einsum("rmi,mij->rmj", noisy**2, sigma[0] ** 2))
            kick += drawn * spread
        kick += rng.standard_normal((n_draws, m, n)) * np.sqrt(u**2 * sigma[1] ** 2 + q**2)
        error = np.einsum("rmi,mij->rmj", error, A) + kick
        clean = np.einsum("rmi,mij->rmj", clean, A) + u * B
        if step >= n_burn:
            noisy = clean + error
            spread = (noisy**2 * sigma[2] ** 2).sum(axis=-1)
            total += (((error * C).sum(axis=-1)) ** 2 + spread).sum(axis=0)
    return total / (n_steps * n_draws)
