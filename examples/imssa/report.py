"""Plots and tables of what situation.py measured.

``python examples/imssa/report.py results.json -o FOLDER [--format png]`` writes ``write_noise`` and
``stuck_devices`` there and prints the tables of README.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
from arrays import TENSORS
from matplotlib.backends.backend_agg import FigureCanvasAgg
from plots import COLOURS, STYLE, Results, Row, half, stuck_figure, write_noise_figure
from situation import PAIR, RATES, SIGMA_uS


def cell(row: Row) -> str:
    """Return accuracy and half its interval [%], as in a table."""
    return f"{100 * row['mean']:.1f} ± {100 * half(row):.1f}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def crossing(x: list[float], rows: list[Row], points: float) -> str:
    """Return where accuracy falls `points` below the reference, linear between two rows."""
    wanted = rows[0]["reference"] - points / 100
    for (x0, r0), (x1, r1) in pairwise(zip(x, rows, strict=True)):
        if r0["mean"] >= wanted > r1["mean"]:
            return f"{x0 + (x1 - x0) * (r0['mean'] - wanted) / (r0['mean'] - r1['mean']):.2g}"
    return "-"


def tables(results: Results) -> Iterator[str]:
    """Yield the tables of README.md, in its order."""
    yield converter_table(results)
    yield window_table(results)
    yield noise_table(results)
    yield tolerance_table(results)
    yield tensor_table(results)
    yield stuck_table(results)
    yield situation_table(results)
    yield growth_table(results)


def converter_table(results: Results) -> str:
    """Neither write noise nor faults: what converters and levels cost."""
    rows = []
    for adc, levels in (("ideal", 1 << 16), ("ideal", 64), ("8 bits", 1 << 16), ("8 bits", 64)):
        line = [adc, str(levels)]
        for model in PAIR:
            r = results.of(model, sigma_write_uS=0, converters=adc, n_levels=levels)
            line += [f"{100 * r['mean']:.1f}", f"{100 * r['error']:.1f} %"]
        rows.append(line)
    return table(["ADC", "levels", "5 bits [%]", "error", "8 bits [%]", "error"], rows)


def window_table(results: Results) -> str:
    """RMS weight of each tensor as a share of the conductance window."""
    shares = results.window.items()
    rows = [[model, *(f"{100 * share[t]:.0f} %" for t in TENSORS)] for model, share in shares]
    return table(["model", *TENSORS], rows)


def noise_table(results: Results) -> str:
    """Accuracy against write noise, by mapping and model."""
    places = [(model, mapping) for mapping in ("fused", "hybrid") for model in COLOURS]
    head = ["write noise [µS]", *(f"{mapping}, {model}" for model, mapping in places)]
    rows = [
        [str(s), *(cell(results.of(m, sigma_write_uS=s, mapping=place)) for m, place in places)]
        for s in SIGMA_uS
    ]
    return table(head, rows)


def tolerance_table(results: Results) -> str:
    """Write noise at which accuracy is some points below the reference [uS]."""
    rows = []
    for mapping in ("fused", "hybrid"):
        for model in COLOURS:
            curve = [results.of(model, sigma_write_uS=s, mapping=mapping) for s in SIGMA_uS]
            found = [crossing(list(SIGMA_uS), curve, points) for points in (1, 3, 13)]
            rows.append([mapping, model, *found])
    return table(["mapping", "model", "1 point", "3 points", "13 points"], rows)


def tensor_table(results: Results) -> str:
    """Where errors hurt: each region erring alone."""
    rows = []
    for model in COLOURS:
        noisy = {"sigma_write_uS": 15}
        line = [cell(results.of(model, **noisy, erring=t)) for t in TENSORS]
        rows.append(["15 µS", model, cell(results.of(model, **noisy)), *line])
    for model in PAIR:
        stuck = {"stuck_on": 0.001}
        line = [cell(results.of(model, **stuck, erring=t)) for t in TENSORS]
        rows.append(["0.1 % stuck on, 5 µS", model, cell(results.of(model, **stuck)), *line])
    return table(["errors", "model", "everywhere", *TENSORS], rows)


def stuck_table(results: Results) -> str:
    """Accuracy against the rate of stuck devices."""
    head = ["rate", *(f"{kind}, {m}" for kind in ("stuck on", "stuck off") for m in PAIR)]
    rows = [["0", *(cell(results.of(m)) for m in PAIR), *(cell(results.of(m)) for m in PAIR)]]
    for rate in RATES:
        off = [cell(results.of(m, stuck_off=rate)) if rate in RATES[2:] else "" for m in PAIR]
        rows.append(
            [f"{100 * rate:g} %", *(cell(results.of(m, stuck_on=rate)) for m in PAIR), *off]
        )
    curves = [[results.of(m), *(results.of(m, stuck_on=r) for r in RATES)] for m in PAIR]
    at = [crossing([0.0, *(100 * r for r in RATES)], curve, 13) for curve in curves]
    rows.append(["13 points lost at", *(f"{x} %" for x in at), "", ""])
    return table(head, rows)


def situation_table(results: Results) -> str:
    """The published situation, step by step."""
    on = {"stuck_on": 0.001}
    steps: list[tuple[str, Row]] = [
        ("write noise 5 µS, no stuck device", {}),
        ("and 1 % stuck off (without stuck high)", {"stuck_off": 0.01}),
        ("and 0.1 % stuck on", on),
        ("and 0.1 % stuck on, 1 % stuck off", on | {"stuck_off": 0.01}),
        ("0.1 % stuck on, no write noise", on | {"sigma_write_uS": 0.0}),
        ("0.1 % stuck on at 300 µS, not 300 to 1200", on | {"stuck_on_high_uS": 300.0}),
        ("0.1 % stuck on, but only where a weight is", on | {"erring": "weights"}),
        ("0.1 % stuck on, hybrid mapping", on | {"mapping": "hybrid"}),
        *((f"unused cells programmed, {s} µS", {"sigma_write_uS": s, "unused": "programmed"})
          for s in SIGMA_uS[1:4]),
        *((f"ideal ADC, {s} µS", {"sigma_write_uS": s, "converters": "ideal"})
          for s in SIGMA_uS[2:5]),
    ]  # fmt: skip
    reference = [f"{100 * results.of(m)['reference']:.1f}" for m in PAIR]
    rows = [["digital reference", *reference]]
    rows += [[text, *(cell(results.of(m, **changes)) for m in PAIR)] for text, changes in steps]
    return table(["situation", *PAIR], rows)


def growth_table(results: Results) -> str:
    """Kernels whose recurrence grows by more than nothing, and more than a fifth, each step."""
    cases: list[tuple[str, dict[str, float]]] = [
        ("exact devices", {"sigma_write_uS": 0, "n_levels": 1 << 16}),
        ("64 levels", {"sigma_write_uS": 0}),
        *((f"write noise {s} µS", {"sigma_write_uS": s}) for s in (5, 15, 30)),
        *((f"{100 * r:g} % stuck on, 5 µS", {"stuck_on": r}) for r in (0.001, 0.01)),
        ("1 % stuck off, 5 µS", {"stuck_off": 0.01}),
    ]
    rows = []
    for text, changes in cases:
        found = [results.of(m, **changes) for m in PAIR]
        shares = [f"{100 * r[key]:.1f}" for r in found for key in ("beyond_1", "beyond_1.2")]
        rows.append([text, *shares])
    head = [f"{m}, {beyond} [%]" for m in PAIR for beyond in ("> 1", "> 1.2")]
    return table(["share of kernels with an eigenvalue", *head], rows)


def main() -> None:
    """Write the plots, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder of the plots")
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    args = parser.parse_args()
    results = Results(args.results)
    with mpl.rc_context(STYLE):
        figures = {"write_noise": write_noise_figure, "stuck_devices": stuck_figure}
        for name, paint in figures.items():
            figure = paint(results)
            FigureCanvasAgg(figure)
            metadata = {"Date": None} if args.format == "svg" else None
            figure.savefig(args.output / f"{name}.{args.format}", dpi=160, metadata=metadata)
    print("\n".join(tables(results)), end="")


if __name__ == "__main__":
    main()
