"""Pulse responses: what one SET or RESET pulse does to a device, in normalised weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from aimc_sim.devices.state import Array
from aimc_sim.spec import Source, Spec

Normals = Callable[[str], Array]
"""normals("dw_min"): standard normals of all cells, shape (n_cells,), one stream a name."""
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class PulsedCells:
    """What each device was made with; nothing of it changes while it is written.

    Parameters
    ----------
    w_min, w_max : float64 array, shape (n_cells,)
        Bounds of its weight.
    dw_up, dw_down : float64 array, same shape
        Size of a step at weight 0, >= 0.
    slope_up, slope_down : float64 array, same shape
        Share of that size that a unit of weight takes away.
    """

    w_min: Array
    w_max: Array
    dw_up: Array
    dw_down: Array
    slope_up: Array
    slope_down: Array

    def at(self, cells: npt.NDArray[np.intp]) -> PulsedCells:
        """Return those of some cells."""
        return PulsedCells(*(getattr(self, part.name)[cells] for part in fields(self)))


class PulseResponse(Spec):
    r"""What all responses have: a step, its spreads, and bounds; named as in aihwkit.

    Parameters
    ----------
    dw_min : float
        Mean step of one pulse at weight 0.
    dw_min_dtod : float
        Its spread from device to device, relative to it.
    dw_min_dtod_log_normal : bool
        Whether that spread is log-normal.
    dw_min_std : float
        Spread of a step from pulse to pulse, relative to it.
    up_down, up_down_dtod : float
        Asymmetry of the two directions, and its spread, relative to `dw_min`.
    w_min, w_max : float
        Mean bounds; they enclose 0.
    w_min_dtod, w_max_dtod : float
        Spread of the bounds from device to device, relative to them.
    write_noise_std : float
        Spread of the weight that is seen around the weight that pulses move, drawn anew at every
        pulse and kept until the next, in units of `dw_min`.
    source : Source
        Where the numbers come from.

    Notes
    -----
    With standard normals :math:`\xi`, each drawn once a device,

    .. math::
        \Delta w^\pm = \Delta w_{min}\,|g \pm r + \beta^\pm|,\qquad
        g = 1 + \sigma_{dtod}\xi \text{ or } e^{\sigma_{dtod}\xi},\qquad r = \sigma_{ud}\xi,

    :math:`\beta^+ = \min(\beta, 0)` and :math:`\beta^- = -\max(\beta, 0)` for `up_down`
    :math:`\beta`; :math:`b^{max} = |w_{max}(1 + \sigma\xi)|`,
    :math:`b^{min} = -|w_{min}(1 + \sigma\xi)|`.

    References
    ----------
    M. Rasch et al., AICAS 2021, arXiv:2104.02184; T. Gokmen, Y. Vlasov, Front. Neurosci. 2016,
    doi:10.3389/fnins.2016.00333; documentation of aihwkit's ``PulsedDevice``.
    """

    dw_min: float = Field(gt=0.0)
    dw_min_dtod: float = Field(default=0.0, ge=0.0)
    dw_min_dtod_log_normal: bool = False
    dw_min_std: float = Field(default=0.0, ge=0.0)
    up_down: float = 0.0
    up_down_dtod: float = Field(default=0.0, ge=0.0)
    w_min: float = Field(le=0.0)
    w_max: float = Field(ge=0.0)
    w_min_dtod: float = Field(default=0.0, ge=0.0)
    w_max_dtod: float = Field(default=0.0, ge=0.0)
    write_noise_std: float = Field(default=0.0, ge=0.0)
    source: Source

    def cells(self, normals: Normals) -> PulsedCells:
        """Return the devices that standard normals make."""
        top = self.w_max * (1.0 + self.w_max_dtod * normals("w_max"))
        bottom = self.w_min * (1.0 + self.w_min_dtod * normals("w_min"))
        w_min, w_max = -np.abs(np.minimum(bottom, top)), np.abs(np.maximum(bottom, top))
        spread = self.dw_min_dtod * normals("dw_min")
        gain = np.exp(spread) if self.dw_min_dtod_log_normal else 1.0 + spread
        r = self.up_down_dtod * normals("up_down")
        up = self.dw_min * np.abs(min(self.up_down, 0.0) + gain + r)
        down = self.dw_min * np.abs(-max(self.up_down, 0.0) + gain - r)
        return PulsedCells(w_min, w_max, up, down, *self.slopes(w_min, w_max, normals))

    def slopes(self, w_min: Array, w_max: Array, normals: Normals) -> tuple[Array, Array]:
        """Return `slope_up`, `slope_down` of each device: 0 where a step is constant."""
        return np.zeros_like(w_max), np.zeros_like(w_min)

    @abstractmethod
    def step(self, cells: PulsedCells, w: Array, up: Flags, z: Array) -> Array:
        """Return the weights after one pulse, before the bounds.

        Parameters
        ----------
        cells : PulsedCells
            The devices.
        w : float64 array, shape (n_cells,)
            Weights before the pulse.
        up : bool array, same shape
            SET (True) or RESET.
        z : float64 array, same shape
            Standard normals of this pulse.
        """


class ConstantStep(PulseResponse):
    r"""Steps of the same size everywhere.

    Notes
    -----
    .. math:: w \leftarrow w \pm \Delta w^\pm (1 + \sigma_{ctoc}\,\xi)

    References
    ----------
    Gokmen and Vlasov 2016; aihwkit's ``ConstantStepDevice``.
    """

    kind: Literal["constant_step"]

    def step(self, cells: PulsedCells, w: Array, up: Flags, z: Array) -> Array:
        """Return the weights after one pulse, before the bounds."""
        return _sloped(cells, w, up, z, self.dw_min_std, mult_noise=True)


class LinearStep(PulseResponse):
    r"""Steps that shrink linearly with the weight.

    Parameters
    ----------
    gamma_up, gamma_down : float
        Share of the step at weight 0 that is lost at the mean bound.
    gamma_up_dtod, gamma_down_dtod : float
        Their absolute spread from device to device.
    mult_noise : bool
        Whether the spread of a step shrinks with it, or is that of weight 0 everywhere.

    Notes
    -----
    .. math::
        w \leftarrow w \pm \Delta w^\pm (1 - s^\pm w)(1 + \sigma_{ctoc}\,\xi)
        \quad\text{or}\quad w \pm \Delta w^\pm (1 - s^\pm w + \sigma_{ctoc}\,\xi),

    :math:`s^+ = |\gamma^+ + \sigma\xi| / w_{max}`, :math:`s^- = |\gamma^- + \sigma\xi| / w_{min}`
    with the mean bounds (``mean_bound_reference``).

    References
    ----------
    aihwkit's ``LinearStepDevice``; Rasch et al. 2021.
    """

    kind: Literal["linear_step"]
    gamma_up: float = Field(ge=0.0)
    gamma_down: float = Field(ge=0.0)
    gamma_up_dtod: float = Field(default=0.0, ge=0.0)
    gamma_down_dtod: float = Field(default=0.0, ge=0.0)
    mult_noise: bool

    def slopes(self, w_min: Array, w_max: Array, normals: Normals) -> tuple[Array, Array]:
        """Return `slope_up`, `slope_down` of each device."""
        up = np.abs(self.gamma_up + self.gamma_up_dtod * normals("gamma_up"))
        down = np.abs(self.gamma_down + self.gamma_down_dtod * normals("gamma_down"))
        return _over(up, np.full_like(up, self.w_max)), _over(down, np.full_like(down, self.w_min))

    def step(self, cells: PulsedCells, w: Array, up: Flags, z: Array) -> Array:
        """Return the weights after one pulse, before the bounds."""
        return _sloped(cells, w, up, z, self.dw_min_std, mult_noise=self.mult_noise)


class SoftBounds(PulseResponse):
    r"""Steps that shrink to nothing at each device's own bounds.

    Parameters
    ----------
    mult_noise : bool
        Whether the spread of a step shrinks with it, or is that of weight 0 everywhere.

    Notes
    -----
    As `LinearStep` with :math:`s^+ = 1 / b^{max}` and :math:`s^- = 1 / b^{min}`. The fixed
    reference that aihwkit subtracts is another device, so not part of this one.

    References
    ----------
    aihwkit's ``SoftBoundsDevice``, ``SoftBoundsReferenceDevice``; N. Gong, M. Rasch et al.,
    IEDM 2022.
    """

    kind: Literal["soft_bounds"]
    mult_noise: bool

    def slopes(self, w_min: Array, w_max: Array, normals: Normals) -> tuple[Array, Array]:
        """Return `slope_up`, `slope_down` of each device."""
        return _over(np.ones_like(w_max), w_max), _over(np.ones_like(w_min), w_min)

    def step(self, cells: PulsedCells, w: Array, up: Flags, z: Array) -> Array:
        """Return the weights after one pulse, before the bounds."""
        return _sloped(cells, w, up, z, self.dw_min_std, mult_noise=self.mult_noise)


def _over(value: Array, bound: Array) -> Array:
    """Return value / bound, and 0 where the bound is 0."""
    return np.divide(value, bound, out=np.zeros_like(value), where=bound != 0.0)


def _sloped(
    cells: PulsedCells, w: Array, up: Flags, z: Array, std: float, *, mult_noise: bool
) -> Array:
    dw = np.where(up, cells.dw_up, -cells.dw_down)
    size = 1.0 - np.where(up, cells.slope_up, cells.slope_down) * w
    noisy = size * (1.0 + std * z) if mult_noise else size + std * z
    return np.asarray(w + dw * noisy)
