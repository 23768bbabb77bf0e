"""What the options of `aimc spice` are called, and what the help says of each."""

from __future__ import annotations

from typing import Annotated

import typer

ChipFile = Annotated[
    str, typer.Option("--chip", metavar="CHIP.yaml", help="Chip that the model is mapped on.")
]
Layer = Annotated[
    str | None,
    typer.Option("--layer", metavar="NAME", help="All tiles of this layer; by default tile 0."),
]
Tiles = Annotated[
    list[int] | None,
    typer.Option(
        "--tile", metavar="N", help="This tile, as aimc inspect numbers them; repeatable."
    ),
]
PhaseName = Annotated[
    str | None,
    typer.Option("--phase", metavar="NAME", help="Read of a step; by default the first."),
]
Read = Annotated[
    int, typer.Option("--read", metavar="N", help="Slice of the input codes, lowest first.")
]
ChipNumber = Annotated[
    int, typer.Option("--chip-number", metavar="N", help="Which of the chips of aimc run --chips.")
]
SpiceSeed = Annotated[
    int, typer.Option("--seed", metavar="S", help="Build seed, and seed of random codes.")
]
SpiceData = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DATA.npz",
        help="Drive it as the integer reference would; by default with random codes.",
    ),
]
Sequence = Annotated[int, typer.Option("--sequence", metavar="I", help="Sequence of the data.")]
Step = Annotated[int, typer.Option("--step", metavar="K", help="Step of the sequence.")]
Netlist = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Netlist to write; - is standard output. Of several tiles, the number of each is put "
        "before the suffix.",
    ),
]
