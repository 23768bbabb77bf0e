"""What a read adds to a conductance: white noise, 1/f noise in three parts, telegraph noise."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.state import Array
from aimc_sim.spec import Source, Spec


@dataclass(frozen=True)
class BandShares:
    """Widths of the three parts of a 1/f band, ln(f_high / f_low) each; they sum to the whole.

    Parameters
    ----------
    frozen, correlated, white : float
        Slower than the run's band, inside it, and above half the rate of the steps.
    """

    frozen: float
    correlated: float
    white: float


@dataclass(frozen=True)
class Flicker:
    r"""1/f noise of each cell.

    Parameters
    ----------
    strength_S : float64 array
        Strength s of each cell [S]: the band from f_low to f_high has the variance
        ``s^2 ln(f_high / f_low)``.
    t_s : float
        Time since programming [s]; nothing is slower than 1 / (t_s + t_read_s).
    t_read_s : float
        Duration of a read in the fit [s]; the band ends at 1 / (2 t_read_s).

    Notes
    -----
    .. math:: \sigma^2(t) = s^2 \ln\frac{t + t_{read}}{2 t_{read}}

    The spectral density (one-sided) is :math:`s^2 / f` in all of the band.
    """

    strength_S: Array
    t_s: float
    t_read_s: float

    @property
    def band(self) -> float:
        """Width of the whole band, ln((t + t_read) / (2 t_read)); 0 where that is negative."""
        return max(math.log((self.t_s + self.t_read_s) / (2.0 * self.t_read_s)), 0.0)

    def sigma_S(self) -> Array:
        """Return the published standard deviation of the whole band [S]."""
        return np.asarray(self.strength_S * math.sqrt(self.band))

    def correlated_band(self, t_step_s: float, n_steps: int) -> float:
        """Width of the correlated band of old devices, ln(f_high / f_low); 0 if it is empty."""
        fast_s = 2.0 * max(t_step_s, self.t_read_s)
        return max(math.log(n_steps * t_step_s / fast_s), 0.0)

    def shares(self, t_step_s: float, n_steps: int) -> BandShares:
        """Return how the band is shared over the steps of a run.

        Parameters
        ----------
        t_step_s : float
            Time between steps [s].
        n_steps : int
            Steps in the band that is correlated: it begins at 1 / (n_steps t_step_s).

        Examples
        --------
        >>> flicker = Flicker(np.ones(1), 86400.0, 250.0e-9)
        >>> s = flicker.shares(1.0e-6, 784)
        >>> [round(100 * part / flicker.band) for part in (s.frozen, s.correlated, s.white)]
        [72, 23, 5]
        """
        slow = min(self.t_s + self.t_read_s, n_steps * t_step_s)
        white = min(max(math.log(t_step_s / self.t_read_s), 0.0), self.band)
        fast_s = 2.0 * max(t_step_s, self.t_read_s)
        correlated = min(max(math.log(slow / fast_s), 0.0), self.band - white)
        return BandShares(self.band - white - correlated, correlated, white)


@dataclass(frozen=True)
class ReadNoise:
    """Noise of the reads of a set of cells at one time; each source has a name of its own.

    Parameters
    ----------
    white_S : float64 array or None
        Standard deviation of a part drawn anew at every read ("read_white") [S].
    flicker : Flicker or None
        1/f noise ("flicker_frozen", "flicker_correlated", "flicker_white").
    """

    white_S: Array | None = None
    flicker: Flicker | None = None

    def sigma_S(self) -> Array | None:
        """Return the standard deviation of one read taken alone [S]; None without noise."""
        parts = [] if self.white_S is None else [self.white_S]
        if self.flicker is not None:
            parts.append(self.flicker.sigma_S())
        return np.sqrt(sum(np.square(part) for part in parts)) if parts else None


class TelegraphNoise(Spec):
    """Random telegraph noise: some cells switch between two conductances.

    Parameters
    ----------
    share : float
        Share of the cells that switch, chosen at programming.
    relative_amplitude : float
        Distance of the two levels, relative to the conductance; they lie half of it above and
        below, weighted so that the mean stays: low at ``-a p_high``, high at ``+a p_low``.
    tau_low_s, tau_high_s : float
        Mean dwell time in each level [s], exponentially distributed.
    source : Source
        Where the numbers come from.
    """

    share: float = Field(ge=0.0, le=1.0)
    relative_amplitude: float = Field(ge=0.0, le=2.0)
    tau_low_s: float = Field(gt=0.0)
    tau_high_s: float = Field(gt=0.0)
    source: Source

    @model_validator(mode="after")
    def _low_level_conducts(self) -> TelegraphNoise:
        if self.relative_amplitude * self.p_high > 1.0:
            raise ValueError(
                f"relative_amplitude: found {self.relative_amplitude:g}; with these dwell times "
                f"the low level is negative above {1.0 / self.p_high:g}"
            )
        return self

    @property
    def p_high(self) -> float:
        """Share of the time spent in the high level."""
        return self.tau_high_s / (self.tau_low_s + self.tau_high_s)

    def renewal(self, t_step_s: float) -> float:
        """Return the probability that the level is drawn anew between two steps.

        Notes
        -----
        A two-state Markov process with rates 1/tau_low and 1/tau_high forgets at their sum: it is
        the same as drawing the level anew, high with p_high, at the events of a Poisson process
        of that rate.
        """
        return -math.expm1(-t_step_s * (1.0 / self.tau_low_s + 1.0 / self.tau_high_s))


def telegraph_levels(noise: TelegraphNoise, g_S: Array) -> tuple[Array, Array]:
    """Return what the low and the high level add to the conductances [S]; the mean is 0."""
    a_S = noise.relative_amplitude * np.asarray(g_S)
    return -a_S * noise.p_high, a_S * (1.0 - noise.p_high)


def switching_cells(share: float, z: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Return which cells switch: those whose standard normal is below the quantile of `share`."""
    from scipy.special import ndtri

    return np.asarray(z.astype(np.float64) < ndtri(share))
