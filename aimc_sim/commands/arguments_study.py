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
