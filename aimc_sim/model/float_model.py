"""The float S4D model in NumPy float64: zero-order hold, recurrence, kernel, whole classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import erf, expit

from aimc_sim.model.architecture import Architecture
from aimc_sim.model.signal import Floats, Ints

Complexes = npt.NDArray[np.complex128]
Observer = Callable[[str, Floats], None]


@dataclass(frozen=True)
class Diagonal:
    """A continuous diagonal system a channel: A, B, C complex (H, M), dt and D (H,)."""

    A: Complexes
    B: Complexes
    C: Complexes
    dt: Floats
    D: Floats


@dataclass(frozen=True)
class Discrete:
    """A discrete diagonal system: poles and C complex (H, M), D (H,); B is 1, absorbed in C."""

    poles: Complexes
    C: Complexes
    D: Floats


@dataclass(frozen=True)
class Norm:
    """Gain and bias (H,); mean and variance (H,) only for a BatchNorm."""

    gain: Floats
    bias: Floats
    mean: Floats | None = None
    var: Floats | None = None


@dataclass(frozen=True)
class Block:
    """S4D, mixing layer (weight [H, H or 2H]) and norm of one block."""

    ssm: Diagonal
    mix_weight: Floats
    mix_bias: Floats
    norm: Norm | None


@dataclass(frozen=True)
class FloatModel:
    """A float classifier; weights are [n_in, n_out].

    Parameters
    ----------
    arch : Architecture
        How the parts are joined.
    encoder_weight, encoder_bias, decoder_weight, decoder_bias : float arrays
        The two ends.
    blocks : tuple of Block
        In order.
    meta : mapping
        What else the checkpoint says about itself.
    digest : str
        SHA-256 of the tensors and the architecture.
    notes : tuple of str
        What the reader did and took for granted, for people.
    """

    arch: Architecture
    encoder_weight: Floats
    encoder_bias: Floats
    blocks: tuple[Block, ...]
    decoder_weight: Floats
    decoder_bias: Floats
    meta: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    notes: tuple[str, ...] = ()


def discretise(ssm: Diagonal) -> Discrete:
    """Return the zero-order hold of a diagonal system.

    Notes
    -----
    ``Abar = exp(dt A)``, ``C' = C B (exp(dt A) - 1)/A`` (Gu et al., S4D, arXiv:2206.11893, sec. 2
    and 3): B is diagonal like A, so it moves into C.

    Examples
    --------
    >>> one = np.ones((1, 1), dtype=complex)
    >>> ssm = Diagonal(A=-one, B=one, C=one, dt=np.ones(1), D=np.zeros(1))
    >>> discretise(ssm).poles.real.round(4)
    array([[0.3679]])
    """
    dt_a = ssm.A * ssm.dt[:, None]
    return Discrete(np.exp(dt_a), ssm.C * ssm.B * np.expm1(dt_a) / ssm.A, ssm.D)


def kernel(ssm: Diagonal, n_steps: int) -> Floats:
    """Return the convolution kernel ``K[h, l] = 2 Re sum_n C'_n exp(l dt A_n)``, (H, n_steps)."""
    discrete = discretise(ssm)
    dt_a = ssm.A * ssm.dt[:, None]
    powers = np.exp(dt_a[:, :, None] * np.arange(n_steps))
    return np.asarray(2.0 * np.einsum("hm,hml->hl", discrete.C, powers).real)


def recurrence(system: Discrete, u: Floats) -> tuple[Floats, Floats]:
    """Run ``x[k] = Abar x[k-1] + u[k]``, ``y[k] = 2 Re sum_n C'_n x_n[k] + D u[k]``.

    Parameters
    ----------
    system : Discrete
        H channels of M modes.
    u : float array, shape (n_sequences, n_steps, H)
        Input.

    Returns
    -------
    tuple of float arrays
        y, the shape of u, and the largest ``|x|`` of each mode, (H, M).
    """
    x = np.zeros((u.shape[0], *system.poles.shape), dtype=np.complex128)
    y = np.empty_like(u)
    peak = np.zeros(system.poles.shape)
    for k in range(u.shape[1]):
        x *= system.poles
        x.real += u[:, k, :, None]
        y[:, k] = 2.0 * np.einsum("shm,hm->sh", x, system.C).real
        np.maximum(peak, (x.real**2 + x.imag**2).max(axis=0, initial=0.0), out=peak)
    return y + system.D * u, np.sqrt(peak)


def activate(name: str, x: Floats) -> Floats:
    """Return the activation of that name; "sigmoid" is the gate of a GLU."""
    if name == "gelu":
        return np.asarray(0.5 * x * (1.0 + erf(x / np.sqrt(2.0))))
    if name == "relu":
        return np.maximum(x, 0.0)
    return np.asarray(expit(x)) if name == "sigmoid" else x


def apply_norm(norm: Norm, x: Floats, epsilon: float) -> Floats:
    """Return BatchNorm with running statistics, or LayerNorm over the last axis."""
    mean = norm.mean if norm.mean is not None else x.mean(axis=-1, keepdims=True)
    var = norm.var if norm.var is not None else x.var(axis=-1, keepdims=True)
    return np.asarray((x - mean) / np.sqrt(var + epsilon) * norm.gain + norm.bias)


def forward(model: FloatModel, inputs: Floats, lengths: Ints, observe: Observer) -> Floats:
    """Return logits (n_sequences, n_classes) and show every signal to `observe`.

    Parameters
    ----------
    model : FloatModel
        What to compute.
    inputs : float array, shape (n_sequences, n_steps, n_input)
        Raw values.
    lengths : int array, shape (n_sequences,)
        Valid steps; later ones count nowhere.
    observe : callable
        Called as ``observe(name, values)`` in order of execution, with the name of the integer
        layer that will put the signal out and its values [sequence, step, channel], padded steps
        included ([sequence, channel] for "pool" and "decoder").
    """
    valid = np.arange(inputs.shape[1]) < lengths[:, None]

    def show(name: str, values: Floats) -> Floats:
        observe(name, values)
        return values

    x = show("encoder", show("input", inputs) @ model.encoder_weight + model.encoder_bias)
    for i, block in enumerate(model.blocks):
        x = _block(model.arch, block, x, lambda name, v, i=i: show(f"{name}{i}", v))  # type: ignore[misc]
    if model.arch.pooling == "last":
        pooled = x[np.arange(len(x)), lengths - 1]
    else:
        pooled = (x * valid[:, :, None]).sum(axis=1) / lengths[:, None]
    observe("pool", pooled)
    logits = pooled @ model.decoder_weight + model.decoder_bias
    observe("decoder", logits)
    return np.asarray(logits)


def _block(
    arch: Architecture, block: Block, x: Floats, show: Callable[[str, Floats], Floats]
) -> Floats:
    """Return the output of one block."""
    u = x
    if arch.prenorm and block.norm is not None:
        u = apply_norm(block.norm, x, arch.norm_eps)
    y, _ = recurrence(discretise(block.ssm), show("in", u))
    z = show("act", activate(arch.activation, show("s4d", y)))
    out = show("mix", z @ block.mix_weight + block.mix_bias)
    if arch.glu:
        a, b = np.split(out, 2, axis=-1)
        out = show("glu", a * activate("sigmoid", b))
    if arch.residual:
        out = show("sum", x + out)
    if not arch.prenorm and block.norm is not None:
        out = show("norm", apply_norm(block.norm, out, arch.norm_eps))
    return out
