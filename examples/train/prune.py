"""Structural pruning of an integer model: fewer states, fewer channels, a smaller model file.

    python examples/train/prune.py examples/models/digits.npz \\
        --calibration examples/data/digits_calibration.npz --states 0.5 -o digits_half.npz

Modes and channels of the residual stream go that do least on the calibration batch
(`importance.py` says how that is counted). What stays keeps its codes and multipliers, so that the
result is a model file like any other; the accuracy that was lost comes back by training it on as
integers (`qat.fit`; README.md shows how).

The share of the states is kept over all layers, or `--per-layer`; each channel keeps its `--least`
strongest ones. With `--least 0` a channel may lose all, and only D is left of its kernel.
"""

from __future__ import annotations

import argparse
import dataclasses
import pathlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from importance import activity_of, channel_groups, channel_importance, mode_importance

from aimc_sim import load_model
from aimc_sim.model.calibration import Calibration, load_calibration
from aimc_sim.model.layers import S4D, Affine, Layer, Linear, Residual
from aimc_sim.model.network import Model
from aimc_sim.model.npz_write import write_model
from aimc_sim.model.signal import Requant

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
OF_A_MODE = ("A_re", "A_im", "B_re", "B_im", "C_re", "C_im")
OF_A_CHANNEL: dict[type, tuple[str, ...]] = {
    S4D: ("n_states", "D", "requant_A", "requant_B", "requant_C", "requant_D"),
    Linear: ("bias", "requant"),
    Affine: ("m", "k", "bias"),
    Residual: ("m", "m_skip", "k"),
}


@dataclasses.dataclass(frozen=True)
class Shares:
    """What is to stay.

    Parameters
    ----------
    states
        Share of the modes, over all layers or of each; rounded up.
    channels
        Share of the channels of the residual stream, rounded up.
    per_layer
        Whether each layer keeps its own share of the modes.
    least
        Modes that every channel keeps at least, as far as it has them.
    """

    states: float = 1.0
    channels: float = 1.0
    per_layer: bool = False
    least: int = 1

    def __post_init__(self) -> None:
        if not (0.0 < self.states <= 1.0 and 0.0 < self.channels <= 1.0 and self.least >= 0):
            raise ValueError(f"{self}: shares are above 0 and at most 1, least is at least 0")


def strongest(importance: Floats, share: float, always: Mask) -> Mask:
    """Return which entries stay: those of `always`, and the most important up to the share.

    >>> strongest(np.array([3.0, 1.0, 2.0, 0.0]), 0.5, np.array([False, False, False, True]))
    array([ True, False, False,  True])
    """
    n_kept = max(int(np.ceil(share * len(importance) - 1e-9)), int(always.sum()))
    keep = np.zeros(len(importance), dtype=bool)
    keep[np.argsort(-np.where(always, np.inf, importance), kind="stable")[:n_kept]] = True
    return keep


def first_of_channels(layer: S4D, importance: Floats, least: int) -> Mask:
    """Return which modes are among the `least` strongest of their channel."""
    order = np.lexsort((-importance, layer.channel_of_mode))
    starts = np.cumsum(layer.n_states) - layer.n_states
    is_first = np.zeros(layer.n_modes, dtype=bool)
    is_first[order] = np.arange(layer.n_modes) - np.repeat(starts, layer.n_states) < least
    return is_first


def modes_to_keep(model: Model, importance: dict[str, Floats], shares: Shares) -> dict[str, Mask]:
    """Return which modes of each S4D layer stay."""
    layers = [layer for layer in model.layers if isinstance(layer, S4D)]
    always = {x.name: first_of_channels(x, importance[x.name], shares.least) for x in layers}
    if shares.per_layer:
        return {
            name: strongest(importance[name], shares.states, first)
            for name, first in always.items()
        }
    joined = [np.concatenate([part[x.name] for x in layers]) for part in (importance, always)]
    keep = strongest(joined[0], shares.states, joined[1])
    ends = np.cumsum([x.n_modes for x in layers])[:-1]
    return dict(zip(always, np.split(keep, ends), strict=True))


def without_modes(layer: S4D, keep: Mask) -> S4D:
    """Return the layer with the modes that stay; a channel may be left without any."""
    parts = {name: getattr(layer, name) for name in OF_A_MODE}
    kept = {name: codes[keep] for name, codes in parts.items() if codes is not None}
    n_states = np.bincount(layer.channel_of_mode[keep], minlength=layer.n_out)
    return dataclasses.replace(layer, n_states=n_states, **kept)


