"""Zero against one on fused 64x64 TaOx tiles: ternary against 5-bit kernels, from two studies.

aimc study run examples/studies/zero_one_write_noise.yaml -o write_noise.sqlite
aimc study export write_noise.sqlite --csv examples/imssa/zero_one_write_noise.csv
aimc study run examples/studies/zero_one_stuck.yaml -o stuck.sqlite
aimc study export stuck.sqlite --csv examples/imssa/zero_one_stuck.csv
python examples/imssa/zero_one.py -o docs/images/zero_one.png      # draws and prints
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import pathlib
from collections.abc import Iterator, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from plots import STYLE

from aimc_sim.study.student import half_width, mean_of

FOLDER = pathlib.Path(__file__).parent
KERNELS = {"kernel2": ("ternary", "#0b7a3b"), "kernel5": ("5 bits", "#1f6fb4")}


@dataclasses.dataclass(frozen=True)
class Point:
    """Accuracy of one kernel at one value: mean over seeds and half of its 95 % interval."""

    kernel: str
    value: float
    mean: float
    half: float


def points(path: pathlib.Path, axis: str) -> list[Point]:
    """Return the points of a study; each seed is the mean of its chips."""
    found: dict[tuple[str, float], dict[str, list[float]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kernel, _, seed = pathlib.Path(row["model"]).stem.partition("_")
            seeds = found.setdefault((kernel, float(row[axis])), {})
            seeds.setdefault(seed, []).append(float(row["accuracy.analog.mean"]))
    return [
        Point(kernel, value, mean_of(means), half_width(means, 0.025))
        for (kernel, value), seeds in sorted(found.items())
        for means in [[mean_of(chips) for chips in seeds.values()]]
    ]


def curves(axes: Axes, found: Sequence[Point], scale: float) -> None:
    """Draw a line a kernel, with the interval over seeds."""
    for kernel, (label, colour) in KERNELS.items():
        own = [p for p in found if p.kernel == kernel]
        x = [scale * p.value for p in own]
        low = [100 * (p.mean - p.half) for p in own]
        high = [min(100 * (p.mean + p.half), 100.0) for p in own]
        axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
        axes.plot(x, [100 * p.mean for p in own], "o-", color=colour, ms=3, label=label)


def lines(found: Sequence[Point], scale: float, name: str) -> Iterator[str]:
    """Yield a table in Markdown."""
    yield f"| {name} | " + " | ".join(label for label, _ in KERNELS.values()) + " |"
    yield "|---" * (1 + len(KERNELS)) + "|"
    for value in sorted({p.value for p in found}):
        cells = [
            f"{100 * p.mean:.2f} ± {100 * p.half:.2f}"
            for kernel in KERNELS
            for p in found
            if (p.kernel, p.value) == (kernel, value)
        ]
        yield f"| {scale * value:g} | " + " | ".join(cells) + " |"


def main() -> None:
    """Draw both studies, print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="PNG")
    args = parser.parse_args()
    noise = points(FOLDER / "zero_one_write_noise.csv", "hardware.device.sigma_write_S")
    stuck = points(FOLDER / "zero_one_stuck.csv", "hardware.device.faults.stuck_on.rate")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.0), layout="constrained")
        one, other = figure.subplots(1, 2, sharey=True)
        curves(one, noise, 1e6)
        curves(other, stuck, 100.0)
        one.set_xlabel("spread of writing (µS; window 299 µS)")
        other.set_xlabel("devices stuck high (%; written with 5 µS)")
        other.set_xscale("symlog", linthresh=0.01)
        other.xaxis.set_major_formatter("{x:g}")
        one.set_ylabel("accuracy (%)")
        one.set_ylim(50, 101)
        one.legend(loc="lower left")
        figure.savefig(args.output, dpi=130)
    print("\n".join(lines(noise, 1e6, "spread (µS)")))
    print()
    print("\n".join(lines(stuck, 100.0, "stuck high (%)")))


if __name__ == "__main__":
    main()
