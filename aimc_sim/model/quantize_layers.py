"""From the layers of the float model to integer layers, given calibrated ranges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aimc_sim.model.architecture import Architecture
from aimc_sim.model.float_model import Block, Norm, activate
from aimc_sim.model.layers import GLU, Affine, Layer, LayerNorm, Linear, Residual, Table
from aimc_sim.model.quantize_s4d import quantise_s4d
from aimc_sim.model.scales import (
    M_BITS,
    codes_of,
    common_multipliers,
    exact_requants,
    integer,
    multiplier,
    nearest_shifts,
    power_of_two_gains,
    rounding_error,
    signal_for,
    weight_scale,
)
from aimc_sim.model.signal import Floats, Ints, Requant, Signal
from aimc_sim.model.widths import Bits


class Ranges:
    """Observer of a float run: largest ``|value|`` and a percentile of every signal.

    Parameters
    ----------
    percentile : float
        Of ``|value|`` over valid steps and channels.
    lengths : int array, shape (n_sequences,)
        Valid steps.
    """

    def __init__(self, percentile: float, lengths: Ints) -> None:
        self.percentile, self.lengths = percentile, lengths
        self.values: dict[str, tuple[float, float]] = {}
        self.driven: dict[str, Floats] = {}

    def __call__(self, name: str, values: Floats) -> None:
        """Take one signal; inputs of S4D layers are kept, with padded steps set to 0."""
        size = np.abs(values)
        if values.ndim == 3:
            valid = np.arange(values.shape[1]) < self.lengths[:, None]
            size = size[valid]
            if name.startswith("in") and name != "input":
                self.driven[name] = np.where(valid[:, :, None], values, 0.0)
        self.values[name] = float(size.max()), float(np.percentile(size, self.percentile))

    def peak(self, name: str) -> float:
        """Return the largest ``|value|``."""
        return self.values[name][0]

    def typical(self, name: str) -> float:
        """Return the percentile of ``|value|`` (the largest where the percentile is 0)."""
        return self.values[name][1] or self.peak(name)


class Builder:
    """Makes integer layers; signals have the names that `forward` shows them by.

    With multipliers of powers of two, a channel's code may stand for more than the signal's scale:
    a BatchNorm's gain is rounded down to a power of two, what is left of it, 1 to 2, is the
    channel's `unit`, and the weights that read the channel take it up.
    """

    def __init__(
        self,
        arch: Architecture,
        bits: Bits,
        ranges: Ranges,
        a_grid: str,
        per_channel: bool,
        power_of_two: bool,
    ) -> None:
        self.arch, self.bits, self.ranges = arch, bits, ranges
        self.a_grid, self.per_channel, self.power_of_two = a_grid, per_channel, power_of_two
        self.units: dict[str, Floats] = {}

    def unit(self, name: str, n: int) -> Floats:
        """Return what a code of each of n channels stands for, over the scale of the signal."""
        return self.units.get(name, np.ones(n))

    def stream(self, name: str) -> Signal:
        """Return the signal of a residual stream: its scale is a power of two."""
        peak = self.ranges.peak(name)
        return signal_for(peak, self.bits.residual, signed=True, power_of_two=True)

    def activation(self, name: str, *, signed: bool = True, between: bool = False) -> Signal:
        """Return a signal of activation width.

        With `between` it stands between signals whose scales are powers of two, with no weights to
        make up for its own.
        """
        exact = between and self.power_of_two
        peak = self.ranges.typical(name)
        return signal_for(peak, self.bits.activations, signed=signed, power_of_two=exact)

    def linear(
        self, name: str, source: str, u: Signal, weight: Floats, bias: Floats, output: Signal
    ) -> Linear:
        """Return a Linear layer; weight is [n_in, n_out]."""
        bits, n_out = self.bits.weights, len(bias)
        unit = self.unit(name, n_out)
        weight, bias = weight * self.unit(source, len(weight))[:, None] / unit, bias / unit
        scale = weight_scale(weight, bits, per_channel=self.per_channel)
        peaks = (np.abs(weight).sum(axis=0) / scale) * u.magnitude + np.abs(bias / scale) / u.scale
        wanted = u.scale * scale / output.scale
        if self.power_of_two:
            wanted = nearest_shifts(
                wanted,
                lambda ratios: rounding_error(weight, ratios * output.scale / u.scale, bits),
                shared=not self.per_channel,
            )
        if self.per_channel:
            requant, exact = exact_requants(wanted, peaks)
        else:
            one, exact = exact_requants(wanted[:1], peaks.max(keepdims=True))
            requant = Requant(one.m.reshape(()), one.k.reshape(()))
        scale = np.broadcast_to(exact * output.scale / u.scale, n_out)
        high = (1 << (bits - 1)) - 1
        codes = codes_of(weight, scale, -high, high)
        bias_codes = codes_of(bias, u.scale * scale, -(1 << 52), 1 << 52)
        return Linear(name, source, codes, bits, bias_codes, requant, output)

    def block(self, i: int, block: Block, source: Layer) -> list[Layer]:
        """Return the layers of block i; `source` is the stream it reads."""
        arch, H = self.arch, len(block.ssm.D)
        first = self.norm(f"in{i}", block.norm if arch.prenorm else None, source, H)
        layers: list[Layer] = [first, *self._kernel(i, block, first)]
        if arch.residual:
            unit = self.unit(source.name, H)
            self.units[f"glu{i}"] = self.units[f"sum{i}"] = unit
            self.units[f"mix{i}"] = np.concatenate([unit, np.ones(H)]) if arch.glu else unit
        layers += self._mix(i, block, layers[-1])
        if arch.residual:
            layers.append(self._residual(f"sum{i}", layers[-1], source))
        if not arch.prenorm and block.norm is not None:
            layers.append(self.norm(f"norm{i}", block.norm, layers[-1], H))
        return layers

    def norm(self, name: str, norm: Norm | None, source: Layer, H: int) -> Layer:
        """Return a norm, or a plain rescaling where there is none.

        Before an S4D (``in0``) it puts out activations, after a residual (``norm0``) the stream.
        """
        is_input, u, eps = name.startswith("in"), source.output, self.arch.norm_eps
        output = self.activation(name, between=norm is None) if is_input else self.stream(name)
        gain, bias = np.ones(H), np.zeros(H)
        if norm is not None:
            if norm.mean is None or norm.var is None:
                gamma, beta = norm.gain / output.scale, norm.bias / output.scale
                return LayerNorm(name, source.name, gamma, beta, eps / u.scale**2, output)
            gain = norm.gain / np.sqrt(norm.var + eps)
            bias = norm.bias - norm.mean * gain
        ratios = gain * self.unit(source.name, H) * (u.scale / output.scale)
        if self.power_of_two:
            m, k, self.units[name] = power_of_two_gains(ratios)
        else:
            m, k = common_multipliers(ratios)
        scale = output.scale * self.unit(name, H) * 2.0**-k
        offset = codes_of(bias, scale, -(1 << 52), 1 << 52)
        return Affine(name, source.name, m, integer(k), offset, output)

    def _kernel(self, i: int, block: Block, first: Layer) -> list[Layer]:
        """Return the S4D and its activation; a ReLU is the clipping of an unsigned output."""
        name, kind = f"s4d{i}", self.arch.activation
        unit = self.unit(first.name, len(block.ssm.D))
        ssm = replace(block.ssm, C=block.ssm.C * unit[:, None], D=block.ssm.D * unit)
        if kind == "relu":
            output = self.activation(f"act{i}", signed=False)
        else:
            output = self.activation(name)
        kernel = quantise_s4d(
            name,
            first,
            ssm,
            self.ranges.driven[f"in{i}"] / unit,
            self.bits,
            self.a_grid,
            output,
            per_channel=self.per_channel,
            power_of_two=self.power_of_two,
        )
        if kind != "gelu":
            return [kernel]
        act = self.activation(f"act{i}")
        return [kernel, Table(f"act{i}", name, _table(kind, output, act), act)]

    def _mix(self, i: int, block: Block, source: Layer) -> list[Layer]:
        """Return the mixing layer, and the GLU behind it where there is one."""
        name, glu = f"mix{i}", self.arch.glu
        output = self.activation(name, between=True) if glu else self.stream(name)
        mix = self.linear(
            name, source.name, source.output, block.mix_weight, block.mix_bias, output
        )
        if not glu:
            return [mix]
        bits = self.bits.activations
        gate = Signal(bits, False, 2.0**-bits)
        out = self.stream(f"glu{i}")
        m, k = multiplier(output.scale * gate.scale / out.scale, M_BITS)
        scalar = Requant(integer(m), integer(k))
        return [mix, GLU(f"glu{i}", name, _table("sigmoid", output, gate), gate, scalar, out)]

    def _residual(self, name: str, branch: Layer, stream: Layer) -> Residual:
        output = self.stream(name)
        scales = np.array([branch.output.scale, stream.output.scale])
        m, k = common_multipliers(scales / output.scale)
        return Residual(
            name,
            branch.name,
            stream.name,
            integer(int(m[0])),
            integer(int(m[1])),
            integer(k),
            output,
        )


def _table(kind: str, source: Signal, output: Signal) -> Ints:
    """Return the table of a function from every code of `source` to codes of `output`."""
    codes = np.arange(source.code_min, source.code_max + 1, dtype=np.float64)
    return codes_of(
        activate(kind, codes * source.scale), output.scale, output.code_min, output.code_max
    )
