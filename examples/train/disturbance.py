"""What chips make of the codes of now: errors to train against, from the simulator's own devices.

The integer model of now is mapped, chips are programmed, aged and calibrated as their file says,
and the codes that their conductances stand for are read back (`aimc_sim.analysis.effective`). What
differs from the codes asked for is the error: writing, drift, the clip of a range, lasting 1/f
noise, what is left after a digital gain. No law of a device is written a second time here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from integer_model import IntegerModel
from read_noise import Reads, reads_of, seeded, set_reads
from recurrence import S4DLayer
from stateless import LinearLayer
from torch import Tensor, nn

from aimc_sim import calibrate, map_model, program
from aimc_sim.analysis.device_moments import DeviceMoments, device_moments
from aimc_sim.analysis.effective import codes_read, quantised_codes
from aimc_sim.analysis.snr_monte_carlo import Lasting
from aimc_sim.analysis.tile_codes import Pair, codes_at
from aimc_sim.chip import Chip
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.mapping.plan import MatrixPlan

Errors = Mapping[str, Mapping[str, Tensor]]
"""Layer, tensor, codes by which a chip is off."""


def programmed(net: IntegerModel, chip: Chip, n_chips: int, seed: int, age_s: float) -> Tiles:
    """Return chips that hold the codes of now, calibrated where their file asks for it."""
    plan = map_model(net.model_now(), chip.hardware)
    tiles = program(plan, chip.hardware, seed=seed, n_chips=n_chips)
    return calibrate(tiles, age_s=age_s, seed=seed)


def errors_of(net: IntegerModel, tiles: Tiles, age_s: float, seed: int = 0) -> Iterator[Errors]:
    """Yield for each chip the errors of all layers.

    1/f noise that lasts over many steps is in them as if it lasted for the whole sequence.

    Parameters
    ----------
    net
        The model that was programmed.
    tiles
        From `programmed`.
    age_s
        Time since the reference read [s].
    seed
        Of the noise.
    """
    g_of = Lasting(tiles, age_s, seed)

    def read(m: MatrixPlan, pair: Pair, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        return codes_at(m, tiles, age_s, pair, rows, cols, corrected=True, g_of=g_of)

    found: dict[str, dict[str, np.ndarray]] = {}
    model = net.model_now()
    for layer, plan in zip(model.layers, tiles.plan.layers, strict=True):
        part = dict(net.parts.items()).get(layer.name)
        if isinstance(part, S4DLayer):
            exact = quantised_codes(layer)
            analog = codes_read(layer, plan, model, tiles, read, corrected=True)
            found[layer.name] = {
                name: getattr(analog, name) - getattr(exact, name) for name in "ABC"
            }
        elif isinstance(part, LinearLayer):
            (m,) = plan.matrices
            rows, cols = np.indices(layer.weight.shape)
            pair = (m.matrix.inputs[0].name, m.matrix.outputs[0].name)
            found[layer.name] = {"weight": read(m, pair, rows, cols) - layer.weight}
    for i in range(len(tiles.chips)):
        yield {
            name: {
                tensor: _placed(net.parts[name], values[i if len(values) > 1 else 0])
                for tensor, values in tensors.items()
            }
            for name, tensors in found.items()
        }


def _placed(part: nn.Module, values: np.ndarray) -> Tensor:
    """Return the errors of a tensor as its module lays it out."""
    return part.placed(values) if isinstance(part, S4DLayer) else torch.from_numpy(values)


@dataclasses.dataclass(frozen=True)
class Target:
    """The chips that a model is trained against.

    Parameters
    ----------
    chip
        Of which kind.
    age_s
        Time since the reference read that the model is to bear [s].
    ramp_epochs
        Epochs over which errors and noise grow to their full size; 0: at once.
    n_chips
        Chips that are programmed together, and take turns.
    n_batches
        Batches after which others are programmed, with the codes of then.
    """

    chip: Chip
    age_s: float = 0.0
    ramp_epochs: int = 0
    n_chips: int = 8
    n_batches: int = 24


class ChipErrors:
    """Before each batch another chip: programmed anew with the codes of now, in every epoch.

    Writing, drift and lasting noise are errors of the codes, one set a batch. Read noise and the
    rounding of converters are drawn at every step; their size is that of the codes at the start of
    the epoch.
    """

    def __init__(self, net: IntegerModel, target: Target) -> None:
        self.net, self.target = net, target
        self.errors: list[Errors] = []
        self.reads: dict[str, Reads] = {}
        self.moments: DeviceMoments | None = None

    def __call__(self, epoch_seed: int, batch: int) -> None:
        """Let the next forward pass compute on a chip; which one, follows from the two numbers."""
        net, target, age_s = self.net, self.target, self.target.age_s
        place = batch % target.n_batches
        share = min(1.0, (epoch_seed % 1000 + 1) / max(target.ramp_epochs, 1))
        if place == 0:
            disturb(net, None)
            seed = 100_000 * epoch_seed + batch
            tiles = programmed(net, target.chip, target.n_chips, seed, age_s)
            self.errors = list(errors_of(net, tiles, age_s, seed))
            if batch == 0:
                self.moments = self.moments or device_moments(tiles, age_s)
                self.reads = reads_of(net, tiles, age_s, self.moments)
        seeded(epoch_seed, batch)
        disturb(net, self.errors[place % target.n_chips], share)
        set_reads(net, self.reads, share)


class GaussianErrors:
    """Before each batch Gaussian errors of the weights, relative to the largest code of a tensor.

    Parameters
    ----------
    net
        The model that is trained.
    sigma
        Spread of ``A``, ``B``, ``C`` and ``weight``, relative to the largest code in use.
    """

    def __init__(self, net: IntegerModel, sigma: Mapping[str, float]) -> None:
        self.net, self.sigma = net, sigma

    def __call__(self, epoch_seed: int, batch: int) -> None:
        """Draw errors for the next forward pass; which, follows from the two numbers."""
        seeded(epoch_seed, batch)
        errors = {}
        for name, part in self.net.parts.items():
            if isinstance(part, S4DLayer):
                codes = {"A": part.block(), "B": part.B(), "C": part.C()}
            elif isinstance(part, LinearLayer):
                codes = {"weight": part.weight()}
            else:
                continue
            errors[name] = {
                tensor: self.sigma.get(tensor, 0.0)
                * code.detach().abs().max()
                * torch.randn_like(code)
                for tensor, code in codes.items()
            }
        disturb(self.net, errors)


def disturb(net: IntegerModel, errors: Errors | None, share: float = 1.0) -> None:
    """Let the forward pass compute with a share of these errors; None: with exact codes."""
    for name, part in net.parts.items():
        if hasattr(part, "errors"):
            found = (errors or {}).get(name, {})
            part.errors = {tensor: share * value for tensor, value in found.items()}
    if errors is None:
        set_reads(net, {})
