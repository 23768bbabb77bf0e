"""Compiled ladders: one bitline seen from its cells, and columns whose inputs switch gates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from aimc_sim.jit import njit, pnjit, prange

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_NOTHING = 1.0e-100


@njit
def cell_share(
    g_S: Floats, segment_ohm: float, start_ohm: float, end_ohm: float, out: Floats
) -> None:
    """Share of a wordline's voltage that falls on each cell of one bitline.

    Parameters
    ----------
    g_S : float array, shape (n,)
        Conductances of the cells along the bitline [S].
    segment_ohm : float
        From one cell to the next [ohm].
    start_ohm, end_ohm : float
        From the first and the last cell to 0 V [ohm]; infinite where that end is open. One of them
        is finite.
    out : float array, shape (n, n)
        ``out[i, k]``: voltage across cell i while wordline k is at 1 V and the others at 0 V.

    Notes
    -----
    With up and down the conductances to 0 V that node k of the bitline sees beyond its own cell,
    its voltage is ``g_k / (up_k + down_k + g_k)`` of that of wordline k, and falls along the line
    by ``1 / (1 + segment (up + g))`` a cell. Nothing is subtracted, so entries keep their relative
    accuracy, and 0 ohm needs no limit.
    """
    n = g_S.shape[0]
    up, down = np.empty(n), np.empty(n)
    up[0] = 1.0 / start_ohm if start_ohm > 0.0 else np.inf
    down[n - 1] = 1.0 / end_ohm if end_ohm > 0.0 else np.inf
    for i in range(1, n):
        up[i] = _behind(segment_ohm, up[i - 1] + g_S[i - 1])
    for i in range(n - 2, -1, -1):
        down[i] = _behind(segment_ohm, down[i + 1] + g_S[i + 1])
    fall_up, fall_down = np.empty(n), np.empty(n)
    for i in range(n):
        fall_up[i] = _fall(segment_ohm, up[i] + g_S[i])
        fall_down[i] = _fall(segment_ohm, down[i] + g_S[i])
    for k in range(n):
        outside = up[k] + down[k]
        v = 0.0 if np.isinf(outside) else g_S[k] / (outside + g_S[k])
        out[k, k] = 1.0 if np.isinf(outside) else outside / (outside + g_S[k])
        at = v
        for i in range(k - 1, -1, -1):
            at = at * fall_up[i]
            at = at if at > _NOTHING else 0.0
            out[i, k] = -at
        at = v
        for i in range(k + 1, n):
            at = at * fall_down[i]
            at = at if at > _NOTHING else 0.0
            out[i, k] = -at


@njit(forceinline=True)
def _behind(ohm: float, g_S: float) -> float:
    """Conductance of a resistor and of what lies behind it."""
    if np.isinf(g_S):
        return 1.0 / ohm if ohm > 0.0 else np.inf
    return g_S / (1.0 + ohm * g_S)


@njit(forceinline=True)
def _fall(ohm: float, g_S: float) -> float:
    """Voltage behind a resistor over the voltage before it."""
    if np.isinf(g_S):
        return 0.0
    return 1.0 / (1.0 + ohm * g_S)


@pnjit
def gate_currents(
    g_S: Floats, on: Bools, bitline_ohm: float, source_ohm: float, ends_ohm: Floats, out: Floats
) -> None:
    """Currents of columns whose cells are switched on and off, per volt of read voltage.

    Parameters
    ----------
    g_S : float array, shape (n_wordlines, n_columns)
        Conductances of the cells [S].
    on : bool array, shape (n_reads, n_wordlines)
        Wordlines that are on.
    bitline_ohm, source_ohm : float
        Of a segment of each line [ohm].
    ends_ohm : float array, shape (2, 2)
        From the first and the last cell (columns) of bitline and source line (rows) to the read
        voltage and to 0 V [ohm]; infinite where an end is open. The last of the bitline is finite.
    out : float array, shape (n_reads, n_columns)
        Current from the read voltage through the cells [S].

    Notes
    -----
    Seen from a pair of nodes, what lies above is three conductances (to the read voltage or 0 V
    from the bitline, from the source line, and between the two), two currents and the current that
    flows in at the top. A cell adds to the one between; a segment replaces them by formulas that
    subtract nothing. At the bottom the two ends close the circuit.
    """
    for read in prange(on.shape[0]):
        for j in range(g_S.shape[1]):
            out[read, j] = _column(g_S[:, j], on[read], bitline_ohm, source_ohm, ends_ohm)


@njit
def _column(
    g_S: Floats, on: Bools, bitline_ohm: float, source_ohm: float, ends_ohm: Floats
) -> float:
    """Return the current of one column, per volt."""
    n = g_S.shape[0]
    if ends_ohm[0, 1] == 0.0:  # then the whole bitline is at the read voltage
        return _one_line(g_S, on, source_ohm, ends_ohm[1, 0], ends_ohm[1, 1])
    if ends_ohm[1].min() == 0.0:  # then the whole source line is at 0 V
        return _one_line(g_S, on, bitline_ohm, ends_ohm[0, 0], ends_ohm[0, 1])
    gb, gs, gx = 1.0 / ends_ohm[0, 0], 1.0 / ends_ohm[1, 0], 0.0
    nb, ns, top = gb, 0.0, gb
    for i in range(n):
        if on[i]:
            gx += g_S[i]
        if i < n - 1:
            gb, gs, gx, nb, ns, top = _segment(gb, gs, gx, nb, ns, top, bitline_ohm, source_ohm)
    end_b, end_s = 1.0 / ends_ohm[0, 1], 1.0 / ends_ohm[1, 1]
    all_b, all_s, driven = gb + end_b, gs + end_s, nb + end_b
    det = all_b * all_s + gx * (all_b + all_s)
    vb = ((all_s + gx) * driven + gx * ns) / det
    vs = ((all_b + gx) * ns + gx * driven) / det
    across = (all_s * driven - all_b * ns) / det
    current: float = gx * across + (gb * vb - nb) + (top - nb * vb - ns * vs)
    return current


@njit(forceinline=True)
def _segment(
    gb: float, gs: float, gx: float, nb: float, ns: float, top: float, rb: float, rs: float
) -> tuple[float, float, float, float, float, float]:
    """Move one segment down both lines."""
    det = gb * gs + gx * (gb + gs)
    a, c = 1.0 + rb * (gb + gx), 1.0 + rs * (gs + gx)
    den = 1.0 + rb * (gb + gx) + rs * (gs + gx) + rb * rs * det
    mb = (c * nb + gx * rs * ns) / den
    ms = (gx * rb * nb + a * ns) / den
    top -= nb * rb * mb + ns * rs * ms
    return (gb + det * rs) / den, (gs + det * rb) / den, gx / den, mb, ms, top


@njit
def _one_line(
    g_S: Floats, on: Bools, segment_ohm: float, start_ohm: float, end_ohm: float
) -> float:
    """Return the conductance from the ends of a line through its cells to a node they share."""
    n = g_S.shape[0]
    if start_ohm == 0.0 or end_ohm == 0.0:
        return _sum_on(g_S, on)
    to_end = 1.0 / start_ohm
    cells = held = 0.0  # Norton current of the shared node at 1 V, and its own conductance
    for i in range(n):
        if on[i]:
            to_end += g_S[i]
            cells += g_S[i]
            held += g_S[i]
        if i < n - 1:
            den = 1.0 + segment_ohm * to_end
            held -= cells * segment_ohm * cells / den
            to_end /= den
            cells /= den
    return held - cells * cells / (to_end + 1.0 / end_ohm)


@njit
def _sum_on(g_S: Floats, on: Bools) -> float:
    """Return the sum of the conductances that are on."""
    total = 0.0
    for i in range(g_S.shape[0]):
        if on[i]:
            total += g_S[i]
    return total
