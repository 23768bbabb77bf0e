"""What `run` refuses before the first step, each in one line."""

from __future__ import annotations

import numpy as np

from aimc_sim.crossbar.ranges import check_calibrated
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.data import Data
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.runner.state import RunState
from aimc_sim.spec import InputError


def check_call(model: Model, tiles: Tiles, probes: tuple[str, ...], seed: int, batch: int) -> None:
    """Refuse tiles of another model, numbers out of range and probes that no layer has.

    Raises
    ------
    InputError
        One line: what was found, what is allowed.
    """
    if tiles.plan.model_digest != model.digest:
        raise InputError("tiles: they hold another model; map and program this one")
    check_calibrated(tiles.plan)
    if seed < 0 or batch < 1:
        raise InputError(
            f"run: found seed {seed}, batch_size {batch}; expected seed >= 0, batch_size >= 1"
        )
    layers = model.layers[: model.pool_index]
    known = [layer.name for layer in layers]
    known += [f"{layer.name}/x" for layer in layers if isinstance(layer, S4D)]
    for name in probes:
        if name not in known:
            raise InputError(f"probe {name!r} is unknown; allowed: {', '.join(known)}")


def check_data(model: Model, tiles: Tiles, data: Data, state: RunState | None) -> None:
    """Refuse valid codes outside the input's range, and data or a state of another shape.

    Raises
    ------
    InputError
        One line: what was found, what is allowed.
    """
    n, n_steps, n_channels = data.x_code.shape
    if n_channels != model.n_input:
        raise InputError(f"data: found {n_channels} channels; the model has {model.n_input}")
    if state is not None and (
        len(state.reference_y_code) != n or set(tiles.chips) - {*state.chips}
    ):
        raise InputError(
            f"state: it holds {len(state.reference_y_code)} sequences on chips "
            f"{', '.join(map(str, state.chips))}; found {n} sequences on chips "
            f"{', '.join(map(str, tiles.chips))}"
        )
    first = state.step if state else 0
    valid = np.arange(first, first + n_steps)[None, :] < data.lengths[:, None]
    codes, signal = data.x_code[valid], model.input
    if codes.size and (codes.min() < signal.code_min or codes.max() > signal.code_max):
        raise InputError(
            f"data: found codes {codes.min()}..{codes.max()}; "
            f"allowed {signal.code_min}..{signal.code_max}"
        )
