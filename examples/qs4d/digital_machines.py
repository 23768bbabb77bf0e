"""Machines without analog arrays: what the same integers take there, and what float would."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator

from aimc_sim import load_model
from aimc_sim.cost.baseline_file import load_baselines
from aimc_sim.cost.complexity import FLOAT_BITS, Complexity, complexity_of


def as_wide(work: Complexity) -> Complexity:
    """Return the same work with every number of 32 bits, as a float counts."""
    return Complexity(
        tuple(
            dataclasses.replace(
                layer,
                weight_bits=FLOAT_BITS * layer.parameters,
                state_bits=FLOAT_BITS * layer.state_values,
                products=tuple(
                    dataclasses.replace(p, weight_bits=FLOAT_BITS, input_bits=FLOAT_BITS)
                    for p in layer.products
                ),
            )
            for layer in work.layers
        )
    )


def energy_of_step(model: pathlib.Path, *, is_float: bool = False) -> float:
    """Return the energy of a step on the digital accelerator at 22 nm [J].

    Parameters
    ----------
    model
        File.
    is_float
        Whether every product takes operands of 32 bits and every number is kept with 32.
        Multipliers are priced as those of integers, so that this is the least that float takes.
    """
    network = load_model(model)
    machine = load_baselines()[0]
    work = complexity_of(network)
    return sum(machine.energy_J(network, as_wide(work) if is_float else work, True).values())


def energies(model: pathlib.Path) -> dict[str, float]:
    """Return the energy of a step on each digital machine [J]."""
    network = load_model(model)
    return {m.name: m.bill(network, 1).energy_per_step_J for m in load_baselines()}


def machines(model: pathlib.Path) -> Iterator[str]:
    """Yield a table of the digital machines."""
    network = load_model(model)
    yield "| machine | energy a step | time a step | area |"
    yield "|---|---|---|---|"
    for machine in load_baselines():
        bill = machine.bill(network, 1)
        area = "" if bill.area_m2 is None else f"{bill.area_m2 * 1e6:.2f} mm²"
        yield (
            f"| `{machine.name}` | {bill.energy_per_step_J * 1e9:.2f} nJ |"
            f" {bill.latency_per_step_s * 1e6:.3g} µs | {area} |"
        )
