"""A crossbar with wires as a plain dense circuit: one node after another, one resistor at a time.

It shares no code with the package: nodes have names, resistors of 0 ohm join their nodes, and the
nodal equations are solved by `numpy.linalg.solve`.
"""

from __future__ import annotations

import numpy as np


class Circuit:
    """Resistors and voltages between named nodes."""

    def __init__(self):
        self.resistors, self.held, self.alias = [], {}, {}

    def find(self, node):
        """Return the node that stands for all that are joined with it."""
        while node in self.alias:
            node = self.alias[node]
        return node

    def resistor(self, a, b, ohm):
        """Connect two nodes; 0 ohm joins them."""
        if ohm == 0.0:
            a, b = self.find(a), self.find(b)
            if a != b:
                if a in self.held:
                    a, b = b, a
                assert a not in self.held
                self.alias[a] = b
        else:
            self.resistors.append((a, b, 1.0 / ohm))

    def hold(self, node, volt):
        """Hold a node at a voltage."""
        self.held[node] = volt

    def solve(self):
        """Return a function from node name to voltage."""
        edges = [(self.find(a), self.find(b), g) for a, b, g in self.resistors]
        nodes = dict.fromkeys(n for a, b, _ in edges for n in (a, b) if n not in self.held)
        index = {node: i for i, node in enumerate(nodes)}
        matrix, right = np.zeros((len(index), len(index))), np.zeros(len(index))
        for a, b, g in edges:
            for here, there in ((a, b), (b, a)):
                if here in self.held:
                    continue
                matrix[index[here], index[here]] += g
                if there in self.held:
                    right[index[here]] += g * self.held[there]
                else:
                    matrix[index[here], index[there]] -= g
        x = np.linalg.solve(matrix, right) if index else right

        def volt(node):
            node = self.find(node)
            return self.held[node] if node in self.held else x[index[node]]

        return volt


def crossbar(g_S, w, v_V):
    """Return the cell currents [wordline, bitline] of a crossbar.

    ``v_V`` are the wordline voltages; for a gate topology wordlines that are on (1) or off (0), the
    bitlines held at 1 V.
    """
    n, m = g_S.shape
    c = Circuit()
    if w.topology == "crossed":
        for i in range(n):
            c.hold(("source", i), v_V[i])
            c.resistor(("source", i), ("pin", i), w.driver_ohm)
            c.resistor(("pin", i), ("a", i, 0), w.wordline_ohm)
            for j in range(m - 1):
                c.resistor(("a", i, j), ("a", i, j + 1), w.wordline_ohm)
            if w.driven == "both_ends" and w.driver_ohm + w.wordline_ohm:
                c.resistor(("source", i), ("pin2", i), w.driver_ohm)
                c.resistor(("pin2", i), ("a", i, m - 1), w.wordline_ohm)
    for j in range(m):
        c.hold(("read", j), 1.0 if w.topology != "crossed" else 0.0)
        _line(c, j, n, "b", ("read", j), w.sense_ohm, w.bitline_ohm,
              bottom=True, top=w.sensed == "both_ends")  # fmt: skip
        if w.topology != "crossed":
            c.hold(("ground", j), 0.0)
            far = w.topology == "gate_far_end"
            _line(c, j, n, "a", ("ground", j), w.driver_ohm, w.source_line_ohm,
                  bottom=not far or w.driven == "both_ends",
                  top=far or w.driven == "both_ends")  # fmt: skip
    on = np.ones(n, bool) if w.topology == "crossed" else np.asarray(v_V, bool)
    for i in range(n):
        for j in range(m):
            if g_S[i, j] and on[i]:
                c.resistors.append((("a", i, j), ("b", i, j), g_S[i, j]))
    volt = c.solve()
    sign = 1.0 if w.topology == "crossed" else -1.0
    return np.array([
        [sign * on[i] * g_S[i, j] * (volt(("a", i, j)) - volt(("b", i, j))) for j in range(m)]
        for i in range(n)
    ])  # fmt: skip


def _line(c, j, n, name, end, end_ohm, segment_ohm, *, bottom, top):
    """Lay a line along a column and connect its ends."""
    for i in range(n - 1):
        c.resistor((name, i, j), (name, i + 1, j), segment_ohm)
    ideal = end_ohm + segment_ohm == 0.0
    if bottom:
        c.resistor(end, ("low", name, j), end_ohm)
        c.resistor(("low", name, j), (name, n - 1, j), segment_ohm)
    if top and not (bottom and ideal):
        c.resistor(end, ("high", name, j), end_ohm)
        c.resistor(("high", name, j), (name, 0, j), segment_ohm)


def effective(g_S, w):
    """Return the effective matrix by one solve a wordline."""
    return np.array([crossbar(g_S, w, row).sum(axis=0) for row in np.eye(len(g_S))])
