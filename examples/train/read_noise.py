"""What reads add to sums, by the simulator's own devices and converters: variances and ranges.

Read noise of a cell goes with its input: the variance of a sum is ``x^2 V + q``, V that of the
cells' codes at every read, q that of the converters' rounding. For S4D layers both are those of
`aimc_sim.analysis.kernel_errors`; for linear layers they are taken from the bound reads themselves,
and so is the range where one conversion gives a sum.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from codes import real
from integer_model import IntegerModel
from recurrence import S4DLayer
from stateless import LinearLayer
from torch import Tensor

from aimc_sim.analysis.device_moments import DeviceMoments
from aimc_sim.analysis.kernel_errors import converter_variance, kernel_errors_of
from aimc_sim.crossbar.bind import bind_phase
from aimc_sim.crossbar.setting import ReadSetting
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.mapping.plan import LayerPlan

ROUNDING = 1.0 / 12.0
"""Variance of rounding a code, which the forward pass does itself."""


@dataclasses.dataclass(frozen=True)
class Reads:
    """Noise and range of the reads of one layer.

    Parameters
    ----------
    variances
        Of the codes of each tensor, and of what converters add to state and outputs.
    full_scale
        Largest sum of each output that its converter gives; None where sums are made of several
        conversions.
    """

    variances: Mapping[str, Tensor]
    full_scale: Tensor | None = None


def reads_of(
    net: IntegerModel, tiles: Tiles, age_s: float, moments: DeviceMoments
) -> dict[str, Reads]:
    """Return the reads of all layers on the first chip.

    Parameters
    ----------
    net
        The model that was programmed.
    tiles
        Programmed and calibrated chips.
    age_s
        Time since the reference read [s].
    moments
        Of the device at that age.
    """
    found = {}
    model = net.model_now()
    for layer, plan in zip(model.layers, tiles.plan.layers, strict=True):
        part = dict(net.parts.items()).get(layer.name)
        if isinstance(part, LinearLayer):
            found[layer.name] = _of_linear(plan, tiles, age_s, layer.weight.shape)
        elif isinstance(part, S4DLayer):
            errors = kernel_errors_of(layer, plan, model, tiles, age_s, moments)
            read = errors.per_read
            state = np.maximum(errors.q_state - ROUNDING, 0.0)
            found[layer.name] = Reads(
                {
                    "A": part.placed(read.A),
                    "B": part.placed(read.B),
                    "state": part.placed(state),
                    "C": part.placed(read.C),
                    "output": real(np.maximum(errors.q_output - ROUNDING, 0.0)),
                }
            )
    return found


def _of_linear(plan: LayerPlan, tiles: Tiles, age_s: float, shape: tuple[int, int]) -> Reads:
    """Return the reads of a weight matrix, from its bound phases."""
    (m,) = plan.matrices
    setting = ReadSetting(tiles, tiles.chips[0], age_s, seed=0)
    variance, rounding = np.zeros(shape), np.zeros(shape[1])
    ends = []
    for phase in m.matrix.phases:
        bound = bind_phase(setting, m, phase)
        rounding += converter_variance(bound)
        for read in bound.reads:
            if read.variance is not None:
                n, driven = len(read.out), read.gather < shape[0]
                at = np.ix_(read.gather[driven], read.out)
                np.add.at(variance, at, read.variance[driven, :n] * np.square(read.weight[:n]))
            ends += [(read, part) for part in read.slices]
    if len(ends) != 1 or ends[0][0].n_reference:
        return Reads({"weight": real(variance), "output": real(rounding)})
    ((read, part),) = ends
    full_scale = np.empty(shape[1])
    full_scale[read.out] = np.abs(read.weight) * part.lsb * part.code_max
    return Reads({"weight": real(variance), "output": real(rounding)}, real(full_scale))


def set_reads(net: IntegerModel, reads: Mapping[str, Reads], share: float = 1.0) -> None:
    """Let the forward pass read with this noise, its spread times `share`; {}: exactly."""
    for name, part in net.parts.items():
        if isinstance(part, (LinearLayer, S4DLayer)):
            found = reads.get(name, Reads({}))
            part.variances = {key: v * share**2 for key, v in found.variances.items()}
            if isinstance(part, LinearLayer):
                part.full_scale = found.full_scale


def seeded(*path: int) -> None:
    """Seed the Gaussians of the forward pass by a name."""
    torch.manual_seed(int(np.random.SeedSequence(path).generate_state(1)[0]))
