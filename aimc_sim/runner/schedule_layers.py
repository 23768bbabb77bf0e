"""Layers as operations of a schedule; where their products come from is left open."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import singledispatchmethod

import numpy as np
import numpy.typing as npt

from aimc_sim.crossbar.tile import ACC_LIMIT, POLE_GAIN_BITS, PoleGains
from aimc_sim.model.equations import common_shift
from aimc_sim.model.layers import GLU, S4D, Affine, LayerNorm, Linear, Residual, Table
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, Requant, Signal, spread
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.schedule_bench import Bench
from aimc_sim.runner.schedule_rows import EXACT, Rows, Term, UnscheduledError

Wide = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Recurrence:
    """How the accumulators of a state are joined.

    Parameters
    ----------
    unit : int array, shape (n_modes,)
        Factor of ``A x``.
    shift : int array, shape (n_modes,)
        Of the rounding.
    identity : int array, shape (n_modes,), optional
        What of A is digital beside an analog product.
    gains : PoleGains, optional
        Applied to that product.
    """

    unit: Wide
    shift: Ints
    identity: Ints | None = None
    gains: PoleGains | None = None


class LayerBuilder(ABC):
    """Builds one schedule: rows first, then operations layer by layer.

    Parameters
    ----------
    model : Model
        What to compute.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.bench = model, Bench()
        self.layers = model.layers[: model.pool_index]
        self.values: dict[str, Rows] = {}
        self._rows("input", model.n_input, model.input)
        self.states: dict[str, Rows] = {}
        for layer in self.layers:
            if isinstance(layer, S4D):
                n, signal = layer.n_modes * (2 if layer.is_complex else 1), layer.state
                first = self.bench.take(n)
                self.states[layer.name] = Rows(first, n, signal.code_min, signal.code_max)
        for layer in self.layers:
            self._rows(layer.name, model.widths[layer.name], model.signal(layer.name))
        widest = max((rows.n for rows in self.states.values()), default=0)
        self.idle, self.gained = self.bench.take(widest), self.bench.take(widest)
        self.gate = self.bench.take(max(rows.n for rows in self.values.values()))

    def _rows(self, name: str, n: int, signal: Signal) -> None:
        self.values[name] = Rows(self.bench.take(n), n, signal.code_min, signal.code_max)

    @abstractmethod
    def product(self, layer: Linear, x: Rows) -> Rows:
        """Have the product with the weights of a layer written; return its rows."""

    @abstractmethod
    def state_products(self, layer: S4D, x: Rows, u: Rows) -> tuple[Rows | None, Rows | None]:
        """Have ``A x`` and ``B u`` written; None where the one is digital or in the other."""

    @abstractmethod
    def output_product(self, layer: S4D, x: Rows) -> Rows:
        """Have ``Re(C x)`` written, or return what `state_products` wrote."""

    @abstractmethod
    def recurrence(self, layer: S4D) -> Recurrence:
        """Return how ``A x`` and ``B u`` are joined."""

    def build(self) -> Schedule:
        """Return the schedule."""
        for layer in self.layers:
            self._layer(layer)
        return Schedule(
            *self.bench.pools(),
            self.bench.sizes,
            {name: (rows.first, rows.n) for name, rows in self.values.items()},
            {name: (rows.first, rows.n) for name, rows in self.states.items()},
        )

    @singledispatchmethod
    def _layer(self, layer: object) -> None:
        raise UnscheduledError

    @_layer.register
    def _(self, layer: Linear) -> None:
        if layer.bias_times_length:
            raise UnscheduledError
        acc = self.product(layer, self.values[layer.input])
        m, k = _wide(layer.requant, layer.n_out)
        out = self.values[layer.name].first
        self.bench.requant(out, [(acc, m)], layer.bias.astype(object) * m, k, layer.output)

    @_layer.register
    def _(self, layer: Affine) -> None:
        out, x = self.values[layer.name].first, self.values[layer.input]
        self.bench.requant(out, [(x, layer.m)], layer.bias, layer.k, layer.output)

    @_layer.register
    def _(self, layer: Residual) -> None:
        out, x, skip = (self.values[n] for n in (layer.name, layer.input, layer.skip))
        terms = [(x, layer.m), (skip, layer.m_skip)]
        self.bench.requant(out.first, terms, 0, layer.k, layer.output)

    @_layer.register
    def _(self, layer: Table) -> None:
        self._look_up(layer, self.values[layer.name].first, self.values[layer.input])

    @_layer.register
    def _(self, layer: GLU) -> None:
        from aimc_sim.runner.kernels_operations import MULTIPLY

        x, out = self.values[layer.input], self.values[layer.name]
        self._look_up(layer, self.gate, x.part(out.n, 2 * out.n))
        m, k = _wide(layer.requant, out.n)
        half = np.array([1 << (int(s) - 1) for s in k], dtype=object)
        gate = int(np.abs(layer.table).max(initial=0))
        if (x.peak[: out.n] * gate * m + half >= EXACT).any():
            raise UnscheduledError
        ends = [layer.output.code_min, layer.output.code_max]
        at = self.bench.floats(m, half, [2.0 ** -int(s) for s in k], ends)
        self.bench.do(MULTIPLY, out.n, out.first, x.first, self.gate, at)

    @_layer.register
    def _(self, layer: LayerNorm) -> None:
        from aimc_sim.runner.kernels_operations import NORMALISE

        x, out = self.values[layer.input], self.values[layer.name]
        if x.n * (2 * x.n * int(x.peak.max())) ** 2 >= EXACT:
            raise UnscheduledError
        ends = [layer.epsilon, layer.output.code_min, layer.output.code_max]
        gamma, beta = (np.broadcast_to(v, (x.n,)) for v in (layer.gamma, layer.beta))
        self.bench.do(NORMALISE, x.n, out.first, x.first, self.bench.floats(gamma, beta, ends))

    def _look_up(self, layer: Table | GLU, out: int, x: Rows) -> None:
        from aimc_sim.runner.kernels_operations import LOOK_UP

        at, code_min = self.bench.floats(layer.table), self.model.signal(layer.input).code_min
        self.bench.do(LOOK_UP, x.n, out, x.first, at, code_min)

    @_layer.register
    def _(self, layer: S4D) -> None:
        x, u = self.states[layer.name], self.values[layer.input]
        Ax, Bu = self.state_products(layer, x, u)
        if layer.readout == "new":
            self._next_state(layer, x, Ax, Bu)
            self._output(layer, self.output_product(layer, x), u)
        else:
            self._output(layer, self.output_product(layer, x), u)
            self._next_state(layer, x, Ax, Bu)

    def _output(self, layer: S4D, Cx: Rows, u: Rows) -> None:
        """Have the outputs written: ``Re(C x)`` and ``D u``."""
        m_C, m_D, K = (
            np.broadcast_to(v, (layer.n_out,)).astype(object)
            for v in common_shift(layer.requant_C, layer.requant_D)
        )
        factor = 2 if layer.is_complex else 1
        terms = [(Cx, factor * m_C), (u, layer.D.astype(object) * m_D)]
        self.bench.requant(self.values[layer.name].first, terms, 0, K, layer.output)

    def _next_state(self, layer: S4D, x: Rows, Ax: Rows | None, Bu: Rows | None) -> None:
        """Have the new state written over the old: digital or given ``A x``, and ``B u``."""
        n, channel, how = layer.n_modes, layer.channel_of_mode, self.recurrence(layer)
        m_A, m_B, _ = (
            spread(v, channel).astype(object)
            for v in common_shift(layer.requant_A, layer.requant_B)
        )
        if Ax is not None and how.gains is not None:
            Ax = self._gained(how.gains, Ax, n)
        parts = []
        for part in range(x.n // max(n, 1)):
            own = x.part(part * n, (part + 1) * n)
            terms: list[Term] = []
            if Ax is None:
                terms.append((own, layer.A_re.astype(object) * m_A))
                if layer.A_im is not None:
                    sign = 2 * part - 1
                    terms.append((_other(x, part, n), sign * layer.A_im.astype(object) * m_A))
            else:
                terms.append((Ax.part(part * n, (part + 1) * n), how.unit))
                if how.identity is not None:
                    terms.append((own, how.identity.astype(object) * how.unit))
            if Bu is not None:
                terms.append((Bu.part(part * n, (part + 1) * n), m_B))
            parts.append(terms)
        self.bench.advance(x, parts, how.shift, layer.state, self.idle)

    def _gained(self, gains: PoleGains, acc: Rows, n: int) -> Rows:
        """Have the digital gains of the poles applied."""
        if (acc.peak > ACC_LIMIT).any():
            raise UnscheduledError
        found = []
        for part in range(acc.n // max(n, 1)):
            terms: list[Term] = [(acc.part(part * n, (part + 1) * n), gains.re)]
            if gains.mixes:
                terms.append((_other(acc, part, n), (2 * part - 1) * gains.im))
            to = self.gained + part * n
            found.append(self.bench.weigh(to, terms, 0, POLE_GAIN_BITS, None))
        low, high = (np.concatenate([getattr(f, end) for f in found]) for end in ("low", "high"))
        return Rows(self.gained, acc.n, low, high)


def plain_recurrence(layer: S4D) -> Recurrence:
    """Return how digital products, and reads of one product each, are joined."""
    m_A, _, K = common_shift(layer.requant_A, layer.requant_B)
    channel = layer.channel_of_mode
    return Recurrence(spread(m_A, channel).astype(object), spread(K, channel))


def _other(rows: Rows, part: int, n: int) -> Rows:
    """Return the imaginary part where `part` is 0, else the real one."""
    return rows.part((1 - part) * n, (2 - part) * n)


def _wide(requant: Requant, n: int) -> tuple[Wide, Wide]:
    """Return multiplier and shift as exact integers, one a channel."""
    m, k = (np.broadcast_to(v, (n,)).astype(object) for v in (requant.m, requant.k))
    return m, k
