"""Builds a random model layer by layer; see generate.py."""

from __future__ import annotations

import numpy as np

from aimc_sim.model.equations import apply_layer, pool_result, s4d_step
from aimc_sim.model.layers import S4D, Layer, Pool, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints, Signal
from tests import generate_layers as build
from tests.generate_layers import Rng, int_of, signal_of
from tests.generate_limits import Limits
from tests.generate_s4d import s4d

N_CAL, T_CAL = 6, 24


class Builder:
    """Adds layers one by one and keeps their codes on a calibration batch."""

    def __init__(self, rng: Rng, limits: Limits) -> None:
        self.rng, self.limits = rng, limits
        self.layers: list[Layer] = []
        self.input = signal_of(rng, self.bits(), bool(rng.random() < 0.8))
        self.n_input = int_of(rng, 1, limits.max_channels)
        self.lengths = np.full(N_CAL, T_CAL, dtype=np.int64)
        codes = random_codes(rng, self.input, (N_CAL, T_CAL, self.n_input))
        self.values: dict[str, Ints] = {"input": codes}

    def bits(self, at_most: int = 16) -> int:
        """Draw a width of an activation."""
        low, high = self.limits.activation_bits
        return int_of(self.rng, low, max(low, min(high, at_most)))

    def weight_bits(self) -> int:
        """Draw a width of a weight."""
        return int_of(self.rng, *self.limits.weight_bits)

    def wants(self, option: str, chance: float = 0.5) -> bool:
        """Return the caller's choice of an option, or a random one."""
        given = getattr(self.limits, option)
        return bool(self.rng.random() < chance) if given is None else bool(given)

    @property
    def last(self) -> str:
        """Name of the newest signal."""
        return self.layers[-1].name if self.layers else "input"

    @property
    def model(self) -> Model:
        """The model so far."""
        return Model(self.n_input, self.input, tuple(self.layers))

    def signal(self, name: str) -> Signal:
        """Return the signal of a name."""
        return self.model.signal(name)

    def rows(self, name: str) -> Ints:
        """Return the calibration codes of a signal, [row, channel]."""
        return self.values[name].reshape(-1, self.values[name].shape[-1])

    def add(self, layer: Layer) -> None:
        """Append a layer and run it on the calibration batch."""
        source = self.values[layer.input]
        self.layers.append(layer)
        if isinstance(layer, S4D):
            x = np.zeros((N_CAL, 2 if layer.is_complex else 1, layer.n_modes), dtype=np.int64)
            y = np.empty_like(source)
            for t in range(source.shape[1]):
                y[:, t], x = s4d_step(layer, source[:, t], x)
            self.values[layer.name] = y
        elif isinstance(layer, Pool):
            total = source[:, -1] if layer.rule == "last" else source.sum(axis=1)
            self.values[layer.name] = pool_result(layer, total, self.lengths)
        else:
            skip = self.rows(layer.skip) if isinstance(layer, Residual) else None
            lengths = np.full(len(self.rows(layer.input)), T_CAL, dtype=np.int64)
            y = apply_layer(layer, self.rows(layer.input), self.model, lengths, skip)
            self.values[layer.name] = y.reshape(*source.shape[:-1], y.shape[-1])

    def linear(self, name: str, n_out: int, at_most: int = 16, times: bool = False) -> None:
        """Append a Linear."""
        self.add(
            build.linear(
                self.rng,
                name,
                self.last,
                self.rows(self.last),
                self.signal(self.last),
                n_out,
                self.weight_bits(),
                signal_of(self.rng, self.bits(at_most)),
                self.wants("per_channel"),
                times,
            )
        )

    def affine(self, name: str) -> None:
        """Append an Affine."""
        self.add(
            build.affine(
                self.rng,
                name,
                self.last,
                self.rows(self.last),
                self.signal(self.last),
                signal_of(self.rng, self.bits()),
            )
        )

    def table(self, name: str) -> None:
        """Append an activation table, where its input is narrow enough."""
        if self.signal(self.last).bits <= 12:
            output = signal_of(self.rng, self.bits(), bool(self.rng.random() < 0.5))
            self.add(build.table(self.rng, name, self.last, self.signal(self.last), output))

    def s4d(self, name: str) -> None:
        """Append an S4D."""
        rng, H = self.rng, self.values[self.last].shape[-1]
        n_states = rng.integers(0, self.limits.max_modes, H, endpoint=True)
        n_states[0] = max(n_states[0], min(1, self.limits.max_modes))
        options = {
            "n_states": n_states.astype(np.int64),
            "complex": self.wants("complex"),
            "tied": self.wants("tied"),
            "per_channel": self.wants("per_channel"),
            "bits": {tensor: self.weight_bits() for tensor in "ABCD"},
            "readout": self.limits.readout or str(rng.choice(["new", "old"])),
            "grid": str(rng.choice(["cartesian", "polar", "log-polar"])),
        }
        low, high = self.limits.state_bits
        self.add(
            s4d(
                rng,
                name,
                self.last,
                self.values[self.last],
                self.signal(self.last),
                options,
                signal_of(rng, int_of(rng, low, high)),
                signal_of(rng, self.bits(10)),
            )
        )

    def mix(self, i: int, width: int) -> None:
        """Append Linear, or Linear to twice the width and a GLU."""
        gated = self.wants("glu")
        self.linear(f"mix{i}", 2 * width if gated else width, 10 if gated else 16)
        if gated:
            self.add(
                build.glu(
                    self.rng,
                    f"glu{i}",
                    self.last,
                    self.rows(self.last),
                    self.signal(self.last),
                    signal_of(self.rng, self.bits(), False),
                    signal_of(self.rng, self.bits()),
                    self.wants("per_channel"),
                )
            )

    def residual(self, i: int, skip: str) -> None:
        """Append a Residual that adds `skip`."""
        self.add(
            build.residual(
                self.rng,
                f"add{i}",
                self.last,
                skip,
                self.rows(self.last),
                self.rows(skip),
                (self.signal(self.last), self.signal(skip)),
                signal_of(self.rng, self.bits()),
                self.wants("per_channel"),
            )
        )

    def pool(self) -> None:
        """Append the pool."""
        rule = self.limits.pool or str(self.rng.choice(["mean", "sum", "last"]))
        source, m, k = self.signal(self.last), 1, 0
        output = source
        if rule == "sum":
            output = Signal(min(32, source.bits + 6), source.signed, source.scale)
        if rule == "mean" and self.rng.random() < 0.5:
            m, k = int_of(self.rng, 1, 1 << 10), 8
            output = signal_of(self.rng, min(24, source.bits + 2), source.signed)
        self.add(Pool("pool", self.last, rule, m, k, output))

    def block(self, i: int) -> None:
        """Append one block: S4D, activation, mixing, residual, norm."""
        start, width = self.last, self.values[self.last].shape[-1]
        if self.wants("affine", 0.3):
            self.affine(f"bn{i}")
        self.s4d(f"s4d{i}")
        if self.wants("activation", 0.7):
            self.table(f"act{i}")
        if self.wants("mixing", 0.7):
            self.mix(i, width)
        if self.wants("residual"):
            self.residual(i, start)
        if self.wants("layernorm", 0.3):
            self.add(
                build.layernorm(
                    self.rng, f"norm{i}", self.last, width, signal_of(self.rng, self.bits())
                )
            )


def random_codes(rng: Rng, signal: Signal, shape: tuple[int, int, int]) -> Ints:
    """Return codes of a smooth noisy signal that now and then reaches both ends of its range."""
    n, steps, channels = shape
    phase = rng.uniform(0, 2 * np.pi, (n, 1, channels))
    period = rng.uniform(4, 40, (n, 1, channels))
    wave = np.sin(np.arange(steps)[None, :, None] * 2 * np.pi / period + phase)
    value = 0.6 * wave + 0.35 * rng.standard_normal(shape)
    middle = 0.0 if signal.signed else 0.5
    size = signal.magnitude if signal.signed else signal.magnitude / 2
    codes = np.floor(middle * signal.magnitude + value * size + 0.5)
    return np.clip(codes, signal.code_min, signal.code_max).astype(np.int64)
