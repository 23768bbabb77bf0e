"""What the matrices of a model are driven with: random codes, or the model's own activations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from aimc_sim.analysis.random_codes import normal_codes, one_layer
from aimc_sim.data import Data
from aimc_sim.mapping.matrix import Phase
from aimc_sim.model.equations import apply_layer, pool_result
from aimc_sim.model.layers import S4D, Linear, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.reference import ReferenceState, first_state, run_reference
from aimc_sim.model.signal import Ints
from aimc_sim.rng import stream
from aimc_sim.spec import InputError, nearest

_CHUNK = 16  # steps of the reference that are kept at a time


@dataclass(frozen=True)
class LayerInputs:
    """What drives the matrices of a layer, one row a vector.

    Parameters
    ----------
    u : int array, shape (n_vectors, n)
        Codes of its input.
    x, x_new : int array, shape (n_vectors, parts * n_modes), optional
        State codes before and after the step, of an S4D layer.
    """

    u: Ints
    x: Ints | None = None
    x_new: Ints | None = None


@dataclass(frozen=True)
class Workload:
    """Weights and the vectors that they are multiplied with.

    Parameters
    ----------
    model : Model
        Holds the weights.
    inputs : mapping
        ``layer -> LayerInputs`` of every layer to be measured.
    n_vectors : int
        Vectors.
    options : mapping
        How it was made, plain data.
    """

    model: Model
    inputs: Mapping[str, LayerInputs]
    n_vectors: int
    options: Mapping[str, object]

    def of(self, layer: str, phase: Phase) -> tuple[Ints, ...]:
        """Return the codes of the vectors that a phase drives, each (n_vectors, n)."""
        given, kernel = self.inputs[layer], self.model.by_name[layer]
        late = isinstance(kernel, S4D) and kernel.readout == "new" and phase.name == "C"
        state = given.x_new if late else given.x
        found = [given.u if name == "u" else state for name in phase.drives]
        return tuple(codes for codes in found if codes is not None)


def random_workload(
    n_wordlines: int,
    n_columns: int,
    n_vectors: int = 256,
    *,
    seed: int = 0,
    weight_bits: int = 8,
    input_bits: int = 8,
    inputs: Literal["uniform", "normal"] = "normal",
) -> Workload:
    """Return one random matrix and random input vectors.

    Parameters
    ----------
    n_wordlines, n_columns : int
        Size of the matrix.
    n_vectors : int
        Input vectors.
    seed : int
        Names the draws; a smaller matrix is a corner of a larger one, and fewer vectors are the
        first of more.
    weight_bits, input_bits : int
        Widths of the signed codes.
    inputs : {"uniform", "normal"}
        Input codes uniform over their range, or normal with `CLIP_SIGMA` at its end.

    Returns
    -------
    Workload
        Weights are standard normal, clipped at `CLIP_SIGMA`, which is the largest code.

    Examples
    --------
    >>> work = random_workload(4, 2, 3, weight_bits=6)
    >>> work.model.layers[0].weight.shape, work.inputs["random"].u.shape
    ((4, 2), (3, 4))
    """
    weight = normal_codes(stream(seed, "mvm", "weights"), n_wordlines, n_columns, weight_bits)
    if inputs == "normal":
        u = normal_codes(stream(seed, "mvm", "inputs"), n_vectors, n_wordlines, input_bits)
    else:
        u = _uniform_codes(seed, n_vectors, n_wordlines, input_bits)
    options = {
        "kind": "random", "size": [n_wordlines, n_columns], "weight_bits": weight_bits,
        "input_bits": input_bits, "inputs": inputs,
    }  # fmt: skip
    model = one_layer(weight, weight_bits, input_bits, output_bits=24, name="random")
    return Workload(model, {"random": LayerInputs(u)}, n_vectors, options)


def model_workload(
    model: Model, data: Data, n_vectors: int = 256, *, seed: int = 0, layer: str | None = None
) -> Workload:
    """Return a model's own weights, and what its integer reference drives them with.

    Parameters
    ----------
    model : Model
        Weights.
    data : Data
        Sequences that the reference runs.
    n_vectors : int
        (sequence, step) pairs to take: sequences evenly over the data, one step of each time,
        drawn over its valid steps. Layers behind the pool take the sequences of those pairs.
    seed : int
        Names the draws of the steps.
    layer : str, optional
        This layer alone.

    Raises
    ------
    InputError
        No such layer, or it holds no matrix.
    """
    wanted = [item.name for item in model.layers if isinstance(item, (Linear, S4D))]
    if layer is not None and layer not in wanted:
        near = nearest(layer, wanted)
        hint = f"; did you mean {near!r}" if near else ""
        raise InputError(f"layer: found {layer!r}{hint}; with matrices: {', '.join(wanted)}")
    wanted = wanted if layer is None else [layer]
    sequence = np.arange(n_vectors) * len(data) // n_vectors
    u = stream(seed, "mvm", "steps").uniform(n_vectors)
    step = np.floor(u * data.lengths[sequence]).astype(np.int64)
    codes = _reference_codes(model, data, wanted, sequence, step)
    options = {"kind": "model", "layers": wanted, "n_sequences": len(np.unique(sequence))}
    return Workload(model, codes, n_vectors, options)


def _uniform_codes(seed: int, n_rows: int, n_cols: int, bits: int) -> Ints:
    named = stream(seed, "mvm", "inputs")
    u = np.stack([named.uniform(n_cols, sequence=i) for i in range(n_rows)])
    return np.floor(u * (1 << bits)).astype(np.int64) - (1 << (bits - 1))


def _reference_codes(
    model: Model, data: Data, wanted: list[str], sequence: Ints, step: Ints
) -> dict[str, LayerInputs]:
    """Run the reference and keep what drives some layers at some (sequence, step) pairs."""
    rows, row = np.unique(sequence, return_inverse=True)
    x_code, lengths = data.x_code[rows], data.lengths[rows]
    before = [item.name for item in model.layers[: model.pool_index] if item.name in wanted]
    kernels = [name for name in before if isinstance(model.by_name[name], S4D)]
    sources = {name: model.by_name[name].input for name in before}
    probes = {s for s in sources.values() if s != "input"} | {f"{name}/x" for name in kernels}
    kept: dict[str, Ints] = {}
    state = first_state(model, len(rows))
    for start in range(0, int(lengths.max()), _CHUNK):
        part = x_code[:, start : start + _CHUNK].astype(np.int64)
        last = {name: state.x[name] for name in kernels}
        found = run_reference(model, part, lengths, state=state, probes=tuple(sorted(probes)))
        here = (step >= start) & (step < start + _CHUNK)
        at = row[here], step[here] - start
        states = {
            f"{name}/x before": np.concatenate(
                [last[name][:, None], found.probes[f"{name}/x"][:, :-1]], axis=1
            )
            for name in kernels
        }
        for name, codes in {"input": part, **found.probes, **states}.items():
            flat = codes.reshape(*codes.shape[:2], -1)
            store = kept.setdefault(name, np.zeros((len(step), flat.shape[2]), dtype=np.int64))
            store[here] = flat[at]
        state = found.state
    inputs = {
        name: LayerInputs(kept[source], kept.get(f"{name}/x before"), kept.get(f"{name}/x"))
        for name, source in sources.items()
    }
    later = _behind_the_pool(model, state, lengths)
    return inputs | {
        name: LayerInputs(later[model.by_name[name].input][row])
        for name in wanted if name not in inputs
    }  # fmt: skip


def _behind_the_pool(model: Model, state: ReferenceState, lengths: Ints) -> dict[str, Ints]:
    """Return the codes of the pool and of every layer behind it."""
    pool = model.layers[model.pool_index]
    assert isinstance(pool, Pool)
    values = {pool.name: pool_result(pool, state.pooled, lengths)}
    for item in model.layers[model.pool_index + 1 :]:
        skip = values[item.skip] if isinstance(item, Residual) else None
        values[item.name] = apply_layer(item, values[item.input], model, lengths, skip)
    return values
