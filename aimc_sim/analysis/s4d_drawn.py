"""What the JSON of a run holds of an S4D layer's picture: enough to draw it again, and small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aimc_sim.analysis.poles import Complexes
from aimc_sim.analysis.s4d import LayerPicture, Stage
from aimc_sim.model.signal import Floats

MOST_MODES, LEAST_STEPS, MOST_STEPS = 128, 24, 96
_DIGITS, _BOUND = 6, 1.0e30


def chosen_channels(picture: LayerPicture) -> dict[str, int]:
    """Return the channels with the largest, the median and the smallest error at the last stage."""
    error = list(picture.stages.values())[-1].per_channel
    ranked = [int(h) for h in np.argsort(-error, kind="stable") if not np.isnan(error[h])]
    if not ranked:
        return {}
    places = {"largest": 0, "median": len(ranked) // 2, "smallest": len(ranked) - 1}
    chosen = {text: ranked[place] for text, place in places.items()}
    return {text: h for i, (text, h) in enumerate(chosen.items())
            if h not in list(chosen.values())[:i]}  # fmt: skip


def steps_shown(exact: Floats, most: int = MOST_STEPS) -> int:
    """Return the steps after which a kernel has spent 99.9 % of its energy, within bounds.

    Examples
    --------
    >>> steps_shown(0.5 ** np.arange(100.0)), steps_shown(np.ones(1000))
    (24, 96)
    """
    energy = np.cumsum(np.square(exact))
    spent = int(np.searchsorted(energy, 0.999 * energy[-1])) + 1
    return min(max(spent, LEAST_STEPS), most, len(exact))


def drawn_json(picture: LayerPicture) -> dict[str, Any]:
    """Return poles and kernels of the first chip as plain data, to 6 digits.

    Parameters
    ----------
    picture : LayerPicture
        From `aimc_sim.analysis.s4d.s4d_pictures`.

    Returns
    -------
    dict
        ``chip`` (its place among the chips), ``every`` (one mode in so many), poles as lists ``re``
        and ``im``, with ``size`` the larger magnitude of a pair, and kernels by channel: those with
        the largest, the median and the smallest error.
    """
    every = -(-len(picture.quantised) // MOST_MODES) or 1
    channels = {h: steps_shown(picture.kernels[h]) for h in chosen_channels(picture).values()}
    stages: dict[str, Any] = {}
    for name, stage in picture.stages.items():
        poles = None
        if stage.poles is not None:
            some = stage.poles[0, ::every]
            poles = {**_complex(some[:, 0]), "size": _plain(np.abs(some).max(axis=-1))}
        kernels = {str(h): _plain(stage.kernels[0, h, :n]) for h, n in channels.items()}
        stages[name] = {"poles": poles, "kernels": kernels}
    trained = picture.trained
    return {
        "chip": 0,
        "every": every,
        "trained": None if trained is None else _complex(trained[::every]),
        "quantised": _complex(picture.quantised[::every]),
        "kernels": {str(h): _plain(picture.kernels[h, :n]) for h, n in channels.items()},
        "stages": stages,
    }


def drawn_picture(name: str, tree: Mapping[str, Any]) -> LayerPicture | None:
    """Return what can be drawn of a layer from the JSON of a run; None where it holds nothing.

    Parameters
    ----------
    name : str
        Of the layer.
    tree : mapping
        What stands under ``poles`` for it.
    """
    drawn = tree.get("drawn")
    if drawn is None:
        return None
    n_steps = tree["n_steps"]
    stages = {}
    for stage, told in tree["stages"].items():
        error = np.array([told["kernel_error"]["per_channel"]], dtype=np.float64)
        kept = drawn["stages"][stage]
        kernels = _kernels(kept["kernels"], error.shape[1], n_steps)[None]
        stages[stage] = Stage(told["age_s"], _pairs(kept["poles"]), kernels, error)
    n_channels = next(iter(stages.values())).error.shape[1]
    trained = drawn["trained"]
    return LayerPicture(
        name,
        tree["mapping"],
        None if trained is None else _poles(trained),
        _poles(drawn["quantised"]),
        _kernels(drawn["kernels"], n_channels, n_steps),
        stages,
    )


def _plain(values: Floats) -> list[float]:
    bounded = np.nan_to_num(values, nan=0.0, posinf=_BOUND, neginf=-_BOUND)
    return [float(f"{v:.{_DIGITS}g}") for v in np.clip(bounded, -_BOUND, _BOUND)]


def _complex(values: Complexes) -> dict[str, list[float]]:
    return {"re": _plain(values.real), "im": _plain(values.imag)}


def _poles(tree: Mapping[str, list[float]]) -> Complexes:
    return np.asarray(np.array(tree["re"]) + 1j * np.array(tree["im"]), dtype=np.complex128)


def _pairs(tree: Mapping[str, list[float]] | None) -> Complexes | None:
    """Return a pole of each pair, and beside it a value of the larger magnitude of both."""
    if tree is None:
        return None
    size = np.array(tree["size"]).astype(np.complex128)
    return np.stack([_poles(tree), size], axis=-1)[None]


def _kernels(tree: Mapping[str, list[float]], n_channels: int, n_steps: int) -> Floats:
    found = np.zeros((n_channels, n_steps))
    for channel, values in tree.items():
        found[int(channel), : len(values)] = values
    return found


__all__ = ["chosen_channels", "drawn_json", "drawn_picture", "steps_shown"]
