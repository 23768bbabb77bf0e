"""What becomes of an S4D layer: its poles in the plane, and the kernels of three channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from aimc_sim.analysis.poles import Complexes
from aimc_sim.analysis.s4d import LayerPicture
from aimc_sim.analysis.s4d_drawn import chosen_channels, steps_shown
from aimc_sim.devices.laws import age_text
from aimc_sim.model.signal import Floats
from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.svg import FAINT, INK, MAIN, SECOND, THIRD

MOST_POINTS = 400
MOST_CHIPS = 3
MOST_STEPS = 192
MOST_ERROR = 10.0
"""Kernel error beyond which it is not told how large it is: the kernel grows."""
COLOURS = {"programmed": MAIN, "drifted": SECOND, "corrected": THIRD}
MARKERS = {"programmed": ".", "drifted": "+", "corrected": "x"}
DASHES: dict[str, Any] = {"programmed": "-", "drifted": (0, (5, 1)), "corrected": (0, (1.5, 1))}


def stage_text(picture: LayerPicture, name: str) -> str:
    """Return what a stage is called, its age included."""
    age_s = picture.stages[name].age_s
    return name if name == "programmed" else f"{name}, {age_text(age_s)}"


def sampled(values: npt.NDArray[np.generic]) -> slice:
    """Return every how many-th value is drawn, so that a page stays small."""
    return slice(None, None, -(-len(values) // MOST_POINTS) or 1)


def pole_figure(picture: LayerPicture, text: str = "") -> Figure:
    """Return the poles in the plane, and their magnitude against the time constant meant."""

    def paint(figure: Drawing) -> None:
        plane, size = figure.subplots(2, 1, height_ratios=(3, 2))
        _paint_plane(plane, picture)
        _paint_sizes(size, picture)
        _legend(figure, _pole_handles(picture))

    name = picture.layer
    return Figure(
        f"poles-{slug(name)}", f"Poles of {name}", f"poles of {name}", text, (WIDTH_in, 4.7), paint,
        ("stage", "chip", "mode", "real", "imaginary"), list(_pole_rows(picture)),
    )  # fmt: skip


def _pole_rows(picture: LayerPicture) -> Iterator[tuple[Any, ...]]:
    """Yield what is drawn in the plane."""
    given = {"quantised": picture.quantised} | (
        {} if picture.trained is None else {"trained": picture.trained}
    )
    for stage, poles in given.items():
        for mode in range(len(poles))[sampled(poles)]:
            yield stage, "", mode, *_parts(poles[mode])
    for name, at in picture.stages.items():
        if at.poles is not None:
            first = at.poles[..., 0]
            for i in range(first.size)[sampled(first.ravel())]:
                chip, mode = divmod(i, first.shape[1])
                yield name, chip, mode, *_parts(first[chip, mode])


def _parts(pole: complex) -> tuple[float, float]:
    return float(f"{pole.real:.6g}"), float(f"{pole.imag:.6g}")


def _paint_plane(axes: Axes, picture: LayerPicture) -> None:
    axes.add_patch(Circle((0, 0), 1.0, fill=False, ec=INK, lw=0.8))
    axes.axhline(0, color=FAINT, lw=0.4)
    axes.axvline(0, color=FAINT, lw=0.4)
    furthest = 1.0
    _rings(axes, picture.quantised)
    for name, stage in picture.stages.items():
        if stage.poles is not None:
            poles = stage.poles[..., 0].ravel()
            furthest = max(furthest, float(np.abs(poles).max(initial=0.0)))
            _dots(axes, poles[sampled(poles)], name)
    if picture.trained is not None:
        some = picture.trained[sampled(picture.trained)]
        axes.plot(some.real, some.imag, "x", color=INK, ms=3, mew=0.6)
    end = 1.08 * min(furthest, 1.5)
    axes.set(xlim=(-end, end), ylim=(-end, end), aspect="equal", xlabel="real", ylabel="imaginary")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=5))


def _dots(axes: Axes, poles: Complexes, stage: str) -> None:
    axes.plot(poles.real, poles.imag, **_marks(stage), alpha=0.75)


def _marks(stage: str) -> dict[str, Any]:
    """Return how the points of a stage look: colour and form differ."""
    marker = MARKERS[stage]
    return {"ls": "none", "marker": marker, "color": COLOURS[stage], "ms": 2.8,
            "mew": 0.0 if marker == "." else 0.5}  # fmt: skip


def _rings(axes: Axes, poles: Complexes) -> None:
    some = poles[sampled(poles)]
    axes.plot(some.real, some.imag, "o", color=INK, ms=3.0, mew=0.4, mfc="none")


def time_constants(poles: Complexes) -> Floats:
    """Return -1/ln|pole| in steps; 0 for a pole at zero, NaN on or outside the unit circle."""
    size = np.abs(poles)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(size < 1.0, -1.0 / np.log(size), np.nan))


def _paint_sizes(axes: Axes, picture: LayerPicture) -> None:
    """Magnitudes against the time constant of the codes, a line where the codes are."""
    constant = time_constants(picture.quantised)
    meant = np.abs(picture.quantised)
    shown = constant > 0.0
    order = np.argsort(constant[shown])
    axes.axhline(1.0, color=INK, lw=0.8)
    axes.plot(constant[shown][order], meant[shown][order], color=INK, lw=0.8, ls=":")
    low = [float(meant[shown].min(initial=1.0))]
    for name, stage in picture.stages.items():
        if stage.poles is None:
            continue
        size = np.abs(stage.poles).max(axis=-1)[:, shown]
        at = np.broadcast_to(constant[shown], size.shape).ravel()
        part = sampled(at)
        axes.plot(at[part], size.ravel()[part], **_marks(name), alpha=0.6)
        low.append(float(size.min(initial=1.0)))
    if picture.stages and all(stage.poles is None for stage in picture.stages.values()):
        axes.plot(constant[shown], meant[shown], "o", color=INK, ms=3.2, mew=0.5, mfc="none")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    axes.set_ylim(bottom=max(min(low) - 0.03, 0.0))
    axes.set(xlabel="time constant of the codes [steps]", ylabel="magnitude")


def _pole_handles(picture: LayerPicture) -> list[Line2D]:
    ring = {"marker": "o", "ls": "none", "color": INK, "ms": 4, "mfc": "none"}
    handles = [Line2D([], [], label="quantised", **ring)]  # type: ignore[arg-type]
    if picture.trained is not None:
        handles.insert(0, Line2D([], [], marker="x", ls="none", color=INK, ms=4, label="trained"))
    for name, stage in picture.stages.items():
        if stage.poles is not None:
            marks = _marks(name) | {"ms": 7 if name == "programmed" else 4}
            handles.append(Line2D([], [], label=stage_text(picture, name), **marks))
    return handles


def _legend(figure: Drawing, handles: Sequence[Line2D]) -> None:
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize=8,
                  handlelength=1.2, columnspacing=1.2)  # fmt: skip


def kernel_figure(picture: LayerPicture, text: str = "") -> Figure:
    """Return impulse responses of three channels, and the error of every channel."""
    channels = chosen_channels(picture)
    n_panels = len(channels) + 1

    def paint(figure: Drawing) -> None:
        panels = figure.subplots(n_panels, 1, squeeze=False)[:, 0]
        for axes, (kind, h) in zip(panels, channels.items(), strict=False):
            _paint_kernel(axes, picture, h, f"channel {h}, {kind} error")
        panels[n_panels - 2].set_xlabel("step")
        _paint_errors(panels[-1], picture)
        handles = [Line2D([], [], color=INK, lw=1.0, ls="--", label="quantised")]
        handles += [Line2D([], [], color=COLOURS[name], ls=DASHES[name], lw=1.2,
                           label=stage_text(picture, name)) for name in picture.stages]  # fmt: skip
        _legend(figure, handles)

    name = picture.layer
    return Figure(
        f"kernels-{slug(name)}", f"Kernels of {name}", f"impulse responses of {name}", text,
        (WIDTH_in, 0.6 + 1.15 * n_panels), paint,
        ("stage", "chip", "channel", "step", "value"), list(_kernel_rows(picture)),
    )  # fmt: skip


def _kernel_rows(picture: LayerPicture) -> Iterator[tuple[Any, ...]]:
    for h in chosen_channels(picture).values():
        n = steps_shown(picture.kernels[h], MOST_STEPS)
        curves: list[tuple[str, Any, Floats]] = [("quantised", "", picture.kernels[h, :n])]
        for name, stage in picture.stages.items():
            some = stage.kernels[:MOST_CHIPS, h, :n]
            curves += [(name, chip, kernel) for chip, kernel in enumerate(some)]
        for name, chip, kernel in curves:
            for step, value in enumerate(kernel):
                yield name, chip, h, step, float(f"{value:.6g}")


def _paint_kernel(axes: Axes, picture: LayerPicture, h: int, title: str) -> None:
    n_steps = steps_shown(picture.kernels[h], MOST_STEPS)
    exact = picture.kernels[h, :n_steps]
    peak = float(np.abs(exact).max()) or 1.0
    for name, stage in picture.stages.items():
        for kernel in stage.kernels[:MOST_CHIPS, h, :n_steps]:
            shown = np.clip(kernel, -9.0 * peak, 9.0 * peak)
            axes.plot(shown, color=COLOURS[name], ls=DASHES[name], lw=0.8, alpha=0.8)
    axes.plot(exact, color=INK, lw=0.9, ls="--")
    axes.set_ylim(-1.6 * peak, 1.6 * peak)
    axes.set_xlim(-0.02 * n_steps, 1.02 * n_steps)
    axes.set_title(title, fontsize=8, loc="left", pad=2)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axhline(0, color=FAINT, lw=0.4, zorder=0)


def _paint_errors(axes: Axes, picture: LayerPicture) -> None:
    """The error of each channel, an arrow at the top where it is beyond all bounds."""
    known = np.concatenate([stage.per_channel for stage in picture.stages.values()])
    known = np.minimum(known[known > 0.0], MOST_ERROR)
    for i, (name, stage) in enumerate(picture.stages.items()):
        error, aside = stage.per_channel, 0.25 * (i - (len(picture.stages) - 1) / 2)
        for some, marker in ((error < MOST_ERROR, MARKERS[name]), (error >= MOST_ERROR, "^")):
            at = np.flatnonzero(some)
            shown = np.minimum(error[at], MOST_ERROR)
            axes.plot(at + aside, shown, **(_marks(name) | {"marker": marker, "ms": 4}))
    high = float(known.max(initial=0.01))
    if known.size and high > 10.0 * known.min():
        axes.set_yscale("log")
        axes.set_ylim(0.7 * float(known.min()), 1.6 * high)
    else:
        axes.set_ylim(0.0, 1.15 * high)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{100.0 * v:g} %"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="channel", ylabel="kernel error")
