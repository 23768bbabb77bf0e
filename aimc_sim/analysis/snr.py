"""Closed-form SNR of S4D kernels under the errors of their devices; nothing is run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.analysis.effective import Codes
from aimc_sim.analysis.kernel_errors import KernelErrors
from aimc_sim.analysis.lyapunov import (
    covariance,
    element_energies,
    energy,
    noisy_covariance,
    quadratic,
    sensitivities,
)
from aimc_sim.model.layers import S4D
from aimc_sim.model.signal import Floats

RANGE = 0.1
"""Static errors up to this part of a pole's distance from the unit circle are of first order."""


@dataclass(frozen=True)
class Powers:
    """Powers of outputs [output codes^2], of modes or of channels.

    Parameters
    ----------
    signal : float array
        Of the kernel, for white input of the stated power.
    per_read : float array
        Of what is drawn at every read and rounded at every step.
    static : float array
        Of what stays for a run.
    """

    signal: Floats
    per_read: Floats
    static: Floats

    def dB(self, part: str) -> Floats:
        """Return the SNR of a part ("per_read", "static", "total") [dB]; NaN without a signal."""
        noise = self.per_read + self.static if part == "total" else getattr(self, part)
        return decibels(self.signal, noise)


@dataclass(frozen=True)
class LayerSnr:
    """SNR of a layer.

    Parameters
    ----------
    modes, channels : Powers
        Of each mode by itself, and of the kernel of each channel.
    radius : float array, shape (n_modes,)
        Modulus of each quantised pole.
    sigma_A : float array, shape (n_modes,)
        Static spread of an element of A, RMS over the block; 0 where A is digital.
    square_radius : float array, shape (n_modes,)
        Spectral radius of the step of covariances: from 1 on noise grows without end.
    """

    modes: Powers
    channels: Powers
    radius: Floats
    sigma_A: Floats
    square_radius: Floats

    @property
    def is_in_range(self) -> npt.NDArray[np.bool_]:
        """Modes whose static error is within first order."""
        return np.asarray(self.sigma_A < RANGE * (1.0 - self.radius))

    @property
    def is_stable(self) -> npt.NDArray[np.bool_]:
        """Modes whose noise stays finite in the mean square."""
        return np.asarray(self.square_radius < 1.0)


def layer_snr(layer: S4D, errors: KernelErrors, power: float) -> LayerSnr:
    r"""Return the SNR of a layer's kernels.

    Parameters
    ----------
    layer : S4D
        The layer.
    errors : KernelErrors
        What its tiles make of it.
    power : float
        Power of the white input, that is the mean square of the input codes.

    Notes
    -----
    With the state's covariance P0 without noise, per-read noise adds N to it,

    .. math:: N = A^T N A + \sum_{ij} V_{ij} (N + P_0)_{ii} e_j e_j^T + W

    with V the variance of A's elements in a read, W that of B's times the input's power, of
    converters and of rounding; the output has :math:`C N C^T` and, of C's own noise and rounding,
    :math:`\sum_j V^C_j (N + P_0)_{jj} + q`. Static errors: the kernel of the mean devices is
    compared with that of the codes exactly; the spread about it enters to first order in A, and
    exactly in B and C.
    """
    modes = _modes(errors, power)
    signal, systematic = _of_channels(layer, errors, power)
    n, channel = layer.n_out, layer.channel_of_mode

    def summed(values: Floats) -> Floats:
        out = np.zeros(n)
        np.add.at(out, channel, values)
        return out

    noise, radius = _per_read(errors, power)
    spread = _static_spread(errors, power)
    channels = Powers(signal, summed(noise) + errors.q_output, systematic + summed(spread))
    eigen = np.abs(np.linalg.eigvals(errors.exact.A)).max(axis=-1)
    sigma_A = np.sqrt(errors.static.A.mean(axis=(-1, -2)))
    return LayerSnr(modes, channels, eigen, sigma_A, radius)


def _modes(errors: KernelErrors, power: float) -> Powers:
    """Return the powers of each mode by itself; rounding of the output is the channel's."""
    exact, mean = errors.exact, errors.mean
    signal = power * energy(exact.A, exact.B, exact.C)
    systematic = power * energy(*difference(exact, mean))
    noise, _ = _per_read(errors, power)
    return Powers(signal, noise, systematic + _static_spread(errors, power))


