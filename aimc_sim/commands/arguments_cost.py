"""Options of `aimc cost` alone, and what the help says of each."""

from __future__ import annotations

from typing import Annotated

import typer

from aimc_sim.commands.arguments import option

Model = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODEL.npz]",
        help="Integer model; without it the chip alone, all of its tiles full and busy.",
        show_default=False,
    ),
]
Chip = Annotated[str, option("--chip", "CHIP.yaml", "Chip whose costs are wanted.")]
Data = Annotated[
    str | None,
    option(
        "--data",
        "DATA.npz",
        "Sequences that the events are counted on; without it random input codes.",
    ),
]
Inputs = Annotated[
    str | None,
    option(
        "--inputs",
        "NAME",
        "Random input codes: uniform (every bit of the magnitude set half the time), normal (3 "
        "sigma at the end) or zero; by default uniform, of busy tiles costs.peak.",
    ),
]
Weights = Annotated[
    str | None,
    option(
        "--weights",
        "NAME",
        "Weights of busy tiles: normal, uniform or zero; by default costs.peak.",
    ),
]
Steps = Annotated[int, option("--steps", "N", "Steps of random sequences.")]
Limit = Annotated[int, option("--limit", "N", "Sequences that are run.")]
InputBits = Annotated[
    int | None,
    option("--input-bits", "N", "Width of the inputs of busy tiles; by default costs.peak."),
]
WeightBits = Annotated[
    int | None,
    option("--weight-bits", "N", "Width of the weights of busy tiles; by default costs.peak."),
]
Tiles = Annotated[
    int | None,
    option(
        "--tiles",
        "N",
        "Tiles of the busy chip; by default costs.static.n_tiles_of_chip.",
    ),
]
Amortise = Annotated[
    float,
    option("--amortise", "N", "Inferences that the cost of programming is shared by."),
]
Baselines = Annotated[
    str | None,
    option(
        "--baselines",
        "FILE.yaml",
        "Digital machines to compare with; by default those that come with aimc_sim.",
    ),
]
Explain = Annotated[
    str | None,
    option(
        "--explain",
        "FIGURE",
        "Print what one figure is made of, down to constants and sources: energy, area, latency, "
        "or one component, as in energy.adc or area.dac.",
    ),
]
