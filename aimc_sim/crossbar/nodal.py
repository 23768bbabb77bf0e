"""Nodal equations of a crossbar, sparse: all node voltages and branch currents of a read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import splu

from aimc_sim.crossbar.lines_network import Lines, Network, network_of
from aimc_sim.hardware.wires import Wires
from aimc_sim.mapping.matrix import Indices
from aimc_sim.model.signal import Floats


@dataclass(frozen=True)
class Solution:
    """Voltages and currents of one read; first and second lines as in `Network`.

    Parameters
    ----------
    v_first_V, v_second_V : float array, shape (n_wordlines, n_bitlines)
        Node voltages at the cells [V].
    i_cell_A : float array, shape (n_wordlines, n_bitlines)
        Through the devices, from first to second lines [A].
    i_first_A, i_second_A : float array, one longer along the line
        Of every segment, from its first to its last cell, ends included [A].
    i_sense_A : float array, shape (n_bitlines,)
        Of each bitline, all its ends together [A].
    """

    v_first_V: Floats
    v_second_V: Floats
    i_cell_A: Floats
    i_first_A: Floats
    i_second_A: Floats
    i_sense_A: Floats


@dataclass(frozen=True)
class Nodes:
    """The unknown node voltages of a network and what the wires alone say of them.

    Parameters
    ----------
    network : Network
        Lines and devices.
    first, second : int array, shape (n_wordlines, n_bitlines)
        Unknown of the two nodes of each cell; -1 where the line is held.
    n : int
        Unknowns.
    wires : sparse matrix, shape (n, n)
        Conductances of the wires [S].
    right : float array, shape (n,)
        Currents from where the lines are held [A].

    Notes
    -----
    Unknowns are numbered along the wordlines, first lines before second; the factorisation orders
    them by minimum degree. A line without resistance is one unknown, or none where it is held.
    """

    network: Network
    first: Indices
    second: Indices
    n: int
    wires: Any
    right: Floats

    @classmethod
    def of(cls, network: Network) -> Nodes:
        """Return the nodes of a network."""
        shape = network.shape
        first = network.first.number(shape, 0)
        second = network.second.number(shape, int(first.max()) + 1)
        n = int(max(first.max(), second.max())) + 1
        stamps = _Stamps(n)
        stamps.lines(network.first, first)
        stamps.lines(network.second, second)
        return cls(network, first, second, n, stamps.matrix(), stamps.right)

    def matrix(self, g_S: Floats) -> Any:
        """Return the conductance matrix with these cells, sparse [S]."""
        stamps = _Stamps(self.n)
        stamps.resistors(self.first, self.second, g_S)
        return (self.wires + stamps.matrix()).tocsc()

    def inject(self, leaving_A: Floats) -> Floats:
        """Return the currents into the unknowns of what flows through the cells [A]."""
        out = np.zeros(self.n)
        for index, sign in ((self.first, -1.0), (self.second, 1.0)):
            known = index >= 0
            np.add.at(out, index[known], sign * leaving_A[known])
        return out

    def held_currents(self, g_S: Floats) -> Floats:
        """Return the currents that cells bring into the unknowns from lines that are held [A]."""
        v_first, v_second = self.voltages(np.zeros(self.n))
        return self.inject(g_S * (v_first - v_second))

    def voltages(self, x_V: Floats) -> tuple[Floats, Floats]:
        """Return the voltages at both nodes of every cell from those of the unknowns [V]."""
        held, shape = self.network, self.network.shape
        padded = np.append(x_V, 0.0)
        first = np.where(self.first >= 0, padded[self.first], held.first.at_cells(shape))
        second = np.where(self.second >= 0, padded[self.second], held.second.at_cells(shape))
        return first, second

    def solution(self, x_V: Floats, i_cell_A: Floats) -> Solution:
        """Return everything that follows from the unknowns and the currents of the cells."""
        net = self.network
        first, second = self.voltages(x_V)
        return Solution(
            first,
            second,
            i_cell_A,
            net.first.currents(i_cell_A),
            net.second.currents(-i_cell_A),
            np.asarray(i_cell_A.sum(axis=0)),
        )


class _Stamps:
    """Collects resistors into a matrix and a right side."""

    def __init__(self, n: int) -> None:
        self.n, self.right = n, np.zeros(n)
        none = np.zeros(0, dtype=np.intp)
        self.entries: list[tuple[Indices, Indices, Floats]] = [(none, none, np.zeros(0))]

    def resistors(self, a: Indices, b: Indices, g_S: Floats) -> None:
        """Connect pairs of nodes; what joins a held node counts on the diagonal only."""
        a, b, g = a.ravel(), b.ravel(), np.broadcast_to(g_S, a.shape).ravel()
        for here, there in ((a, b), (b, a)):
            known, both = here >= 0, (here >= 0) & (there >= 0)
            self.entries.append((here[known], here[known], g[known]))
            self.entries.append((here[both], there[both], -g[both]))

    def lines(self, lines: Lines, index: Indices) -> None:
        """Add the segments of some lines and their ends."""
        if lines.is_held:
            return
        along = np.moveaxis(index, lines.axis, 0)
        if lines.segment_ohm:
            g_S = np.full(along[1:].shape, 1.0 / lines.segment_ohm)
            self.resistors(along[:-1], along[1:], g_S)
        for at, ohm in ((along[0], lines.start_ohm), (along[-1], lines.end_ohm)):
            if np.isfinite(ohm):
                self.entries.append((at, at, np.full(len(at), 1.0 / ohm)))
                np.add.at(self.right, at, lines.held_V / ohm)

    def matrix(self) -> Any:
        """Return the sum of all entries, sparse."""
        rows, columns, values = (np.concatenate(parts) for parts in zip(*self.entries, strict=True))
        return sparse.csr_matrix((values, (rows, columns)), shape=(self.n, self.n))


def factorised(matrix: Any) -> Any:
    """Return the sparse factors of a symmetric matrix, ordered by minimum degree."""
    return splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )


def solve(
    g_S: Floats, wires: Wires, drive: npt.ArrayLike, v_read_V: float | None = None
) -> Solution:
    """Return all voltages and currents of a crossbar in one read.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices [S].
    wires : Wires
        Its lines.
    drive : float array, shape (n_wordlines,)
        Wordline voltages [V]; of a gate topology, 1 where a wordline is on and 0 where it is off.
    v_read_V : float, optional
        What the bitlines of a gate topology are held at [V].

    Examples
    --------
    >>> wires = Wires(driver_ohm=100.0, sense_ohm=400.0)
    >>> found = solve(np.array([[1.0e-3]]), wires, [0.3])
    >>> np.round(found.v_first_V, 6), np.round(found.i_sense_A * 1e3, 6)
    (array([[0.28]]), array([0.2]))
    """
    nodes = Nodes.of(network_of(g_S, wires, drive, v_read_V))
    cells_S = nodes.network.g_S
    x_V = np.zeros(0)
    if nodes.n:
        right = nodes.right + nodes.held_currents(cells_S)
        x_V = factorised(nodes.matrix(cells_S)).solve(right)
    first, second = nodes.voltages(x_V)
    return nodes.solution(x_V, cells_S * (first - second))
