"""What a page says of the SNR of kernels: a map of channels, and which modes a device breaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Drawing

from aimc_sim.devices.laws import age_text
from aimc_sim.report.figure import Figure, WIDTH_in, slug
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.section import Section
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN, SECOND, THIRD

_LIMIT = 0.1
_CHANNELS = ("per_read_dB", "static_dB", "total_dB", "measured_dB")
_MODES = ("radius", "time_constant_steps", "ratio", "per_read_dB", "static_dB")


def snr_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of the answer of `aimc study snr`."""
    text = (
        "Signal to noise at the output of each kernel for white input of the measured power, from "
        "the device's own laws; nothing is run. Per read: white noise, converters and rounding. "
        "Static: writing, drift, lasting 1/f noise; of A to first order."
    )
    return Section(
        name,
        f"SNR of the kernels on {tree['chip']}",
        [text],
        (),
        snr_figures(tree),
        [_table(tree)],
        provenance_rows({**tree, "provenance": {"digests": tree["digests"], "seed": tree["seed"]}},
                        age=age_text(tree["age_s"])),
    )  # fmt: skip


def snr_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return a map of channels and one of modes for each layer."""
    found = []
    for layer, part in tree["layers"].items():
        found += [_channel_map(layer, part), _mode_map(layer, part)]
    return found


def _column(rows: list[Mapping[str, Any]], name: str) -> Any:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def _channel_map(layer: str, part: Mapping[str, Any]) -> Figure:
    rows = part["channels"]

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        x = [row["channel"] for row in rows]
        axes.plot(x, _column(rows, "per_read_dB"), "o", color=MAIN, ms=3.5, label="per read")
        axes.plot(x, _column(rows, "static_dB"), "s", color=SECOND, ms=3.5, label="static")
        axes.plot(x, _column(rows, "total_dB"), "_", color=INK, ms=7, label="both")
        measured = _column(rows, "measured_dB")
        if np.isfinite(measured).any():
            axes.plot(x, measured, "x", color=THIRD, ms=4, label="in a run")
        axes.set_xlabel("channel")
        axes.set_ylabel("SNR [dB]")
        figure.legend(loc="outside upper center", ncols=4, fontsize="small", handletextpad=0.2)

    return Figure(
        f"snr-channels-{slug(layer)}",
        f"{layer}: SNR of each channel",
        f"signal to noise of every channel of {layer}, per read and static",
        "In a run: output codes of the whole network with the chip's noise, against the integer "
        "model; errors of layers before it are in it.",
        (WIDTH_in, 3.0),
        paint,
        ("channel", *_CHANNELS),
        [[row["channel"], *(row[key] for key in _CHANNELS)] for row in rows],
    )


def _mode_map(layer: str, part: Mapping[str, Any]) -> Figure:
    rows = part["modes"]
    analog = any(row["ratio"] for row in rows)

    def paint(figure: Drawing) -> None:
        axes = figure.add_subplot()
        tau = _column(rows, "time_constant_steps")
        if not analog:
            axes.semilogx(tau, _column(rows, "static_dB"), ".", color=MAIN, label="static")
            axes.semilogx(tau, _column(rows, "per_read_dB"), "x", color=SECOND, ms=4,
                          label="per read")  # fmt: skip
            axes.set_ylabel("SNR of the mode [dB]")
        else:
            inside = np.array([row["is_in_range"] for row in rows])
            stable = np.array([row["is_mean_square_stable"] for row in rows])
            ratio = _column(rows, "ratio")
            for some, marker, colour, label in (
                (inside & stable, "o", MAIN, "within first order"),
                (~inside & stable, "x", SECOND, "beyond it"),
                (~stable, "^", THIRD, "noise grows without end"),
            ):
                if some.any():
                    axes.loglog(tau[some], ratio[some], marker, color=colour, ms=4, label=label)
            axes.axhline(_LIMIT, color=INK, lw=0.8, ls="--")
            axes.axhline(1.0, color=INK, lw=0.8, ls=":")
            axes.set_ylabel("σ(A) / (1 − |a|)")
        axes.set_xlabel("time constant [steps]")
        figure.legend(loc="outside upper center", ncols=3, fontsize="small", handletextpad=0.2)

    return Figure(
        f"snr-modes-{slug(layer)}",
        f"{layer}: which modes the device breaks",
        f"modes of {layer} by time constant",
        "Dashed: the limit of first order, 0.1; dotted: the spread reaches the unit circle."
        if analog
        else "A is digital: no pole moves.",
        (WIDTH_in, 3.0),
        paint,
        ("channel", "mode", *_MODES),
        [[row["channel"], row["mode"], *(row[key] for key in _MODES)] for row in rows],
    )


def _table(tree: Mapping[str, Any]) -> Table:
    head = ("layer", "modes", "in range", "stable", "per read", "static", "worst channel")
    rows: list[list[str | Cell]] = []
    for name, part in tree["layers"].items():
        modes, channels = part["modes"], part["channels"]
        total = _column(channels, "total_dB")
        medians = [_median(channels, key) for key in ("per_read_dB", "static_dB")]
        rows.append(
            [name, str(len(modes)), str(sum(m["is_in_range"] for m in modes)),
             str(sum(m["is_mean_square_stable"] for m in modes)), *medians,
             _decibel(float(np.nanmin(total)) if np.isfinite(total).any() else None)]
        )  # fmt: skip
    return Table("Layers", head, rows, "SNR: median over channels, and the worst of both parts.")


def _median(rows: list[Mapping[str, Any]], name: str) -> Cell:
    values = _column(rows, name)
    return _decibel(float(np.nanmedian(values)) if np.isfinite(values).any() else None)


def _decibel(value: float | None) -> Cell:
    return Cell("–" if value is None else f"{value:.1f} dB", value)
