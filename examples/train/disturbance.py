"""What chips make of the codes of now: errors to train against, from the simulator's own devices.

The integer model of now is mapped, chips are programmed, aged and calibrated as their file says,
and the codes that their conductances stand for are read back (`aimc_sim.analysis.effective`). What
differs from the codes asked for is the error: writing, drift, the clip of a range, lasting 1/f
noise, what is left after a digital gain. No law of a device is written a second time here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from integer_model import IntegerModel
from recurrence import S4DLayer
from stateless import LinearLayer
from torch import Tensor

from aimc_sim import calibrate, map_model, program
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
                tensor: _placed(net, name, tensor, values[i if len(values) > 1 else 0])
                for tensor, values in tensors.items()
            }
            for name, tensors in found.items()
        }


def _placed(net: IntegerModel, layer: str, tensor: str, values: np.ndarray) -> Tensor:
    """Return the errors of a tensor as its module lays it out."""
    part = net.parts[layer]
    if isinstance(part, LinearLayer):
        return torch.from_numpy(values)
    flat = values.reshape(len(values), -1)  # modes, elements of a mode
    flat = np.vstack([flat, np.zeros((1, flat.shape[1]))])
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(flat[part.place], -1, 0)))


class ChipErrors:
    """Before each batch another chip: programmed anew with the codes of now, in every epoch.

    Parameters
    ----------
    net
        The model that is trained.
    chip
        On which chip.
    age_s
        Time since the reference read that the model is to bear [s].
    n_chips
        Chips that are programmed together; after so many batches others are, with the codes of
        then.
    """

    def __init__(self, net: IntegerModel, chip: Chip, age_s: float, n_chips: int = 25) -> None:
        self.net, self.chip, self.age_s, self.n_chips = net, chip, age_s, n_chips
        self.errors: list[Errors] = []

    def __call__(self, epoch_seed: int, batch: int) -> None:
        """Let the next forward pass compute on a chip; which one, follows from the two numbers."""
        place = batch % self.n_chips
        if place == 0:
            disturb(self.net, None)
            seed = 100_000 * epoch_seed + batch
            tiles = programmed(self.net, self.chip, self.n_chips, seed, self.age_s)
            self.errors = list(errors_of(self.net, tiles, self.age_s, seed))
        disturb(self.net, self.errors[place])


def disturb(net: IntegerModel, errors: Errors | None) -> None:
    """Let the forward pass compute with these errors; None: with the codes as they are."""
    for name, part in net.parts.items():
        if hasattr(part, "errors"):
            part.errors = dict((errors or {}).get(name, {}))
