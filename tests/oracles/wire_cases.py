"""Random crossbars with wires, of every topology and with every kind of ideal connection."""

from __future__ import annotations

import itertools

from aimc_sim.hardware import Wires

ENDS = ("one_end", "both_ends")
TOPOLOGIES = ("crossed", "gate_same_end", "gate_far_end")
CASES = tuple(itertools.product(TOPOLOGIES, ENDS, ENDS))


def random_wires(rng, topology, driven, sensed, ideal=0.0):
    """Return wires of 0.01 to 100 ohm, each ideal with the probability asked for."""

    def ohm():
        return 0.0 if rng.random() < ideal else float(10.0 ** rng.uniform(-2.0, 2.0))

    along = "wordline_ohm" if topology == "crossed" else "source_line_ohm"
    return Wires.model_validate({
        along: ohm(), "bitline_ohm": ohm(), "driver_ohm": ohm(), "sense_ohm": ohm(),
        "topology": topology, "driven": driven, "sensed": sensed,
    })  # fmt: skip


def random_conductances(rng, n, m, off=0.2):
    """Return conductances of 0 to 1 mS, a share of them exactly 0."""
    return rng.uniform(0.0, 1.0e-3, (n, m)) * (rng.random((n, m)) >= off)


def random_drive(rng, n, topology):
    """Return wordline voltages, or wordlines that are on."""
    if topology == "crossed":
        return rng.uniform(-0.2, 0.2, n)
    return rng.integers(0, 2, n).astype(float)
