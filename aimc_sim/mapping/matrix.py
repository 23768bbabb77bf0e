"""A layer's weights as matrices that crossbars can hold: blocks of codes, drives and phases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aimc_sim.model.signal import Ints

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Block:
    """A dense part of a matrix; what lies outside all blocks is zero and not connected.

    Parameters
    ----------
    row0, col0 : int
        Its place in the matrix.
    codes : int array, shape (n_rows, n_cols)
        Weight codes, [wordline, bitline].
    used : bool array, shape (n_rows, n_cols), optional
        Cells that hold a weight; all by default.
    """

    row0: int
    col0: int
    codes: Ints
    used: npt.NDArray[np.bool_] | None = None

    @property
    def holds_weight(self) -> npt.NDArray[np.bool_]:
        """Cells that hold a weight, shape (n_rows, n_cols)."""
        return np.ones(self.codes.shape, dtype=np.bool_) if self.used is None else self.used


@dataclass(frozen=True)
class Phase:
    """One read of a matrix: which rows are driven, which columns are converted.

    Parameters
    ----------
    name : str
        Name, part of the address of its random draws.
    drives : tuple of str
        Input vectors driven; rows of other inputs are at 0 V.
    reads : tuple of str
        Output vectors converted.
    leads : tuple of int, optional
        Per input driven: its codes count 2^lead times, so its slices are driven that much later; a
        whole number of slices.
    """

    name: str
    drives: tuple[str, ...]
    reads: tuple[str, ...]
    leads: tuple[int, ...] = ()

    def lead(self, name: str) -> int:
        """Return by how many bits the codes of an input lead."""
        return self.leads[self.drives.index(name)] if self.leads else 0


@dataclass(frozen=True)
class Vector:
    """An input or output of a matrix: a name, a width in codes, and where it sits.

    Parameters
    ----------
    name : str
        "x", "u" or "y".
    bits : int
        Width of its codes (inputs); 0 for an output.
    signed : bool
        Of its codes (inputs).
    lines : int array
        Row (inputs) or column (outputs) of the matrix of each of its elements.
    """

    name: str
    bits: int
    signed: bool
    lines: Indices


@dataclass(frozen=True)
class Matrix:
    """One matrix of a layer.

    Parameters
    ----------
    layer, name : str
        Whose, and which ("weight", "A", "B", "C", "kernel").
    n_rows, n_cols : int
        Size.
    code_full : mapping
        ``(input, output) -> weight code that takes the whole conductance window``; what shares a
        bitline in one read has the same.
    blocks : tuple of Block
        Codes.
    inputs, outputs : tuple of Vector
        What drives its rows, what its columns give.
    phases : tuple of Phase
        Reads of one step, in order.
    kernel_of_col, mode_of_col : int array, shape (n_cols,), optional
        Channel, and mode or -1, that each column of an S4D tensor belongs to.
    identity : int array, shape (n_modes,), optional
        What of A is kept digital, in units of the accumulator of the next state; None: nothing.
    """

    layer: str
    name: str
    n_rows: int
    n_cols: int
    code_full: Mapping[tuple[str, str], int]
    blocks: tuple[Block, ...]
    inputs: tuple[Vector, ...]
    outputs: tuple[Vector, ...]
    phases: tuple[Phase, ...]
    kernel_of_col: Ints | None = None
    mode_of_col: Ints | None = None
    identity: Ints | None = None

    def input(self, name: str) -> Vector:
        """Return the input of that name."""
        return next(v for v in self.inputs if v.name == name)

    def output(self, name: str) -> Vector:
        """Return the output of that name."""
        return next(v for v in self.outputs if v.name == name)

    @cached_property
    def vector_of_row(self) -> Indices:
        """Number of the input that drives each row, shape (n_rows,)."""
        return _owner(self.inputs, self.n_rows)

    @cached_property
    def vector_of_col(self) -> Indices:
        """Number of the output that each column adds to, shape (n_cols,)."""
        return _owner(self.outputs, self.n_cols)

    def full_of(self, rows: Indices, cols: Indices) -> Ints:
        """Return the full-window code of some cells, shape (len(rows), len(cols))."""
        table = np.array(
            [[self.code_full[i.name, o.name] for o in self.outputs] for i in self.inputs],
            dtype=np.int64,
        )
        return table[self.vector_of_row[rows][:, None], self.vector_of_col[cols][None, :]]

    @property
    def peak(self) -> int:
        """Largest absolute code, at least 1."""
        return max([1, *(int(np.abs(block.codes).max(initial=0)) for block in self.blocks)])

    @property
    def n_weights(self) -> int:
        """Weights in all blocks."""
        return sum(int(block.holds_weight.sum()) for block in self.blocks)


def _owner(vectors: tuple[Vector, ...], size: int) -> Indices:
    owner = np.zeros(size, dtype=np.intp)
    for i, vector in enumerate(vectors):
        owner[vector.lines] = i
    return owner
