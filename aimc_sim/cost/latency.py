"""How long a step and an inference take: layers in series, tiles of a read in parallel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimc_sim.cost.costs import Price
from aimc_sim.events import Events
from aimc_sim.mapping.matrix import Phase
from aimc_sim.mapping.plan import LayerPlan, MatrixPlan, Plan
from aimc_sim.mapping.reads import conversions_per_adc, converted_lines, reads_of
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class LatencyBill:
    """Times; None where no step, or no inference, was counted.

    Parameters
    ----------
    per_step : float or None
        From the input of a step to its last layer before the pool [s].
    per_inference : float or None
        All steps of a sequence of mean length, then the layers that run once [s].
    programming : float
        Pulses, verify and calibration reads of all chips, one after another [s].
    """

    per_step: float | None
    per_inference: float | None
    programming: float


def runs_of(layer: LayerPlan, events: Events) -> int:
    """Return how many times a layer was executed: its ``control.step`` over all chips."""
    return sum(
        n
        for (name, _, action), n in events.counts.items()
        if name == layer.layer and action == "control.step"
    )


def n_inferences(plan: Plan, events: Events) -> int:
    """Return how many sequences were finished, over all chips: executions of the pool."""
    return sum(runs_of(layer, events) for layer in plan.layers if layer.kind == "pool")


def n_steps(plan: Plan, events: Events) -> int:
    """Return how many steps were made, over all chips: executions of the first layer."""
    return next((runs_of(layer, events) for layer in plan.layers if layer.per_step), 0)


def latency_s(
    plan: Plan, events: Events, prices: Mapping[str, Price], programming_s: float
) -> LatencyBill:
    """Return the times of a run.

    Parameters
    ----------
    plan : Plan
        Layers, phases, tiles.
    events : Events
        Digital work of each layer; its mean over executions counts.
    prices : mapping
        From `aimc_sim.cost.Costs.prices`.
    programming_s : float
        Time of programming [s], passed through.

    Raises
    ------
    InputError
        ``hardware.timing.t_step_s`` is given and below the time of a step.
    """
    steps, inferences = n_steps(plan, events), n_inferences(plan, events)
    if any(layer.per_step for layer in plan.layers) and not steps:
        return LatencyBill(None, None, programming_s)
    per_step = sum(
        layer_latency_s(layer, plan, events, prices) for layer in plan.layers if layer.per_step
    )
    check_step(plan, per_step)
    if not inferences:
        return LatencyBill(per_step, None, programming_s)
    once = sum(
        layer_latency_s(layer, plan, events, prices) for layer in plan.layers if not layer.per_step
    )
    return LatencyBill(per_step, steps / inferences * per_step + once, programming_s)


def check_step(plan: Plan, per_step_s: float) -> None:
    """Refuse a time between steps that a step does not fit into.

    Raises
    ------
    InputError
        ``hardware.timing.t_step_s`` below the latency of a step; the message names both.
    """
    t_step_s = plan.hardware.timing.t_step_s
    if t_step_s is not None and t_step_s < per_step_s:
        raise InputError(
            f"hardware.timing.t_step_s: found {t_step_s:g} s, but this chip takes "
            f"{per_step_s:g} s for a step of this model; allowed: that or more, or "
            f"null for the latency itself"
        )


def layer_latency_s(
    layer: LayerPlan, plan: Plan, events: Events, prices: Mapping[str, Price]
) -> float:
    """Return the time of one execution of a layer [s]: its phases, then its digital work.

    Notes
    -----
    Phases and their reads follow one another. Digital work of each kind takes
    ``ceil(n / n_parallel)`` passes, the kinds one after another; what is counted on a tile
    overlaps with its reads.
    """
    analog = sum(
        phase_latency_s(m, phase, plan, prices) for m in layer.matrices for phase in m.matrix.phases
    )
    runs, digital = runs_of(layer, events), 0.0
    for (name, tile_id, action), n in sorted(events.counts.items()):
        if name == layer.layer and tile_id < 0 and runs:
            cost = prices[action].cost
            digital += -(-n // (runs * cost.n_parallel)) * cost.latency_s
    return analog + digital


def phase_latency_s(m: MatrixPlan, phase: Phase, plan: Plan, prices: Mapping[str, Price]) -> float:
    """Return the time of all reads of a phase [s].

    Notes
    -----
    A read is: DAC, drive, hold, conversions of the busiest ADC of any tile (with the switching
    between bitlines), one shift-and-add after the last conversion.
    """
    hardware = plan.hardware
    busiest = 0
    for tile in m.tiles:
        if m.lines_of(tile, phase.drives, "inputs")[0].size:
            columns, _ = m.lines_of(tile, phase.reads, "outputs")
            lines = converted_lines(m.layout, tile, columns, hardware)
            busiest = max(busiest, conversions_per_adc(lines, hardware))
    if not busiest:
        return 0.0
    time_s = {action: price.cost.latency_s for action, price in prices.items()}
    conversion_s = time_s["adc.convert"] + time_s["mux.switch"]
    read_s = (
        time_s["dac.convert"]
        + time_s["crossbar.mvm"]
        + time_s["sample_hold.hold"]
        + busiest * conversion_s
        + time_s["shift_add.op"]
    )
    return len(reads_of(m.matrix, phase, hardware)) * read_s
