"""Fill the tables of docs/qs4d.md and draw its figures, from the committed rows; no simulation.

python examples/qs4d/report.py
"""

from __future__ import annotations

import argparse
import pathlib
from collections.abc import Callable, Iterator

import kit
import matplotlib as mpl
import plots
import tables
from claims import OnChips, digital
from digital_machines import energies, machines
from marks import store
from style import STYLE

PAGE = kit.ROOT / "docs/qs4d.md"
MODEL = kit.ZOO / "digits/qat8_seed0.npz"
IMAGES = kit.ROOT / "docs/images"


def main() -> None:
    """Fill and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", type=pathlib.Path, default=PAGE)
    parser.add_argument("-o", "--output", type=pathlib.Path, default=IMAGES, metavar="DIR")
    args = parser.parse_args()
    found, chips = digital("digits"), OnChips("digits")
    filled: dict[str, Callable[[], Iterator[str]]] = {
        "a": lambda: tables.widths(found, "a"),
        "b": lambda: tables.widths(found, "b"),
        "c": lambda: tables.tensors(found),
        "d": lambda: tables.complexity(found, chips),
        "e": lambda: tables.noise(chips),
        "f": lambda: tables.pruning(found, chips),
        "h": lambda: tables.deployment(chips),
        "machines": lambda: machines(MODEL),
    }
    for name, lines in filled.items():
        store(args.page, name, "\n".join(lines()))
    with mpl.rc_context(STYLE):
        for name, figure in (
            ("bits", plots.bits_figure(found)),
            ("tensors", plots.tensors_figure(found)),
            ("complexity", plots.complexity_figure(found)),
            ("noise", plots.noise_figure(chips)),
            ("pruning", plots.pruning_figure(found, chips)),
            ("deployment", plots.deployment_figure(chips, energies(MODEL))),
        ):
            figure.savefig(args.output / f"qs4d_{name}.png", dpi=130)


if __name__ == "__main__":
    main()
