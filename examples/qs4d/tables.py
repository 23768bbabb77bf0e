"""Tables of the claims, as lines of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chips import DEPLOYED_ON, SPREADS
from claims import Digital, OnChips, best_small, cell, least_bits, least_by_seed, loss
from settings import TENSORS, Setting, by_tensor, homogeneous, noisy, of_state, pruned

from aimc_sim.study.student import mean_of


def _head(*names: str) -> Iterator[str]:
    yield "| " + " | ".join(names) + " |"
    yield "|---" * len(names) + "|"


def _points(values: Sequence[float], floats: Sequence[float]) -> str:
    """Return the loss in points with its interval."""
    if not values:
        return ""
    mean, half = loss(values, floats)
    interval = f" ± {100 * half:.2f}" if len(values) > 1 else ""
    return f"{round(-100 * mean, 2) + 0.0:+.2f}{interval}"


def widths(found: Digital, claim: str) -> Iterator[str]:
    """Yield claims a and b: accuracy by width, and the least width that is enough."""
    settings = list(homogeneous() if claim == "a" else of_state())
    series = {
        training: found.series(s for s in settings if s.training == training)
        for training in ("ptq", "qat")
    }
    yield from _head(
        "bits",
        "after training (PTQ)",
        "against float",
        "trained as integers (QAT)",
        "against float",
    )
    for bits in sorted({b for own in series.values() for b in own}, reverse=True):
        cells = [
            text
            for own in series.values()
            for text in (cell(own.get(bits, ())), _points(own.get(bits, ()), found.floats))
        ]
        yield f"| {bits} | " + " | ".join(cells) + " |"
    enough = []
    for own in series.values():
        least, by_seed = least_bits(own, found.floats), least_by_seed(own, found.floats)
        alone = f", seeds alone {', '.join(map(str, by_seed))}" if len(by_seed) > 1 else ""
        enough += [f"**{least} bits**{alone}", ""]
    yield "| within 1 % | " + " | ".join(enough) + " |"


def tensors(found: Digital) -> Iterator[str]:
    """Yield claim c: loss when one tensor alone goes down, the most sensitive first."""
    rows = {
        what: [s for s in by_tensor() if s.what == what and s.training == "ptq"] for what in TENSORS
    }
    narrow = sorted({s.bits for own in rows.values() for s in own}, reverse=True)
    yield from _head("tensor", *(f"PTQ, {bits} bits" for bits in narrow), "QAT, 2 bits")

    def lost(what: str) -> float:
        losses = (found.accuracy(Setting(what, bits, "ptq")) for bits in narrow)
        return -sum(loss(values, found.floats)[0] for values in losses if values)

    for what in sorted(TENSORS, key=lost):
        cells = [_points(found.accuracy(Setting(what, b, "ptq")), found.floats) for b in narrow]
        cells.append(_points(found.accuracy(Setting(what, 2, "qat")), found.floats))
        yield f"| {TENSORS[what]} | " + " | ".join(cells) + " |"


def complexity(found: Digital, chips: OnChips) -> Iterator[str]:
    """Yield claim d: float, 8 bits, and the smallest model within 1 %."""
    small, eight = best_small(found), Setting("all", 8, "qat")
    yield from _head(
        "model", "accuracy", "parameters", "weights", "state", "bit operations a step",
        "digital machine, 22 nm", "`pcm_256`, A digital",
    )  # fmt: skip
    size = found.complexity(eight, "float")
    rows = [("float", found.floats, size, _machine(found, eight, "float"), "")]
    for label, setting in (("QAT, 8 bits", eight), (_named(small), small)):
        measured = chips.of(claim="f", model=setting.name)
        chip = f"{_nJ([r['energy_per_step_J'] for r in measured])}" if measured else ""
        own = found.accuracy(setting)
        rows.append((label, own, found.complexity(setting), _machine(found, setting), chip))
    for label, values, tree, machine, chip in rows:
        yield (
            f"| {label} | {cell(values)} | {tree['parameters']:,} |"
            f" {tree['weight_bits'] / 8e3:.2f} kB | {tree['state_bits'] / 8e3:.2f} kB |"
            f" {tree['bit_operations_per_step'] / 1e6:.3f} M | {machine} | {chip} |"
        )
    tree = found.complexity(small)
    ratios = [size[k] / tree[k] for k in ("parameters", "weight_bits", "state_bits")]
    ratios.append(size["bit_operations_per_step"] / tree["bit_operations_per_step"])
    yield "| float to smallest | | " + " | ".join(f"{r:.1f} times" for r in ratios) + " | | |"


def _named(setting: Setting) -> str:
    return f"smallest: QAT, {setting.bits} bits, {100 * setting.states:g} % of the modes"


def _machine(found: Digital, setting: Setting, kind: str = "integer") -> str:
    """Return the energy of a step on the digital accelerator, mean of seeds."""
    rows = found.rows[setting.name]
    return _nJ([rows[seed]["machine_J"][kind] for seed in found.seeds])


def _nJ(values_J: Sequence[float]) -> str:
    return f"{1e9 * mean_of(values_J):.2f} nJ"


def noise(chips: OnChips) -> Iterator[str]:
    """Yield claim e: accuracy by width, training and spread of writing."""
    yield from _head("weights", "model", *(f"{100 * spread:g} %" for spread in SPREADS))
    labels = {"ptq": "PTQ", "qat": "QAT", "noise": "QAT and noise"}
    for setting in noisy():
        name = setting.name
        cells = [cell(chips.accuracy(claim="e", model=name, spread=s)) for s in SPREADS]
        yield f"| {setting.bits} bits | {labels[setting.training]} | " + " | ".join(cells) + " |"


def pruning(found: Digital, chips: OnChips) -> Iterator[str]:
    """Yield claim f: accuracy, tiles, energy and area by states kept."""
    yield from _head(
        "states kept", "integer reference", "on `pcm_256`", "tiles", "energy a step", "area"
    )
    for setting in pruned():
        rows = chips.of(claim="f", model=setting.name)
        costs = ["", "", ""]
        if rows:
            tiles, joules, area = (
                mean_of([row[key] for row in rows])
                for key in ("n_tiles", "energy_per_step_J", "area_m2")
            )
            costs = [f"{tiles:.1f}", f"{joules * 1e9:.2f} nJ", f"{area * 1e6:.2f} mm²"]
        on_chip = cell(tuple(mean_of(row["accuracy"]) for row in rows))
        yield (
            f"| {100 * setting.states:g} % | {cell(found.accuracy(setting))} | {on_chip} | "
            + " | ".join(costs)
            + " |"
        )


def deployment(chips: OnChips) -> Iterator[str]:
    """Yield claim h: accuracy fresh and after a day, and what it takes."""
    yield from _head(
        "chip", "mapping", "model", "fresh", "after a day", "energy a step", "time a step", "area"
    )
    keys = dict.fromkeys(
        (of["chip"], of["mapping"], of["model"])
        for chip in DEPLOYED_ON
        for of in (row["of"] for row in chips.of(claim="h", chip=chip))
    )
    for chip, mapping, model in keys:
        own = {"claim": "h", "chip": chip, "mapping": mapping, "model": model}
        one = chips.of(**own)[0]
        fresh, day = (cell(chips.accuracy(**own, age=age)) for age in ("fresh", "a day"))
        yield (
            f"| `{chip}` | {mapping} | `{model}` | {fresh} | {day} |"
            f" {one['energy_per_step_J'] * 1e9:.2f} nJ | {one['latency_per_step_s'] * 1e6:.2f} µs |"
            f" {one['area_m2'] * 1e6:.2f} mm² |"
        )
