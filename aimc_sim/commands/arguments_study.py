"""What the options of studies are called, and what the help says of each."""

from __future__ import annotations

from typing import Annotated

import typer

from aimc_sim.commands.arguments import option

StudyFile = Annotated[str, typer.Argument(metavar="STUDY.yaml", help="Study.", show_default=False)]
Results = Annotated[
    str, typer.Argument(metavar="RESULTS.sqlite", help="Results file.", show_default=False)
]
Sources = Annotated[
    list[str],
    typer.Argument(metavar="RESULTS...", help="Results files to merge.", show_default=False),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="RESULTS.sqlite",
        help="Results file; made where it is missing, else what it lacks is added; by default the "
        "study's name.",
    ),
]
MergeOutput = Annotated[
    str,
    typer.Option("--output", "-o", metavar="RESULTS.sqlite", help="Results file to merge into."),
]
Workers = Annotated[
    int | None,
    option("--workers", "N", "Processes; 1 is this one alone. By default as many as cores."),
]
Dask = Annotated[
    str | None,
    option("--dask", "ADDRESS", "Address of a Dask scheduler, as tcp://host:8786, for a cluster."),
]
Chips = Annotated[
    int | None, option("--chips", "N", "Chip instances a point, instead of the file's.")
]
Limit = Annotated[
    int | None, option("--limit", "N", "Take the first N sequences only, instead of the file's.")
]
Width = Annotated[
    float | None,
    option(
        "--ci",
        "POINTS",
        "Add chips to each point in rounds until the 95 % interval of its accuracy is narrower "
        "than this, in percentage points.",
    ),
]
Name = Annotated[
    str | None, option("--study", "NAME", "Which study of the file, by name or digest.")
]
Csv = Annotated[str | None, option("--csv", "FILE", "Write one row a task as CSV.")]
Parquet = Annotated[str | None, option("--parquet", "FILE", "Write one row a task as Parquet.")]
Plot = Annotated[
    str | None, option("--plot", "FILE", "Draw the answer: a name that ends in .svg, .png or .pdf.")
]
Least = Annotated[
    float, option("--at-least", "VALUE", "What a good chip has at least, as 0.95 for an accuracy.")
]
Metric = Annotated[
    str, option("--metric", "PATH", "What is specified: a path in the JSON of a run.")
]
Samples = Annotated[
    int | None,
    option(
        "--samples",
        "N",
        "Base points, a power of two; N (axes + 2) points are run. By default those of the study, "
        "or 64.",
    ),
]
ChipSeed = Annotated[
    str,
    option(
        "--chip-seed",
        "WAY",
        "averaged: every point has the study's chips, whose mean counts; factor: the chip instance "
        "is a factor like the others.",
    ),
]
Within = Annotated[
    float,
    option(
        "--within",
        "POINTS",
        "How far accuracy may fall below that of the integer model, in percentage points.",
    ),
]
Confidence = Annotated[float, option("--confidence", "PERCENT", "Of the whole answer.")]
Looser = Annotated[
    str | None,
    option(
        "--looser",
        "WAY",
        "up or down: which values of the axis are looser. By default down for bits, else up.",
    ),
]
Most = Annotated[int, option("--most", "N", "Most chip instances of one value.")]
Objectives = Annotated[
    str,
    option("--objectives", "NAMES", "Two or more of accuracy, energy, latency, area, with commas."),
]
Trials = Annotated[int, option("--trials", "N", "Choices to try; more go on where fewer ended.")]
SnrLimit = Annotated[
    int,
    option("--limit", "N", "The first N sequences give the power at the input of each kernel."),
]
MonteCarlo = Annotated[
    int,
    option(
        "--monte-carlo",
        "N",
        "Chips that are programmed to judge the static part; 0: the closed form alone, at once.",
    ),
]
Draws = Annotated[
    int, option("--draws", "N", "Noisy sequences of each mode that judge the per-read part.")
]
