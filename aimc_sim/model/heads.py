"""The JSON header of a model file: closed, typed, one Spec a kind of layer."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from aimc_sim.model.signal import Signal
from aimc_sim.spec import Spec

FORMAT = "aimc-s4d"
VERSION = "1.0"
NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"


class SignalHead(Spec):
    """A signal as the JSON header writes it."""

    bits: int = Field(ge=2, le=32)
    signed: bool
    scale: float = Field(gt=0)

    def signal(self) -> Signal:
        """Return the `Signal`."""
        return Signal(self.bits, self.signed, self.scale)


class InputHead(SignalHead):
    """The model's input."""

    bits: int = Field(ge=2, le=16)
    channels: int = Field(ge=1, le=1 << 20)


class LayerHead(Spec):
    """What every layer's header has."""

    name: str = Field(pattern=NAME_PATTERN, max_length=64)
    input: str
    output: SignalHead


class LinearHead(LayerHead):
    """Header of a `Linear`."""

    kind: Literal["linear"]
    n_out: int = Field(ge=1, le=1 << 20)
    weight_bits: int = Field(ge=2, le=16)
    bias_times_length: bool = False


class S4DHead(LayerHead):
    """Header of an `S4D`."""

    kind: Literal["s4d"]
    complex: bool
    bits: dict[Literal["A", "B", "C", "D"], int]
    state: SignalHead
    readout: Literal["new", "old"]
    tied: bool
    grid: Literal["cartesian", "polar", "log-polar"] = "cartesian"
    n_modes: int = Field(ge=0, le=1 << 28)

    @field_validator("bits")
    @classmethod
    def _all_widths(cls, bits: dict[str, int]) -> dict[str, int]:
        if sorted(bits) != ["A", "B", "C", "D"] or not all(2 <= b <= 16 for b in bits.values()):
            raise ValueError("expected widths 2..16 of A, B, C and D")
        return bits


class AffineHead(LayerHead):
    """Header of an `Affine`."""

    kind: Literal["affine"]


class TableHead(LayerHead):
    """Header of a `Table`."""

    kind: Literal["table"]


class GLUHead(LayerHead):
    """Header of a `GLU`."""

    kind: Literal["glu"]
    gate: SignalHead


class ResidualHead(LayerHead):
    """Header of a `Residual`."""

    kind: Literal["residual"]
    skip: str


class LayerNormHead(LayerHead):
    """Header of a `LayerNorm`."""

    kind: Literal["layernorm"]
    epsilon: float = Field(gt=0)


class PoolHead(LayerHead):
    """Header of a `Pool`."""

    kind: Literal["pool"]
    rule: Literal["mean", "sum", "last"]
    m: int = Field(default=1, ge=1, lt=1 << 31)
    k: int = Field(default=0, ge=0, le=40)


HEADS: dict[str, type[LayerHead]] = {
    "linear": LinearHead,
    "s4d": S4DHead,
    "affine": AffineHead,
    "table": TableHead,
    "glu": GLUHead,
    "residual": ResidualHead,
    "layernorm": LayerNormHead,
    "pool": PoolHead,
}


class ModelHead(Spec):
    """The whole JSON header but for the layers, which are validated by kind."""

    format: Literal["aimc-s4d"]
    version: str
    input: InputHead
    layers: list[dict[str, Any]] = Field(min_length=1)
    meta: dict[str, Any] = Field(default_factory=dict)
