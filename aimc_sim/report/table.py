"""The short table that `aimc run` prints: figures of a run with SI prefixes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aimc_sim.display import percent, si, text_table
from aimc_sim.report.budget import budget_text

MOST = 6
"""Components shown by name; the rest stands in one line."""


def run_table(tree: Mapping[str, Any]) -> str:
    """Return the table of a run from its JSON (`aimc_sim.analysis.run_json.run_json`)."""
    parts = [
        text_table(headline_rows(tree)),
        _parts("energy per inference", per_inference(tree), "J"),
        _parts("area of a chip", tree["area_m2"]["by_component"], "m2"),
        budget_text(tree["budget"]) if tree["budget"] else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline_rows(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of every headline figure."""
    accuracy, chips = tree["accuracy"], chips_text(tree["run"]["chips"])
    rows = [
        ("accuracy, integer reference", percent(accuracy["reference"])),
        (f"accuracy, analog ({chips})", interval(accuracy["analog"])),
        ("agreement with the reference", percent(tree["agreement"])),
        ("output error, first / middle / last step", error_text(tree["error_by_step"])),
        ("tiles", tiles_text(tree["tiles"])),
        (
            "saturated conversions",
            f"{percent(tree['saturated']['share'], 4)} ({tree['saturated']['total']})",
        ),
    ]
    most = saturated_text(tree["saturated"]["by_layer"])
    if most:
        rows.append(("saturated most, by layer", most))
    state = tree["effective_state_bits"]
    if state is not None:
        rows.append(("effective state bits, least", f"{state['min']:.1f}"))
    if tree["rounding_lsb"] is not None:
        bound = f"{tree['rounding_lsb']:.2g} of an ADC step"
        rows.append(("sums in 16-bit integers, error at most", bound))
    return [*rows, *device_rows(tree), *cost_rows(tree)]


def device_rows(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of broken devices, of devices not reached, and of poles outside."""
    rows, faults, programming = [], tree["faults"], tree["programming"]
    if faults is not None:
        kinds = ", ".join(f"{kind} {n}" for kind, n in faults.items() if n)
        rows.append(("broken devices, all chips", f"{sum(faults.values())} ({kinds or 'none'})"))
    if programming is not None:
        n, failed = programming["n_devices"], programming["n_failed"]
        rows.append(("devices not verified, all chips", f"{failed} of {n}"))
    for name, n_outside in poles_outside(tree["poles"] or {}).items():
        rows.append((f"modes outside the unit circle, {name}", n_outside))
    return rows


def poles_outside(poles: Mapping[str, Any]) -> dict[str, str]:
    """Return, by stage, the modes outside the unit circle of all layers: mean over chips."""
    found = {}
    for stage in ("programmed", "drifted", "corrected"):
        counts = [layer["stages"][stage]["n_outside"] for layer in poles.values()
                  if stage in layer["stages"]]  # fmt: skip
        if counts and None not in counts:
            mean = sum(map(sum, counts)) / len(counts[0])
            found[stage] = f"{mean:g} of {sum(layer['n_modes'] for layer in poles.values())}"
    return found


def cost_rows(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the rows of energy, latency and area."""
    energy_J, latency_s = tree["energy_J"], tree["latency_s"]
    return [
        ("energy per inference", si(energy_J["per_inference"], "J")),
        ("energy of programming, all chips", si(energy_J["programming"], "J")),
        ("latency per step", si(latency_s["per_step"], "s")),
        ("latency per inference", si(latency_s["per_inference"], "s")),
        ("area of a chip", si(tree["area_m2"]["total"], "m2")),
    ]


def interval(analog: Mapping[str, Any]) -> str:
    """Return mean and 95 % interval in per cent."""
    half = half_width(analog)
    return percent(analog["mean"]) + ("" if half is None else f" ± {100 * half:.2f} (95 %)")


def half_width(analog: Mapping[str, Any]) -> float | None:
    """Return half the width of the 95 % interval; None for one chip."""
    low, high = analog["ci95"] or (0.0, 0.0)
    return (high - low) / 2 if analog["ci95"] else None


def chips_text(chips: Sequence[int]) -> str:
    """Return how many chips.

    Examples
    --------
    >>> chips_text([0]), chips_text([0, 1])
    ('1 chip', '2 chips')
    """
    return "1 chip" if len(chips) == 1 else f"{len(chips)} chips"


def error_text(error: Sequence[float]) -> str:
    """Return the error of the first, middle and last step."""
    return " / ".join(percent(error[i]) for i in (0, len(error) // 2, -1))


def saturated_text(by_layer: Mapping[str, Any], n: int = 3) -> str:
    """Return the layers with the largest shares of saturated conversions; "" without any.

    Examples
    --------
    >>> saturated_text({"a": {"share": 0.0}, "b": {"share": 1e-4}, "c": {"share": 0.02}})
    'c 2.0000 %, b 0.0100 %'
    """
    shares = {name: float(each["share"]) for name, each in by_layer.items() if each["share"]}
    most = sorted(shares, key=lambda name: -shares[name])[:n]
    return ", ".join(f"{name} {percent(shares[name], 4)}" for name in most)


def tiles_text(tiles: Mapping[str, Any]) -> str:
    """Return number, size and utilisation of the tiles."""
    if tiles["count"] is None:
        return "–"
    size = f"{tiles['n_wordlines']} x {tiles['n_bitlines']}"
    return f"{tiles['count']} of {size}, {percent(tiles['utilisation'], 1)} used"


def per_inference(tree: Mapping[str, Any], split: str = "by_component") -> dict[str, float]:
    """Return the energy per inference [J] of every component (or layer); empty without one."""
    energy_J = tree["energy_J"]
    if not energy_J["per_inference"]:
        return {}
    share = energy_J["per_inference"] / energy_J["total"]
    return {name: value * share for name, value in energy_J[split].items()}


def _parts(title: str, parts: Mapping[str, float], unit: str) -> str:
    """Return the largest parts of a sum, each with its share."""
    total = sum(parts.values())
    if not total:
        return ""
    ranked = sorted(parts.items(), key=lambda item: -item[1])
    shown = [item for item in ranked if item[1] > 0.0][:MOST]
    rest = total - sum(value for _, value in shown)
    if rest > 1.0e-9 * total:
        shown.append(("others", rest))
    rows = [(name, si(value, unit), percent(value / total, 1)) for name, value in shown]
    return f"{title}, by component\n{text_table(rows, indent='  ')}"
