"""Derived figures: operations a second, a joule and an area, energy-delay product, energy a MAC."""

from __future__ import annotations

from typing import Any

from aimc_sim.cost.bill import Bill
from aimc_sim.cost.complexity import Complexity


def derived_figures(bill: Bill, work: Complexity) -> dict[str, Any]:
    """Return the figures that papers compare chips by, of a model on a chip.

    Parameters
    ----------
    bill : Bill
        Of a run that made steps.
    work : Complexity
        Of the model.

    Returns
    -------
    dict
        ``ops_per_step``; ``ops_per_s`` with ``streaming`` (a step after the other) and
        ``pipelined`` (every layer on another step); ``ops_per_J``, ``ops_per_s_m2``,
        ``J_per_mac``, ``energy_delay_Js`` of an inference; None where there is no step or no
        inference.

    Notes
    -----
    An operation is a multiplication or an addition of a MAC of the model, analog or digital alike
    (`aimc_sim.cost.complexity`), so two a MAC; empty cells count nothing. Energy is that of the
    steps, with all digital work, without programming. The operations of a full chip are those of
    ``aimc cost --chip CHIP``.

    Examples
    --------
    >>> from aimc_sim.cost.bill import AreaBill, EnergyBill
    >>> from aimc_sim.cost.latency import LatencyBill
    >>> energy = EnergyBill(4e-9, 4e-9, 0.0, {}, {}, per_step=2e-9)
    >>> bill = Bill(energy, LatencyBill(1e-6, 2e-6, 0.0, 5e-7), AreaBill(1e-6, {}))
    >>> from aimc_sim.cost.complexity import LayerComplexity, Product
    >>> layer = LayerComplexity("a", "linear", True, 0, 0, 0, 0, (Product("w", 500, 8, 8),))
    >>> found = derived_figures(bill, Complexity((layer,)))
    >>> found["ops_per_s"]["streaming"], found["energy_delay_Js"]
    (1000000000.0, 8e-15)
    """
    ops = 2 * work.macs_per_step
    energy_J, latency_s = bill.energy_J, bill.latency_s
    streaming = _ratio(ops, latency_s.per_step)
    pipelined = _ratio(ops, latency_s.pipelined_interval)
    per_inference_J, per_inference_s = energy_J.per_inference, latency_s.per_inference
    product = None
    if per_inference_J is not None and per_inference_s is not None:
        product = per_inference_J * per_inference_s
    return {
        "ops_per_step": ops,
        "ops_per_s": {"streaming": streaming, "pipelined": pipelined},
        "ops_per_J": _ratio(ops, energy_J.per_step),
        "ops_per_s_m2": _ratio(pipelined, bill.area_m2.total),
        "J_per_mac": _ratio(energy_J.per_step, work.macs_per_step),
        "energy_delay_Js": product,
    }


def _ratio(value: float | None, over: float | None) -> float | None:
    return value / over if value is not None and over else None
