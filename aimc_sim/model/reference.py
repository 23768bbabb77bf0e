"""The plain integer NumPy golden model, step by step, without tricks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from aimc_sim.model.equations import apply_layer, pool_result, s4d_step
from aimc_sim.model.layers import S4D, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints


@dataclass
class ReferenceState:
    """Where a reference run stands: next step, states and pooled sum of every sequence."""

    step: int
    x: dict[str, Ints]
    pooled: Ints


@dataclass(frozen=True)
class ReferenceResult:
    """Output codes of the reference.

    Parameters
    ----------
    y_code : int array, shape (n_sequences, n_classes)
        Codes of the last layer after the last valid step given.
    probes : mapping
        Layer name, or ``layer/x`` for a state, to codes [sequence, step, ...]; 0 where padded.
    state : ReferenceState
        Continues the run.
    """

    y_code: Ints
    probes: Mapping[str, Ints]
    state: ReferenceState


def first_state(model: Model, n_sequences: int) -> ReferenceState:
    """Return the state before the first step: zeros."""
    x = {
        layer.name: np.zeros((n_sequences, 2 if layer.is_complex else 1, layer.n_modes), np.int64)
        for layer in model.layers
        if isinstance(layer, S4D)
    }
    pool = model.layers[model.pool_index]
    width = model.widths[pool.input]
    return ReferenceState(0, x, np.zeros((n_sequences, width), dtype=np.int64))


def run_reference(
    model: Model,
    x_code: Ints,
    lengths: Ints | None = None,
    *,
    state: ReferenceState | None = None,
    probes: tuple[str, ...] = (),
    on_step: Callable[[int, dict[str, Ints]], None] | None = None,
) -> ReferenceResult:
    """Run the integer model over a batch.

    Parameters
    ----------
    model : Model
        What to compute.
    x_code : int array, shape (n_sequences, n_steps, n_input)
        Input codes.
    lengths : int array, optional
        Valid steps of each sequence, counted from the very first step; all by default.
    state : ReferenceState, optional
        Continue from here; `x_code` then holds the steps from ``state.step`` on.
    probes : tuple of str
        Layer names (output codes) and ``name/x`` (state codes) to record at every step.
    on_step : callable, optional
        Called with the step and the codes of every layer; for observers that keep no history.

    Examples
    --------
    See `aimc_sim.model.npz.write_model` for a model to run.
    """
    n, n_steps = x_code.shape[:2]
    state = state or first_state(model, n)
    first = state.step
    if lengths is None:
        lengths = np.full(n, first + n_steps, dtype=np.int64)
    x = {name: value.copy() for name, value in state.x.items()}
    pooled = state.pooled.copy()
    recorded = {name: _empty_probe(model, name, n, n_steps) for name in probes}
    for t in range(n_steps):
        rows = np.flatnonzero(lengths > first + t)
        values = _one_step(model, x_code[rows, t].astype(np.int64), x, rows, lengths)
        pool = model.layers[model.pool_index]
        assert isinstance(pool, Pool)
        if pool.rule == "last":
            pooled[rows] = values[pool.input]
        else:
            pooled[rows] += values[pool.input]
        for name, store in recorded.items():
            store[rows, t] = x[name[:-2]][rows] if name.endswith("/x") else values[name]
        if on_step:
            on_step(first + t, values)
    y_code = codes_after_pool(model, pooled, np.minimum(lengths, first + n_steps))
    return ReferenceResult(y_code, recorded, ReferenceState(first + n_steps, x, pooled))


def _one_step(
    model: Model, x_in: Ints, x: dict[str, Ints], rows: Ints, lengths: Ints
) -> dict[str, Ints]:
    values = {"input": x_in}
    for layer in model.layers[: model.pool_index]:
        source = values[layer.input]
        if isinstance(layer, S4D):
            values[layer.name], x[layer.name][rows] = s4d_step(layer, source, x[layer.name][rows])
        else:
            skip = values[layer.skip] if isinstance(layer, Residual) else None
            values[layer.name] = apply_layer(layer, source, model, lengths[rows], skip)
    return values


def codes_after_pool(model: Model, pooled: Ints, lengths: Ints) -> Ints:
    """Return the output codes of the last layer from pooled sums and valid steps."""
    pool = model.layers[model.pool_index]
    assert isinstance(pool, Pool)
    values = {pool.name: pool_result(pool, pooled, np.maximum(lengths, 1))}
    last = pool.name
    for layer in model.layers[model.pool_index + 1 :]:
        skip = values[layer.skip] if isinstance(layer, Residual) else None
        values[layer.name] = apply_layer(layer, values[layer.input], model, lengths, skip)
        last = layer.name
    return values[last]


def _empty_probe(model: Model, name: str, n: int, n_steps: int) -> Ints:
    if name.endswith("/x"):
        layer = model.by_name[name[:-2]]
        assert isinstance(layer, S4D)
        return np.zeros((n, n_steps, 2 if layer.is_complex else 1, layer.n_modes), dtype=np.int64)
    return np.zeros((n, n_steps, model.widths[name]), dtype=np.int64)


def classify(y_code: Ints) -> Ints:
    """Return the class of each sequence: argmax of its codes, lowest index on ties."""
    return np.asarray(np.argmax(y_code, axis=-1), dtype=np.int64)
