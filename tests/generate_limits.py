"""What a random model may be; see generate.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a random model may be; None leaves the choice to the generator.

    Parameters
    ----------
    complex, tied, per_channel : bool, optional
        Kind of every S4D; multipliers per channel or per tensor in every layer.
    readout : {"new", "old"}, optional
        Readout of every S4D.
    n_blocks : int, optional
        S4D layers, 1..2 by default; 0 gives a model without one.
    encoder, affine, activation, mixing, glu, residual, layernorm, decoder : bool, optional
        Whether these layers occur. With all of them False the model is S4D and pool only.
    pool : {"mean", "sum", "last"}, optional
        Rule of the pool.
    weight_bits, activation_bits, state_bits : (int, int)
        Range of widths, both ends included; a table's input has at most 10 bits.
    max_channels, max_modes : int
        Channels of a layer; modes of one S4D channel (channels with no mode occur).
    """

    complex: bool | None = None
    tied: bool | None = None
    per_channel: bool | None = None
    readout: str | None = None
    n_blocks: int | None = None
    encoder: bool | None = None
    affine: bool | None = None
    activation: bool | None = None
    mixing: bool | None = None
    glu: bool | None = None
    residual: bool | None = None
    layernorm: bool | None = None
    decoder: bool | None = None
    pool: str | None = None
    weight_bits: tuple[int, int] = (2, 16)
    activation_bits: tuple[int, int] = (2, 16)
    state_bits: tuple[int, int] = (2, 24)
    max_channels: int = 6
    max_modes: int = 5
