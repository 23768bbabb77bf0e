"""Settling: how long a crossbar takes until its currents stand still."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import eigh_tridiagonal
from scipy.sparse.linalg import eigsh

from aimc_sim.crossbar.lines_network import Lines, network_of
from aimc_sim.crossbar.nodal import Nodes
from aimc_sim.hardware.wires import Wires
from aimc_sim.model.signal import Floats
from aimc_sim.spec import InputError

MOST_EXACT = 1 << 16
"""Cells up to which the slowest mode of the whole network is computed; beyond, a bound."""


@dataclass(frozen=True)
class Settling:
    r"""Slowest time constant of a crossbar and the accuracy asked for.

    Parameters
    ----------
    tau_s : float
        Time constant [s].
    n_bits : int
        A read must settle to half a step of this many bits.
    is_bound : bool
        Whether `tau_s` is a bound from above instead of the time constant itself.

    Notes
    -----
    .. math::
        t = (n + 1) \ln 2 \, \tau , \qquad \mathrm{residual}(t) = e^{-t/\tau}

    From any state, the root mean square of the deviations of all node voltages, weighted with their
    capacitances, falls at least as fast as the residual. One bitline alone can lag behind it: where
    drivers and sense resistors are equally slow, by up to 3 times in the tests (docs/wires.md).
    """

    tau_s: float
    n_bits: int
    is_bound: bool = False

    @property
    def time_s(self) -> float:
        """Time that a read needs [s]."""
        return (self.n_bits + 1) * math.log(2.0) * self.tau_s

    def residual(self, t_read_s: float) -> float:
        """Return what is still missing after a time, as a share of the final value."""
        return math.exp(-t_read_s / self.tau_s) if self.tau_s > 0.0 else 0.0

    def check(self, t_read_s: float, where: str = "hardware.timing.t_read_s") -> None:
        """Refuse a read that is shorter than the array needs.

        Raises
        ------
        InputError
            With the time found, the time needed and the residual.

        Examples
        --------
        >>> Settling(1.0e-9, 8).check(1.0e-8)
        >>> Settling(1.0e-9, 8).check(1.0e-9)
        Traceback (most recent call last):
            ...
        aimc_sim.spec.InputError: hardware.timing.t_read_s: found 1e-09 s; the array (time constant
        1e-09 s) settles to 8 bits in 6.238e-09 s; after 1e-09 s 36.8 % are missing
        """
        if t_read_s < self.time_s:
            raise InputError(
                f"{where}: found {t_read_s:.4g} s; the array (time constant "
                f"{'at most ' if self.is_bound else ''}{self.tau_s:.4g} s) settles to "
                f"{self.n_bits} bits in {self.time_s:.4g} s; after {t_read_s:.4g} s "
                f"{100.0 * self.residual(t_read_s):.3g} % are missing"
            )


def settling(g_S: Floats, wires: Wires, n_bits: int) -> Settling:
    r"""Return how long reads of a crossbar take to settle.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_bitlines)
        Conductances of the devices [S].
    wires : Wires
        Lines and the capacitance at every node.
    n_bits : int
        Bits of the converter; `wires.settle_bits` goes before it.

    Notes
    -----
    Crossed: the network obeys C dv/dt = -A v + drive, and tau is C over the smallest eigenvalue of
    A, exact up to 65536 cells. Beyond, a line alone: cells only add to A, so it is a bound from
    above. Gate topologies: the time constant of a gate's wordline, plus the slower one of bitline
    and source line alone, the bound with all cells off; gates first, then the column.

    Examples
    --------
    >>> one = Wires(driver_ohm=1.0e3, capacitance_F=1.0e-12)
    >>> round(settling(np.array([[0.0]]), one, 8).tau_s * 1e9, 6)
    1.0
    """
    bits = wires.settle_bits or n_bits
    if wires.capacitance_F == 0.0:
        return Settling(0.0, bits)
    n, m = g_S.shape
    if wires.is_gate:
        network = network_of(g_S, wires, np.ones(n), 1.0)
        drive_ohm = wires.driver_ohm + wires.wordline_ohm
        end_ohm = drive_ohm if wires.driven == "both_ends" else math.inf
        gate = Lines("w", 1, wires.wordline_ohm, drive_ohm, end_ohm, np.zeros(n))
        column = max(_line_tau(line, n, wires) for line in (network.first, network.second))
        return Settling(_line_tau(gate, m, wires) + column, bits, is_bound=True)
    if n * m > MOST_EXACT:
        return settling_bound((n, m), wires, n_bits)
    return Settling(_network_tau(Nodes.of(network_of(g_S, wires, np.zeros(n))), wires), bits)


def settling_bound(shape: tuple[int, int], wires: Wires, n_bits: int) -> Settling:
    """Return a bound of the time constant of crossed lines, whatever the cells conduct.

    Parameters
    ----------
    shape : tuple of int
        Wordlines and bitlines.
    wires, n_bits
        As in `settling`.

    Notes
    -----
    The slower of one wordline and one bitline alone: cells only add to the decay. Of a gate
    topology it is the time constant itself that `settling` gives.
    """
    bits = wires.settle_bits or n_bits
    if wires.is_gate:
        return settling(np.zeros(shape), wires, n_bits)
    network = network_of(np.zeros(shape), wires, np.zeros(shape[0]))
    tau_s = max(
        _line_tau(network.first, shape[1], wires), _line_tau(network.second, shape[0], wires)
    )
    return Settling(tau_s, bits, is_bound=True)


def _line_tau(lines: Lines, n: int, wires: Wires) -> float:
    """Return the slowest time constant of a line of n cells alone [s]."""
    if lines.is_held:
        return 0.0
    ends = [1.0 / ohm for ohm in (lines.start_ohm, lines.end_ohm) if math.isfinite(ohm)]
    if lines.segment_ohm == 0.0:
        return n * wires.capacitance_F / sum(ends)
    g_S = 1.0 / lines.segment_ohm
    main = np.full(n, 2.0 * g_S)
    main[0] += 1.0 / lines.start_ohm - g_S
    main[-1] += 1.0 / lines.end_ohm - g_S
    slowest = eigh_tridiagonal(main, np.full(n - 1, -g_S), True, "i", (0, 0))
    return wires.capacitance_F / float(slowest[0])


def _network_tau(nodes: Nodes, wires: Wires) -> float:
    """Return the slowest time constant of a whole network [s]."""
    if not nodes.n:
        return 0.0
    matrix = nodes.matrix(nodes.network.g_S)
    each = np.bincount(nodes.first[nodes.first >= 0], minlength=nodes.n)
    each = each + np.bincount(nodes.second[nodes.second >= 0], minlength=nodes.n)
    scale = sparse.diags_array(1.0 / np.sqrt(each))
    scaled = (scale @ matrix @ scale).tocsc()
    if nodes.n < 3:
        return wires.capacitance_F / float(np.linalg.eigvalsh(scaled.toarray())[0])
    start = np.ones(nodes.n)
    slowest = eigsh(scaled, k=1, sigma=0.0, which="LM", v0=start, return_eigenvectors=False)
    return wires.capacitance_F / float(slowest[0])
