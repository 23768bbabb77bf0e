"""A layer's weights as matrices that crossbars can hold: blocks of codes, drives and phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aimc_sim.model.layers import Ints

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
    """

    row0: int
    col0: int
    codes: Ints


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
    """

    name: str
    drives: tuple[str, ...]
    reads: tuple[str, ...]


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
    code_full : int
        Weight code that takes the whole conductance window.
    blocks : tuple of Block
        Codes.
    inputs, outputs : tuple of Vector
        What drives its rows, what its columns give.
    phases : tuple of Phase
        Reads of one step, in order.
    """

    layer: str
    name: str
    n_rows: int
    n_cols: int
    code_full: int
    blocks: tuple[Block, ...]
    inputs: tuple[Vector, ...]
    outputs: tuple[Vector, ...]
    phases: tuple[Phase, ...]

    def input(self, name: str) -> Vector:
        """Return the input of that name."""
        return next(v for v in self.inputs if v.name == name)

    def output(self, name: str) -> Vector:
        """Return the output of that name."""
        return next(v for v in self.outputs if v.name == name)

    @property
    def n_weights(self) -> int:
        """Codes in all blocks."""
        return sum(block.codes.size for block in self.blocks)
