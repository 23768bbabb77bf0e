"""How long a step and an inference take: layers in series, tiles of a read in parallel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aimc_sim.cost.costs import Costs, Price
from aimc_sim.cost.read_time import ReadTimes, phase_times
from aimc_sim.events import Events
from aimc_sim.mapping.plan import LayerPlan, Plan
from aimc_sim.spec import InputError


@dataclass(frozen=True)
class LayerTime:
    """What one execution of a layer takes.

    Parameters
    ----------
    layer : str
        Name.
    reads, digital : float
        Reads of its tiles, and the digital work behind them [s].
    interval : float
        Between the starts of two executions, where layers work on different steps at once [s].
    per_step : bool
        Whether it runs every step, or once a sequence.
    """

    layer: str
    reads: float
    digital: float
    interval: float
    per_step: bool

    @property
    def total(self) -> float:
        """From input to output [s]."""
        return self.reads + self.digital


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
    pipelined_interval : float or None
        Between two steps, where each layer works on another step [s]: that of the slowest layer.
    critical_path : tuple of LayerTime
        The layers, in order of execution.
    """

    per_step: float | None
    per_inference: float | None
    programming: float
    pipelined_interval: float | None = None
    critical_path: tuple[LayerTime, ...] = ()


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


def latency_s(plan: Plan, events: Events, costs: Costs, programming_s: float) -> LatencyBill:
    """Return the times of a run.

    Parameters
    ----------
    plan : Plan
        Layers, phases, tiles.
    events : Events
        Digital work of each layer; its mean over executions counts.
    costs : Costs
        Of the chip.
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
    prices = costs.prices(plan.hardware)
    overlaps = costs.sample_hold.overlaps
    path = tuple(layer_time(layer, plan, events, prices, overlaps) for layer in plan.layers)
    per_step = sum(time.total for time in path if time.per_step)
    check_step(plan, per_step)
    once = sum(time.total for time in path if not time.per_step)
    interval = max((time.interval for time in path if time.per_step), default=None)
    per_inference = steps / inferences * per_step + once if inferences else None
    return LatencyBill(per_step, per_inference, programming_s, interval, path)


def time_on_s(plan: Plan, events: Events, latency: LatencyBill) -> float:
    """Return how long chips were on, all together [s].

    Notes
    -----
    The time between steps (``hardware.timing.t_step_s``, or the latency of a step) times steps, and
    the latency of the layers that run once times sequences.
    """
    each_s = plan.hardware.timing.t_step_s or latency.per_step or 0.0
    once = sum(time.total for time in latency.critical_path if not time.per_step)
    return n_steps(plan, events) * each_s + n_inferences(plan, events) * once


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


def layer_time(
    layer: LayerPlan, plan: Plan, events: Events, prices: Mapping[str, Price], overlaps: bool
) -> LayerTime:
    """Return what one execution of a layer takes: its phases, then its digital work.

    Notes
    -----
    Phases and their reads follow one another. Digital work of each kind takes
    ``ceil(n / n_parallel)`` passes, the kinds one after another; what is counted on a tile
    overlaps with its reads. A layer with a state begins a step when the last one has ended; others
    begin to read while their digital work is done.
    """
    phases = [
        phase_times(m, phase, plan, prices) for m in layer.matrices for phase in m.matrix.phases
    ]
    reads = sum(times.latency(overlaps) for times in phases)
    runs, digital = runs_of(layer, events), 0.0
    for (name, tile_id, action), n in sorted(events.counts.items()):
        if name == layer.layer and tile_id < 0 and runs:
            cost = prices[action].cost
            digital += -(-n // (runs * cost.n_parallel)) * cost.latency_s
    if layer.kind == "s4d":
        interval = reads + digital
    else:
        interval = max(sum(_interval(times, overlaps) for times in phases), digital)
    return LayerTime(layer.layer, reads, digital, interval, layer.per_step)


def _interval(times: ReadTimes, overlaps: bool) -> float:
    return times.interval if overlaps else times.latency(overlaps=False)
