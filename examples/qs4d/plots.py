"""Figures of the claims."""

from __future__ import annotations

from collections.abc import Sequence

from chips import DEPLOYED_ON, SPREADS
from choices import ANALOG_GAINS, HYBRID_GAINS
from claims import Digital, OnChips, Series, best_small
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from settings import TENSORS, Setting, by_tensor, homogeneous, noisy, of_state, pruned

from aimc_sim.study.student import half_width, mean_of

TRAINED = {
    "ptq": ("after training", "#b2182b"),
    "qat": ("trained as integers", "#2166ac"),
    "noise": ("and against noise", "#0b7a3b"),
}
METRICS = {
    "bit_operations_per_step": "bit operations",
    "state_bits": "memory of the state",
    "machine_J": "energy, digital machine",
    "weight_bits": "memory of weights",
    "parameters": "parameters",
}
DEPLOYED = ("ptq8", "qat8", "noise_hybrid")
COLOURS = ("#b2182b", "#2166ac", "#0b7a3b", "#8c6bb1", "#e08214", "#41a0c7", "#555555", "#d6604d")


def curve(axes: Axes, points: dict[float, Sequence[float]], label: str, colour: str) -> None:
    """Draw means with their 95 % intervals over seeds."""
    x = list(points)
    means = [100 * mean_of(v) for v in points.values()]
    halves = [100 * half_width(v, 0.025) if len(v) > 1 else 0.0 for v in points.values()]
    low = [max(m - h, 0.0) for m, h in zip(means, halves, strict=True)]
    high = [min(m + h, 100.0) for m, h in zip(means, halves, strict=True)]
    axes.fill_between(x, low, high, color=colour, alpha=0.13, lw=0)
    axes.plot(x, means, "o-", color=colour, ms=3, lw=1.3, label=label)


def _line_of_float(axes: Axes, found: Digital) -> None:
    axes.axhline(100 * mean_of(found.floats) - 1, color="#555555", lw=0.8, ls=":")
    axes.annotate("1 % below float", (0.99, 100 * mean_of(found.floats) - 1), xytext=(0, -2),
                  xycoords=("axes fraction", "data"), textcoords="offset points", ha="right",
                  va="top", fontsize=7, color="#555555")  # fmt: skip


