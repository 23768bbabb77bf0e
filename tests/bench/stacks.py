"""Generated networks of any depth and width: S4D, ReLU, mixing, residual; their states are busy."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.layers import S4D, Layer, Linear, Pool, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, Requant, Signal

CODE = Signal(8, True, 1.0)
STATE = Signal(16, True, 1.0)
RADIUS = 0.9
"""Magnitude of all poles."""


def stack(
    n_layers: int, n_channels: int, n_modes: int, *, seed: int = 0, mixes: bool = True
) -> Model:
    """Return a network of n_layers blocks; n_modes complex modes a channel.

    Parameters
    ----------
    n_layers : int
        Blocks: S4D, and with `mixes` ReLU, mixing and residual.
    n_channels : int
        Width H of all layers, the input too.
    n_modes : int
        Complex modes a channel: N/2 of an S4D with N states.
    seed : int
        Of the weights.
    mixes : bool
        Whether channels are mixed.
    """
    rng = np.random.default_rng(seed)
    layers: list[Layer] = []
    last = "input"
    for i in range(n_layers):
        layers.append(_s4d(rng, f"s4d{i}", last, n_channels, n_modes))
        if mixes:
            relu = np.maximum(np.arange(CODE.code_min, CODE.code_max + 1), 0)
            layers.append(Table(f"act{i}", f"s4d{i}", relu, CODE))
            weight = _codes(rng, (n_channels, n_channels))
            shift = 7 + int(np.log2(n_channels) / 2)
            layers.append(_linear(f"mix{i}", f"act{i}", weight, shift))
            one = np.array(1)
            layers.append(Residual(f"res{i}", f"mix{i}", last, one, one, one, CODE))
        last = layers[-1].name
    layers.append(Pool("pool", last, "mean", 1, 1, CODE))
    layers.append(_linear("decoder", "pool", _codes(rng, (n_channels, 10)), 11))
    return Model(n_channels, CODE, tuple(layers), {})


def _codes(rng: np.random.Generator, shape: tuple[int, ...]) -> Ints:
    return rng.integers(-127, 128, shape)


def _linear(name: str, source: str, weight: Ints, shift: int) -> Linear:
    bias = np.zeros(weight.shape[1], dtype=np.int64)
    return Linear(name, source, weight, 8, bias, _shift(shift), CODE)


def _s4d(rng: np.random.Generator, name: str, source: str, n_channels: int, n_modes: int) -> S4D:
    n = n_channels * n_modes
    pole = 128.0 * RADIUS * np.exp(1j * rng.uniform(0.0, np.pi, n))
    B, C = (_codes(rng, (2, n)) for _ in range(2))
    return S4D(
        name, source, np.full(n_channels, n_modes),
        np.rint(pole.real).astype(np.int64), np.rint(pole.imag).astype(np.int64), *B, *C,
        _codes(rng, (n_channels,)), {"A": 8, "B": 8, "C": 8, "D": 8},
        _shift(7), _shift(4), _shift(15 + int(np.log2(max(n_modes, 1)) / 2)), _shift(8),
        STATE, CODE,
    )  # fmt: skip


def _shift(k: int) -> Requant:
    return Requant(np.array(1), np.array(k))
