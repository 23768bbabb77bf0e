"""Whether a model can run exactly: wiring, code ranges, 64-bit bounds, poles; one line a fault."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch
from itertools import takewhile

import numpy as np

from aimc_sim.model.bounds import (
    M_LIMIT,
    MAX_BITS,
    MAX_FINAL_BITS,
    bound_fault,
    code_fault,
    per_channel,
    requant_fault,
    table_fault,
    weight_fault,
)
from aimc_sim.model.check_s4d import s4d_faults
from aimc_sim.model.layers import GLU, S4D, Affine, Layer, LayerNorm, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.spec import InputError


def check_model(model: Model, where: str) -> None:
    """Raise an `InputError` for the first thing that is wrong with a model.

    Parameters
    ----------
    model : Model
        To be checked.
    where : str
        File name for the message.
    """
    for fault in faults(model):
        raise InputError(f"{where}: {fault}")


def faults(model: Model) -> Iterator[str]:
    """Yield every fault found, in order of the layers, each in one line."""
    yield from _wiring(model)
    for layer in model.layers:
        bits = layer.output.bits
        final = layer is model.layers[-1] or isinstance(layer, Pool)
        if bits > (MAX_FINAL_BITS if final else MAX_BITS):
            yield f"layer {layer.name!r}: output: found {bits} bits; at most {MAX_BITS} inside"
        yield from layer_faults(layer, model)


def _wiring(model: Model) -> Iterator[str]:
    pools = [layer.name for layer in model.layers if isinstance(layer, Pool)]
    if len(pools) != 1:
        yield f"header: found {len(pools)} layers of kind 'pool'; expected exactly one"
        return
    seen, pooled = {"input"}, False
    for layer in model.layers:
        if layer.name in seen:
            yield f"header: layer name {layer.name!r} is given twice"
        sources = (layer.input, layer.skip) if isinstance(layer, Residual) else (layer.input,)
        for source in sources:
            if source not in seen:
                where = "after the pool" if pooled else "here"
                yield (
                    f"header: layer {layer.name!r} takes {source!r}; "
                    f"known {where}: {', '.join(sorted(seen))}"
                )
                return
        if isinstance(layer, S4D) and pooled:
            yield f"header: layer {layer.name!r}: an S4D after the pool has no steps to run over"
        if isinstance(layer, Pool):
            seen, pooled = set(), True
        seen.add(layer.name)


@singledispatch
def layer_faults(layer: Layer, model: Model) -> Iterator[str]:
    """Yield the faults of one layer."""
    raise TypeError(f"no checks for {type(layer).__name__}")


@layer_faults.register
def _(layer: Linear, model: Model) -> Iterator[str]:
    yield from weight_fault(f"{layer.name}.weight", layer.weight, layer.weight_bits)
    yield from code_fault(f"{layer.name}.bias", layer.bias, -(1 << 53), 1 << 53)
    yield from requant_fault(layer.name, layer.requant)
    before = takewhile(lambda other: other is not layer, model.layers)
    if layer.bias_times_length and "sum" not in [p.rule for p in before if isinstance(p, Pool)]:
        yield (
            f"layer {layer.name!r}: bias_times_length is true; allowed only after a pool of "
            f"rule 'sum'"
        )
    peak = np.abs(layer.weight).sum(axis=0) * model.signal(layer.input).magnitude
    peak = peak + np.abs(layer.bias)
    m, k = per_channel(layer.requant.m, layer.n_out), per_channel(layer.requant.k, layer.n_out)
    for p, m_i, k_i in zip(peak, m, k, strict=True):
        faults_here = list(bound_fault(layer.name, int(p) * m_i, k_i))
        if faults_here:
            yield faults_here[0]
            return


layer_faults.register(S4D, s4d_faults)


@layer_faults.register
def _(layer: Affine, model: Model) -> Iterator[str]:
    yield from code_fault(f"{layer.name}.m", layer.m, 1 - M_LIMIT, M_LIMIT - 1)
    yield from code_fault(f"{layer.name}.k", layer.k, 1, 61)
    peak = int(np.abs(layer.m).max()) * model.signal(layer.input).magnitude
    peak += max(abs(int(layer.bias.min())), abs(int(layer.bias.max())))
    yield from bound_fault(layer.name, peak, int(layer.k.max()))


@layer_faults.register
def _(layer: Table, model: Model) -> Iterator[str]:
    yield from table_fault(layer.name, layer.table, model.signal(layer.input), layer.output)


@layer_faults.register
def _(layer: GLU, model: Model) -> Iterator[str]:
    source = model.signal(layer.input)
    if model.widths[layer.input] % 2:
        yield (
            f"layer {layer.name!r}: found {model.widths[layer.input]} input channels; "
            f"a GLU needs an even number"
        )
    yield from table_fault(layer.name, layer.table, source, layer.gate)
    yield from requant_fault(layer.name, layer.requant)
    peak = source.magnitude * layer.gate.magnitude * int(layer.requant.m.max())
    yield from bound_fault(layer.name, peak, int(layer.requant.k.max()))


@layer_faults.register
def _(layer: Residual, model: Model) -> Iterator[str]:
    n, n_skip = model.widths[layer.input], model.widths[layer.skip]
    if n != n_skip:
        yield f"layer {layer.name!r}: input has {n} channels, skip {n_skip}; expected the same"
    for key in ("m", "m_skip"):
        yield from code_fault(f"{layer.name}.{key}", getattr(layer, key), 1 - M_LIMIT, M_LIMIT - 1)
    yield from code_fault(f"{layer.name}.k", layer.k, 1, 61)
    peak = (
        int(np.abs(layer.m).max()) * model.signal(layer.input).magnitude
        + int(np.abs(layer.m_skip).max()) * model.signal(layer.skip).magnitude
    )
    yield from bound_fault(layer.name, peak, int(layer.k.max()))


@layer_faults.register
def _(layer: LayerNorm, model: Model) -> Iterator[str]:
    n = layer.n_out
    peak = n * (n * 2 * model.signal(layer.input).magnitude) ** 2
    yield from bound_fault(
        layer.name, peak, 0, "sum of squares", "use fewer channels or input bits"
    )


@layer_faults.register
def _(layer: Pool, model: Model) -> Iterator[str]:
    source = model.signal(layer.input)
    if layer.rule == "last" and layer.output != source:
        yield f"layer {layer.name!r}: rule 'last' keeps its signal; found another output"
    yield from bound_fault(layer.name, 2 * source.magnitude * layer.m, layer.k + 1, "one step")