def bits_figure(found: Digital) -> Figure:
    """Claims a and b: accuracy against width, PTQ and QAT."""
    figure = Figure(figsize=(7.4, 3.0), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    names = ("everything (bits)", "state alone (bits)")
    for axes, settings, name in zip(panels, (homogeneous, of_state), names, strict=True):
        for training in ("ptq", "qat"):
            own: Series = found.series(s for s in settings() if s.training == training)
            curve(axes, {float(k): v for k, v in own.items()}, *TRAINED[training])
        _line_of_float(axes, found)
        axes.set_xlabel(name)
        axes.set_ylim(0, 101)
    panels[0].set_ylabel("accuracy (%)")
    panels[0].legend(loc="lower right")
    return figure


def tensors_figure(found: Digital) -> Figure:
    """Claim c: accuracy when one tensor alone goes down."""
    figure = Figure(figsize=(5.4, 3.2), layout="constrained")
    axes = figure.subplots()
    for (what, label), colour in zip(TENSORS.items(), COLOURS, strict=True):
        own = found.series(s for s in by_tensor() if (s.what, s.training) == (what, "ptq"))
        curve(axes, {float(k): v for k, v in own.items()}, label, colour)
    _line_of_float(axes, found)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("bits of that tensor, after training")
    axes.set_ylabel("accuracy (%)")
    axes.set_ylim(0, 101)
    axes.legend(loc="lower right", fontsize=8)
    return figure


def noise_figure(chips: OnChips) -> Figure:
    """Claim e: accuracy against the spread of writing, a panel a width."""
    every = sorted({s.bits for s in noisy()}, reverse=True)
    figure = Figure(figsize=(2.1 * len(every), 2.8), layout="constrained")
    panels = figure.subplots(1, len(every), sharey=True)
    for axes, bits in zip(panels, every, strict=True):
        for training, (label, colour) in TRAINED.items():
            name = Setting("noisy", bits, training).name
            own = {100 * s: chips.accuracy(claim="e", model=name, spread=s) for s in SPREADS}
            curve(axes, {k: v for k, v in own.items() if v}, label, colour)
        axes.set_title(f"{bits} bits", fontsize=9, loc="left")
        axes.set_xlabel("spread (% of window)")
        axes.set_ylim(20, 101)
    panels[0].set_ylabel("accuracy (%)")
    panels[0].legend(loc="lower left", fontsize=7)
    return figure


def pruning_figure(found: Digital, chips: OnChips) -> Figure:
    """Claim f: accuracy, and tiles, energy and area as shares of the whole model's."""
    figure = Figure(figsize=(7.4, 2.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    kept = {100 * s.states: s for s in pruned()}
    digital = {k: found.accuracy(s) for k, s in kept.items()}
    curve(left, {k: v for k, v in digital.items() if v}, "integer reference", COLOURS[1])
    analog = {k: chips.accuracy(claim="f", model=s.name) for k, s in kept.items()}
    curve(left, {k: v for k, v in analog.items() if v}, "on pcm_256, fresh", COLOURS[0])
    _line_of_float(left, found)
    left.set_ylim(90, 100.5)
    left.set_ylabel("accuracy (%)")
    left.legend(loc="lower right")
    names = {"n_tiles": "tiles", "energy_per_step_J": "energy a step", "area_m2": "area"}
    for (key, label), colour in zip(names.items(), COLOURS, strict=False):
        rows = {k: chips.of(claim="f", model=s.name) for k, s in kept.items()}
        values = {k: mean_of([r[key] for r in own]) for k, own in rows.items() if own}
        y = [100 * v / values[100.0] for v in values.values()]
        right.plot(list(values), y, "o-", color=colour, ms=3, lw=1.3, label=label)
    right.set_ylim(0, 104)
    right.set_ylabel("% of the whole model's")
    right.legend(loc="lower right")
    for axes in (left, right):
        axes.set_xlabel("states kept (%)")
    return figure


def shares_of_float(found: Digital, setting: Setting) -> dict[str, float]:
    """Return what a setting takes as a share of what float takes, by metric."""
    seed = found.seeds[0]
    own, whole = (found.rows[x.name][seed] for x in (setting, Setting("all", 8, "qat")))
    taken = {**own["complexity"]["integer"], "machine_J": own["machine_J"]["integer"]}
    of_float = {**whole["complexity"]["float"], "machine_J": whole["machine_J"]["float"]}
    return {metric: taken[metric] / of_float[metric] for metric in METRICS}


def complexity_figure(found: Digital) -> Figure:
    """Claim d: each metric of the 8-bit and of the smallest model as a part of float's."""
    figure = Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.subplots()
    eight, small = Setting("all", 8, "qat"), best_small(found)
    shares = {"8 bits": shares_of_float(found, eight), "smallest": shares_of_float(found, small)}
    for i, (label, own) in enumerate(shares.items()):
        y = [k + 0.36 * i - 0.18 for k in range(len(own))]
        axes.barh(y, list(own.values()), 0.34, color=COLOURS[1 + i], label=label)
        for at, share in zip(y, own.values(), strict=True):
            axes.annotate(f"1/{1 / share:.3g}", (share, at), xytext=(3, 0), va="center",
                          textcoords="offset points", fontsize=7)  # fmt: skip
    axes.set_yticks(range(len(METRICS)), list(METRICS.values()))
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("share of what float takes")
    axes.axvline(0.01, color="#555555", lw=0.8, ls=":")
    axes.set_xlim(5e-3, 1.6)
    figure.legend(loc="outside upper right", ncols=2)
    return figure


def deployment_figure(chips: OnChips, machine_J: dict[str, float]) -> Figure:
    """Claim h: accuracy fresh and a day later, and the energy of a step beside machines."""
    figure = Figure(figsize=(7.4, 3.0), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    cases = [(chip, choice.name) for chip in DEPLOYED_ON for choice in (HYBRID_GAINS, ANALOG_GAINS)]
    names = [f"{chip}\n{'A digital' if i % 2 == 0 else 'whole kernel'}"
             for i, (chip, _) in enumerate(cases)]  # fmt: skip
    for k, (model, (label, colour)) in enumerate(zip(DEPLOYED, TRAINED.values(), strict=True)):
        for j, age in enumerate(("fresh", "a day")):
            values = [chips.accuracy(claim="h", chip=chip, mapping=mapping, model=model, age=age)
                      for chip, mapping in cases]  # fmt: skip
            x = [i + 0.26 * k + 0.12 * j - 0.32 for i in range(len(cases))]
            means = [100 * mean_of(v) for v in values]
            halves = [100 * half_width(v, 0.025) for v in values]
            left.errorbar(x, means, halves, fmt="o" if j == 0 else "s", color=colour, ms=4, lw=1,
                          mfc=colour if j == 0 else "white", label=f"{label}, {age}")  # fmt: skip
    left.set_xticks(range(len(cases)), names, fontsize=7)
    left.set_ylim(97, 100.4)
    left.set_ylabel("accuracy (%)")
    figure.legend(loc="outside lower left", ncols=3, fontsize=7)
    own = {name: chips.of(claim="h", chip=chip, mapping=mapping, model="qat8")[0]
           for name, (chip, mapping) in zip(names, cases, strict=True)}  # fmt: skip
    bars = {name.replace("\n", ", "): row["energy_per_step_J"] for name, row in own.items()}
    bars |= machine_J
    right.barh(range(len(bars)), [1e9 * v for v in bars.values()], color=COLOURS[1])
    right.set_yticks(range(len(bars)), list(bars), fontsize=7)
    right.invert_yaxis()
    right.set_xscale("log")
    right.set_xlim(1, 1e3)
    right.set_xlabel("energy a step (nJ)")
    return figure
