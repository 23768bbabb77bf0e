"""Single-pulse devices: written by a loop of pulses and verify reads, from a pulse response."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from aimc_sim.devices.base import DeviceBase, WriteVerify
from aimc_sim.devices.laws import check_age
from aimc_sim.devices.noise import ReadNoise
from aimc_sim.devices.pulsed_exp import ExpStep
from aimc_sim.devices.pulsed_loop import Cells, Moved, write_verify
from aimc_sim.devices.pulsed_response import (
    ConstantStep,
    Flags,
    LinearStep,
    Normals,
    PulsedCells,
    SoftBounds,
)
from aimc_sim.devices.state import Array, DeviceState, Draw, Writing
from aimc_sim.spec import Source, Spec

Response = Annotated[ConstantStep | LinearStep | SoftBounds | ExpStep, Field(discriminator="kind")]


class FullReset(Spec):
    """A RESET that is not gradual: it brings a device to the bottom, wherever it was.

    Parameters
    ----------
    weight : float
        Mean weight after a RESET.
    dtod, std : float
        Spread of it from device to device, and from one RESET to the next, in weight.
    source : Source
        Where the numbers come from.
    """

    weight: float
    dtod: float = Field(ge=0.0)
    std: float = Field(ge=0.0)
    source: Source


class PulsedDevice(DeviceBase):
    r"""A device known by what one pulse does to it.

    Parameters
    ----------
    response : ConstantStep, LinearStep, SoftBounds or ExpStep
        One pulse, in normalised weights.
    w_at_g_min, w_at_g_max : float
        Weights that `g_min_S` and `g_max_S` stand for; a straight line through both maps all
        others. Weights of devices with narrow bounds may lie outside, and fail.
    range_source : Source
        Where the conductances of those weights come from.
    write_verify : WriteVerify
        The loop.
    start_weight : float, optional
        Weight of every device before the first verify read; by default its own lower bound.
    reset : FullReset, optional
        For devices whose RESET is not gradual; a device then also starts from one.
    sigma_read_S : float, optional
        White read noise [S]; verify reads are taken long enough not to have it.
    read_source : Source, optional
        Where that comes from.

    Notes
    -----
    .. math::
        g = g_{min} + (w - w_{g_{min}}) \frac{g_{max} - g_{min}}{w_{g_{max}} - w_{g_{min}}}

    Weights stay within each device's bounds, conductances at or above 0 S; `n_clipped` of a state
    counts the cells whose last pulse met one of these. There is no drift: none is published with
    pulse responses.

    Examples
    --------
    >>> from aimc_sim.devices.io import device_model_path, load_device
    >>> device = load_device(device_model_path("pulse_gokmen_vlasov2016")).device
    >>> round(float(device.conductance_S(np.zeros(1))[0]) * 1e6, 6)
    50.0
    """

    kind: Literal["pulsed"]
    statistic: Literal["single_pulse"]
    response: Response
    w_at_g_min: float
    w_at_g_max: float
    range_source: Source
    write_verify: WriteVerify
    start_weight: float | None = None
    reset: FullReset | None = None
    sigma_read_S: float | None = Field(default=None, ge=0.0)
    read_source: Source | None = None
    set_pulses_mean: Literal[0] = 0
    reset_pulses_mean: Literal[0] = 0
    verify_reads_mean: Literal[0] = 0

    @model_validator(mode="after")
    def _weights_are_within_the_bounds(self) -> PulsedDevice:
        low, high = self.response.w_min, self.response.w_max
        if not low <= self.w_at_g_min < self.w_at_g_max <= high:
            raise ValueError(
                f"w_at_g_min, w_at_g_max: found {self.w_at_g_min:g} and {self.w_at_g_max:g}; "
                f"must rise and lie within the bounds {low:g} to {high:g}"
            )
        if self.reset is not None and self.start_weight is not None:
            raise ValueError("start_weight: a device with a full reset starts from one")
        if (self.sigma_read_S is None) != (self.read_source is None):
            raise ValueError("sigma_read_S and read_source go together")
        return self

    @property
    def slope_S(self) -> float:
        """Conductance of a unit of weight [S]."""
        return (self.g_max_S - self.g_min_S) / (self.w_at_g_max - self.w_at_g_min)

    def conductance_S(self, w: Array) -> Array:
        """Return the conductances of weights [S]; below 0 where the line goes there."""
        return self.g_min_S + (w - self.w_at_g_min) * self.slope_S

    def program(self, g_target_S: npt.ArrayLike, draw: Draw) -> DeviceState:
        """Write the targets [S] with exact verify reads.

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        return self.write(g_target_S, draw, 0.0)

    def write(self, g_target_S: npt.ArrayLike, draw: Draw, verify_step_S: float) -> DeviceState:
        """Write the targets [S] in a loop; verify reads are rounded to `verify_step_S` (0: exact).

        Raises
        ------
        InputError
            A target outside [g_min_S, g_max_S].
        """
        g_S = self.checked_target(g_target_S)

        def normals(source: str) -> Array:
            return draw(source).reshape(-1).astype(np.float64)

        array = _Array(self, self.response.cells(normals), normals, self._bottom(normals))
        end, writing = write_verify(
            g_S.reshape(-1), array.start(), array.pulse, self.write_verify, verify_step_S
        )
        return DeviceState(
            g_S,
            end.g_S.reshape(g_S.shape),
            None,
            None,
            int(np.count_nonzero(end.cut)),
            writing=_shaped(writing, g_S.shape),
        )

    def _bottom(self, normals: Normals) -> Array | None:
        if self.reset is None:
            return None
        return np.asarray(self.reset.weight + self.reset.dtod * normals("reset"))

    def drift(self, state: DeviceState, t_s: float) -> Array:
        """Return the conductances `t_s` [s] after the last verify read: unchanged [S]."""
        check_age(t_s)
        return state.g_programmed_S.copy()

    def read_noise(self, state: DeviceState, g_S: Array, t_s: float) -> ReadNoise:
        """Return white noise, the same at every conductance, where a spread is given."""
        check_age(t_s)
        if self.sigma_read_S is None:
            return ReadNoise()
        return ReadNoise(np.full(g_S.shape, self.sigma_read_S))