def taken(values: npt.NDArray[np.int64] | Requant, keep: Mask) -> npt.NDArray[np.int64] | Requant:
    """Return what is left of values a channel; values a tensor stay as they are."""
    if isinstance(values, Requant):
        return dataclasses.replace(values, m=taken(values.m, keep), k=taken(values.k, keep))
    return values if values.ndim == 0 else values[keep]


def without_channels(layer: Layer, inside: Mask, outside: Mask) -> Layer:
    """Return the layer for inputs and outputs of the channels that stay."""
    if isinstance(layer, S4D):
        layer = without_modes(layer, outside[layer.channel_of_mode])
    if isinstance(layer, Linear):
        layer = dataclasses.replace(layer, weight=layer.weight[np.ix_(inside, outside)])
    names = OF_A_CHANNEL.get(type(layer), ())
    return dataclasses.replace(
        layer, **{name: taken(getattr(layer, name), outside) for name in names}
    )


def prune_channels(model: Model, batch: Calibration, share: float) -> Model:
    """Return the model with a narrower residual stream: in every layer that touches it."""
    group = channel_groups(model)
    importance = channel_importance(model, activity_of(model, batch))
    kept = {name: np.ones(model.widths[name], dtype=bool) for name in set(group.values())}
    for name, shares in importance.items():
        kept[name] = strongest(shares, share, np.zeros(len(shares), dtype=bool))
    layers = (
        without_channels(layer, kept[group[layer.input]], kept[group[layer.name]])
        for layer in model.layers
    )
    return dataclasses.replace(model, layers=tuple(layers))


def prune_states(model: Model, batch: Calibration, shares: Shares) -> Model:
    """Return the model with fewer modes."""
    keep = modes_to_keep(model, mode_importance(model, activity_of(model, batch)), shares)
    layers = (
        without_modes(layer, keep[layer.name]) if isinstance(layer, S4D) else layer
        for layer in model.layers
    )
    return dataclasses.replace(model, layers=tuple(layers))


def prune(model: Model, batch: Calibration, shares: Shares) -> Model:
    """Return a smaller model: channels go first, then modes of the channels that are left.

    Raises
    ------
    ValueError
        Channels of a model with GLU or LayerNorm.
    """
    if shares.channels < 1.0:
        model = prune_channels(model, batch, shares.channels)
    model = prune_states(model, batch, shares)
    meta = {**model.meta, "pruned": dataclasses.asdict(shares)}
    return dataclasses.replace(model, meta=meta)


def table(before: Model, after: Model) -> str:
    """Return what is left, layer by layer."""
    rows: list[Sequence[str]] = [("layer", "channels", "states", "a channel")]
    pairs = [
        (old, new)
        for old, new in zip(before.layers, after.layers, strict=True)
        if isinstance(old, S4D) and isinstance(new, S4D)
    ]
    for old, new in pairs:
        span = f"{new.n_states.min()}..{new.n_states.max()}"
        channels, states = f"{new.n_out} of {old.n_out}", f"{new.n_modes} of {old.n_modes}"
        rows.append((new.name, channels, states, span))
    n_old, n_new = (sum(pair[i].n_modes for pair in pairs) for i in (0, 1))
    rows.append(("all", "", f"{n_new} of {n_old}", f"{n_new / n_old:.1%} kept"))
    return "\n".join("".join(f"{cell:<14}" for cell in row).rstrip() for row in rows)


def main() -> None:
    """Parse the command line, prune, write, print what is left."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--calibration", type=pathlib.Path, required=True, metavar="DATA")
    parser.add_argument("--states", type=float, default=1.0, help="share of the modes that stays")
    parser.add_argument("--channels", type=float, default=1.0, help="share of the residual stream")
    parser.add_argument("--per-layer", action="store_true", help="the share of each layer's modes")
    parser.add_argument("--least", type=int, default=1, help="modes that each channel keeps")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    model = load_model(args.model)
    try:
        shares = Shares(args.states, args.channels, args.per_layer, args.least)
        smaller = prune(model, load_calibration(args.calibration), shares)
    except ValueError as error:
        raise SystemExit(f"error: {error}") from error
    write_model(args.output, smaller)
    print(table(model, smaller))


if __name__ == "__main__":
    main()