def difference(one: Codes, other: Codes) -> tuple[Floats, Floats, Floats]:
    """Return the recurrence whose kernel is that of `other` less that of `one`, mode by mode."""
    n = one.A.shape[-1]
    lead = np.broadcast_shapes(one.B.shape[:-1], other.A.shape[:-2], other.B.shape[:-1])
    A = np.zeros((*lead, 2 * n, 2 * n))
    A[..., :n, :n], A[..., n:, n:] = one.A, other.A
    shape = A.shape[:-1]
    B, C = np.empty(shape), np.empty(shape)
    B[..., :n], B[..., n:] = one.B, other.B
    C[..., :n], C[..., n:] = -one.C, other.C
    return A, B, C


def _per_read(errors: KernelErrors, power: float) -> tuple[Floats, Floats]:
    """Return the output noise of each mode from its reads, and the spectral radius."""
    mean, V = errors.mean, errors.per_read
    P0 = covariance(mean.A, power * mean.B[:, :, None] * mean.B[:, None, :])
    finite = np.where(np.isfinite(P0), P0, 0.0)
    added = np.einsum("nij,nii->nj", V.A, finite) + power * V.B + errors.q_state
    Q = np.zeros_like(mean.A)
    index = np.arange(mean.A.shape[-1])
    Q[:, index, index] = added
    N, radius = noisy_covariance(mean.A, V.A, Q)
    diagonal = np.einsum("nii->ni", np.where(np.isfinite(N), N, 0.0) + finite)
    found = quadratic(N, mean.C) + (V.C * diagonal).sum(axis=-1)
    return np.where(np.isfinite(P0).all(axis=(-1, -2)), found, np.inf), radius


def _static_spread(errors: KernelErrors, power: float) -> Floats:
    """Return the output error of each mode from the spread of its devices.

    To first order in A, exactly in B and C, which come in together where a mode is faint.
    """
    mean, V = errors.mean, errors.static
    of_A, of_B, of_C = sensitivities(mean.A, mean.B, mean.C)
    both, of_both = V.B[:, :, None] * V.C[:, None, :], element_energies(mean.A)
    with np.errstate(invalid="ignore"):
        found = (
            np.where(V.A > 0.0, V.A * of_A, 0.0).sum(axis=(-1, -2))
            + np.where(V.B > 0.0, V.B * of_B, 0.0).sum(axis=-1)
            + np.where(V.C > 0.0, V.C * of_C, 0.0).sum(axis=-1)
            + np.where(both > 0.0, both * of_both, 0.0).sum(axis=(-1, -2))
        )
    return np.asarray(power * found)


def _of_channels(layer: S4D, errors: KernelErrors, power: float) -> tuple[Floats, Floats]:
    """Return the power of each channel's kernel, and of what the mean devices change of it."""
    signal, systematic = np.zeros(layer.n_out), np.zeros(layer.n_out)
    start = 0
    for h, n in enumerate(layer.n_states):
        part = slice(start, start + int(n))
        start += int(n)
        if not n:
            continue
        exact, mean = (_joined(c, part) for c in (errors.exact, errors.mean))
        signal[h] = power * energy(exact.A, exact.B, exact.C)[0]
        systematic[h] = power * energy(*difference(exact, mean))[0]
    return signal, systematic


def _joined(codes: Codes, part: slice) -> Codes:
    """Return the modes of one channel as one recurrence."""
    blocks = codes.A[part]
    n, parts = blocks.shape[:2]
    A = np.zeros((1, n * parts, n * parts))
    for i, block in enumerate(blocks):
        A[0, i * parts : (i + 1) * parts, i * parts : (i + 1) * parts] = block
    return Codes(A, codes.B[part].reshape(1, -1), codes.C[part].reshape(1, -1))


def decibels(signal: Floats, noise: Floats) -> Floats:
    """Return ``10 log10(signal / noise)``: infinite without noise, NaN without a signal.

    Examples
    --------
    >>> decibels(np.array([100.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])).tolist()
    [20.0, inf, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(signal > 0.0, signal / noise, np.nan)
        return np.asarray(10.0 * np.log10(ratio))
