"""How far analog outputs are from exact ones: eta, effective bits, gain, offset, saturation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aimc_sim.model.signal import Floats, Ints


@dataclass(frozen=True)
class MvmFigures:
    r"""Figures of the analog outputs of one matrix, y', against the exact ones, y.

    Parameters
    ----------
    eta : float or None
        :math:`\|y' - y\|_2 / \|y\|_2` over all vectors and outputs.
    eta_per_vector : float or None
        Mean over the vectors of the same ratio of each; vectors whose exact outputs are all zero
        do not count.
    sigma : float or None
        Standard deviation of :math:`y' - y` over the range of exact outputs, :math:`2\max|y|`.
    enob : float or None
        Effective number of bits; None where there is no error at all.
    gain, offset : float or None
        Least squares :math:`y' = \mathrm{gain}\,y + \mathrm{offset}\,\max|y|`.
    residual : float or None
        RMS of what that line leaves, over the RMS of y.
    saturated : float
        Share of the conversions that met an end of the converter.

    Notes
    -----
    The effective number of bits is that of IEEE Std 1241 with the error as noise and distortion:
    :math:`(\mathrm{SINAD} - 1.76\,\mathrm{dB}) / 6.02\,\mathrm{dB}` with
    :math:`\mathrm{SINAD} = -20 \log_{10}\eta`, hence :math:`-\log_2(\eta\sqrt{1.5})`: the width of
    an ideal converter that would be as far off on a sine of its full scale. All but `saturated` are
    None where every exact output is zero.

    References
    ----------
    IEEE Std 1241-2010, effective number of bits.
    """

    eta: float | None
    eta_per_vector: float | None
    sigma: float | None
    enob: float | None
    gain: float | None
    offset: float | None
    residual: float | None
    saturated: float


NAMES = tuple(MvmFigures.__dataclass_fields__)
"""Names of the figures, in order."""


def mvm_figures(exact: Ints, analog: Ints, saturated: float = 0.0) -> MvmFigures:
    """Return how far analog outputs are from exact ones.

    Parameters
    ----------
    exact, analog : int array, shape (n_vectors, n_outputs)
        Accumulators.
    saturated : float
        Share of saturated conversions.

    Examples
    --------
    An error of one unit in every output, of both signs alike, on outputs of +-100:

    >>> y = np.array([[100, -100], [100, -100]])
    >>> found = mvm_figures(y, y + np.array([[1, 1], [-1, -1]]))
    >>> found.eta, found.sigma, round(found.enob, 3), found.gain
    (0.01, 0.005, 6.351, 1.0)
    """
    y, error = exact.astype(np.float64), (analog - exact).astype(np.float64)
    peak, power = float(np.abs(y).max(initial=0.0)), float(np.square(y).sum())
    if peak == 0.0:
        return MvmFigures(None, None, None, None, None, None, None, saturated)
    square = float(np.square(error).sum())
    eta = math.sqrt(square / power)
    gain, offset, residual = _line(y, error)
    return MvmFigures(
        eta,
        _per_vector(y, error),
        float(error.std()) / (2.0 * peak),
        -math.log2(eta * math.sqrt(1.5)) if eta else None,
        gain,
        offset / peak,
        residual / math.sqrt(power / y.size),
        saturated,
    )


def _per_vector(y: Floats, error: Floats) -> float:
    size, off = np.linalg.norm(y, axis=1), np.linalg.norm(error, axis=1)
    driven = size > 0.0
    return float((off[driven] / size[driven]).mean())


def _line(y: Floats, error: Floats) -> tuple[float, float, float]:
    """Return gain, offset and RMS residual of the least squares of y + error against y."""
    centred = y - y.mean()
    spread = float(np.square(centred).sum())
    slope = float((centred * error).sum()) / spread if spread else 0.0
    offset = float(error.mean()) - slope * float(y.mean())
    return 1.0 + slope, offset, float(np.sqrt(np.square(error - slope * y - offset).mean()))
