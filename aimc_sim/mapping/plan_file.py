"""PlanFile: the form of a plan as a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from aimc_sim.spec import Spec


class PieceFile(Spec):
    """A `Piece` as the file writes it."""

    block: int = Field(ge=0)
    row0: int = Field(ge=0)
    col0: int = Field(ge=0)
    n_rows: int = Field(ge=1)
    n_cols: int = Field(ge=1)
    wordline0: int = Field(ge=0)
    column0: int = Field(ge=0)


class TileFile(Spec):
    """A `TilePlan` as the file writes it."""

    tile_id: int = Field(ge=0)
    layer: str
    matrix: str
    index: int = Field(ge=0)
    pieces: tuple[PieceFile, ...] = Field(min_length=1)
    site: int | None = Field(default=None, ge=0)
    origin: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 0)
    wordline_at: tuple[int, ...] | None = None
    column_at: tuple[int, ...] | None = None


class RangeFile(Spec):
    """Full scales of the converters of one read of a tile."""

    tile_id: int = Field(ge=0)
    phase: str
    read: int = Field(ge=0)
    full_scale: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)


class PlanFile(Spec):
    """The whole file."""

    format: Literal["aimc-plan"]
    version: Literal["1.0", "1.1"]
    model: str = Field(pattern="^[0-9a-f]{64}$")
    hardware: str = Field(pattern="^[0-9a-f]{64}$")
    tiles: tuple[TileFile, ...]
    ranges: tuple[RangeFile, ...] = ()