def _shaped(writing: Writing, shape: tuple[int, ...]) -> Writing:
    parts = (getattr(writing, part.name).reshape(shape) for part in fields(writing))
    return Writing(*parts)


@dataclass(frozen=True)
class _Array:
    """Devices as made, the normals of their pulses, and where a full reset brings each."""

    device: PulsedDevice
    cells: PulsedCells
    normals: Normals
    bottom: Array | None

    def start(self) -> Moved:
        """Return all cells before the first read: nothing has been cut yet."""
        everyone, w_start = np.arange(self.cells.w_min.size), self.device.start_weight
        w = self.cells.w_min if w_start is None else np.full_like(self.cells.w_min, w_start)
        if self.bottom is not None:
            w = self._after_reset(self.bottom, self.normals("pulse/0"))
        moved = self._bounded(0, everyone, self.cells, w)
        return Moved(moved.w, moved.g_S, np.zeros_like(moved.cut))

    def pulse(self, i: int, at: Cells, w: Array, up: Flags) -> Moved:
        """Return cells after their pulse number i."""
        cells, z = self.cells.at(at), self.normals(f"pulse/{i}")[at]
        stepped = self.device.response.step(cells, w, up, z)
        if self.bottom is not None:
            stepped = np.where(up, stepped, self._after_reset(self.bottom[at], z))
        return self._bounded(i, at, cells, stepped)

    def _after_reset(self, bottom: Array, z: Array) -> Array:
        std = self.device.reset.std if self.device.reset is not None else 0.0
        return bottom + std * z

    def _bounded(self, i: int, at: Cells, cells: PulsedCells, w: Array) -> Moved:
        """Return weights within their bounds, and the conductances that are seen of them."""
        device = self.device
        w_dark = device.w_at_g_min - device.g_min_S / device.slope_S
        kept = np.clip(w, np.maximum(cells.w_min, w_dark), cells.w_max)
        g_S, noise = device.conductance_S(kept), device.response.write_noise_std
        if noise:
            z = self.normals(f"write_noise/{i}")[at]
            g_S = g_S + noise * device.response.dw_min * device.slope_S * z
        seen_S = np.maximum(g_S, 0.0)
        return Moved(kept, seen_S, (kept != w) | (seen_S != g_S))
