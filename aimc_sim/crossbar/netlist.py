"""Netlist: a crossbar in one read as text for ngspice."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from aimc_sim.crossbar.lines_network import Lines, Network
from aimc_sim.model.signal import Floats

OPTIONS = ".options reltol=1e-12 abstol=1e-18 vntol=1e-15 gmin=1e-18 itl1=1000"


@dataclass(frozen=True)
class Curve:
    """Cells whose current is ``g V + a V^2 + b V^3``.

    Parameters
    ----------
    a, b : float array, shape (n_wordlines, n_bitlines)
        [A/V^2] and [A/V^3].
    """

    a: Floats
    b: Floats


def netlist(
    network: Network, *, title: str, notes: Sequence[str] = (), curve: Curve | None = None
) -> str:
    """Return a crossbar in one read as an ngspice netlist that prints every branch current.

    Parameters
    ----------
    network : Network
        Lines, devices and drive; a device of 0 S is left out.
    title : str
        First line.
    notes : sequence of str
        Further lines of comment.
    curve : Curve, optional
        Devices with a curved current become behavioural sources.

    Returns
    -------
    str
        Nodes are named ``w3_5``: line letter, wordline, bitline; a line without resistance is one
        node, ``w3``, or the node that holds it, ``wh3``. Elements: ``rc3_5`` (or ``bc3_5``) the
        device, ``rw3_5`` the segment of wordline 3 before bitline 5, ``rb3_5`` that of bitline 5
        before wordline 3, from the first cell to the last; ``vb5`` what holds bitline 5.

    Examples
    --------
    >>> from aimc_sim.crossbar.lines_network import network_of
    >>> from aimc_sim.hardware import Wires
    >>> text = netlist(network_of(np.array([[1.0e-3]]), Wires(sense_ohm=5.0), [0.2]), title="one")
    >>> print(text.partition(".options")[0].rstrip())
    * one
    vw0 wh0 0 0.2
    vb0 bh0 0 0.0
    rb1_0 b0 bh0 5.0
    rc0_0 wh0 b0 1000.0
    """
    elements = [*_lines(network.first, network.shape), *_lines(network.second, network.shape)]
    elements += _cells(network, curve)
    names = [line.split(" ", 1)[0] for line in elements if line[0] != "v"]
    return "\n".join([
        f"* {title}",
        *(f"* {note}" for note in notes),
        *elements,
        OPTIONS,
        ".save all",
        *(f".save @{name}[i]" for name in names),
        ".control",
        "set numdgt=16",
        "op",
        "print all",
        "quit",
        ".endc",
        ".end",
        "",
    ])  # fmt: skip


def node(lines: Lines, i: int, j: int) -> str:
    """Return the name of a line's node at a cell."""
    line = i if lines.axis else j
    if lines.is_held:
        return f"{lines.letter}h{line}"
    return f"{lines.letter}{i}_{j}" if lines.segment_ohm else f"{lines.letter}{line}"


def _lines(lines: Lines, shape: tuple[int, int]) -> Iterator[str]:
    """Yield what holds some lines, and their segments."""
    letter, length = lines.letter, shape[1] if lines.axis else shape[0]
    for line, held_V in enumerate(lines.held_V):
        yield f"v{letter}{line} {letter}h{line} 0 {float(held_V)!r}"
        if lines.is_held:
            continue
        for k in range(length + 1):
            at, before = ((line, k), (line, k - 1)) if lines.axis else ((k, line), (k - 1, line))
            ohm = _ohm_of(lines, k, length)
            if math.isfinite(ohm) and ohm > 0.0:
                a = node(lines, *before) if k else f"{letter}h{line}"
                b = node(lines, *at) if k < length else f"{letter}h{line}"
                yield f"r{letter}{at[0]}_{at[1]} {a} {b} {ohm!r}"


def _ohm_of(lines: Lines, k: int, length: int) -> float:
    """Return the resistance of a segment [ohm]: 0 is the start, `length` the end."""
    return lines.start_ohm if k == 0 else lines.end_ohm if k == length else lines.segment_ohm


def _cells(network: Network, curve: Curve | None) -> Iterator[str]:
    """Yield the devices that conduct."""
    for i, j in zip(*np.nonzero(network.g_S), strict=True):
        a, b = node(network.first, i, j), node(network.second, i, j)
        g_S = float(network.g_S[i, j])
        if curve is None:
            yield f"rc{i}_{j} {a} {b} {1.0 / g_S!r}"
            continue
        v, square, cube = f"V({a},{b})", float(curve.a[i, j]), float(curve.b[i, j])
        yield f"bc{i}_{j} {a} {b} I={v}*({g_S!r}+{v}*({square!r}+{v}*({cube!r})))"
