"""The tables that `aimc cost` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aimc_sim.display import percent, si, text_table

Rows = list[tuple[str, ...]]

MOST = 8
"""Components shown by name; the rest stands in one line."""


def cost_table(tree: Mapping[str, Any]) -> str:
    """Return the tables of `aimc cost MODEL` from its JSON."""
    energy = tree["per_inference"]
    parts = [
        text_table(headline_rows(tree)),
        _shares("energy per inference, by component", energy["by_component_J"], "J")
        if energy
        else "",
        "latency of a step, by layer (reads, then digital work)\n"
        + text_table(path_rows(tree), "  "),
        _shares("area, by component", tree["area_m2"]["by_component"], "m2"),
        "constants that move the energy most, each alone (* interval stated, else by grade)\n"
        + text_table(swing_rows(tree), "  "),
        "the same model elsewhere (ratio: how many times this chip's)\n"
        + text_table(baseline_rows(tree), "  "),
        "complexity\n" + text_table(complexity_rows(tree), "  "),
        *(f"note: {note}" for note in tree["cost_notes"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline_rows(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of every headline figure."""
    energy, latency, derived = tree["per_inference"], tree["latency_s"], tree["derived"]
    programming, tiles, run = tree["programming"], tree["tiles"], tree["run"]
    interval = ""
    if energy and energy["interval_J"][0] != energy["interval_J"][1]:
        interval = f" ({_range(energy['interval_J'], 'J')})"
    ops = derived["ops_per_s"]
    rows = [
        ("counted on", run["what"]),
        ("energy per inference", (si(energy["energy_J"], "J") if energy else "–") + interval),
        ("energy per step", si(tree["energy_J"]["per_step"], "J")),
        ("power while running", si(tree["power_W"], "W")),
        ("latency of a step (streaming)", si(latency["per_step"], "s")),
        ("interval of steps (layers pipelined)", si(latency["pipelined_interval"], "s")),
        ("latency per inference", si(latency["per_inference"], "s")),
        ("area of a chip", si(tree["area_m2"]["total"], "m2")),
        (
            "tiles",
            f"{tiles['count']} of {tiles['n_wordlines']} x {tiles['n_bitlines']}, "
            f"{percent(tiles['utilisation'], 1)} used",
        ),
        ("programming, a chip", f"{si(programming['energy_J'], 'J')}, "
                                f"{si(programming['latency_s'], 's')}"),
        (
            f"programming over {programming['n_amortised']:,.0f} inferences",
            f"{si(programming['energy_per_inference_J'], 'J')} each",
        ),
        ("operations a second, streaming", si(ops["streaming"], "OPS")),
        ("operations a second, pipelined", si(ops["pipelined"], "OPS")),
        ("operations a second and watt", si(derived["ops_per_J"], "OPS/W")),
        ("operations a second and mm²", _per_mm2(derived["ops_per_s_m2"])),
        ("energy per MAC", si(derived["J_per_mac"], "J")),
        ("energy-delay product of an inference", si(derived["energy_delay_Js"], "Js")),
    ]  # fmt: skip
    return rows


def path_rows(tree: Mapping[str, Any]) -> Rows:
    """Return the layers of a step with their times."""
    rows: Rows = [("layer", "reads", "digital", "interval")]
    for time in tree["latency_s"]["critical_path"]:
        if time["per_step"]:
            rows.append(
                (
                    time["layer"], si(time["reads"], "s"), si(time["digital"], "s"),
                    si(time["interval"], "s"),
                )
            )  # fmt: skip
    return rows


def swing_rows(tree: Mapping[str, Any]) -> Rows:
    """Return the constants of the tornado."""
    rows: Rows = [("constant", "value", "from", "to", "energy from", "to", "grade")]
    for s in tree["sensitivity"]:
        value = "table" if isinstance(s["value"], list) else f"{s['value']:.4g}"
        star = "*" if s["interval_is_stated"] else ""
        rows.append(
            (
                s["constant"].removeprefix("costs."),
                value,
                f"x {s['factors'][0]:g}",
                f"x {s['factors'][1]:g}{star}",
                si(s["energy_J"][0], "J"),
                si(s["energy_J"][1], "J"),
                s["grade"],
            )
        )
    return rows


def baseline_rows(tree: Mapping[str, Any]) -> Rows:
    """Return the digital machines beside the chip."""
    rows: Rows = [("machine", "energy per inference", "ratio", "latency per step", "ratio", "area")]
    for b in tree["baselines"]:
        energy = si(b["energy_per_inference_J"], "J")
        if b["interval_J"]:
            energy += f" ({_range(b['interval_J'], 'J')})"
        rows.append(
            (
                b["name"], energy, _times(b["ratio"]["energy"]), si(b["latency_per_step_s"], "s"),
                _times(b["ratio"]["latency"]), si(b["area_m2"], "m2"),
            )
        )  # fmt: skip
    return rows


def complexity_rows(tree: Mapping[str, Any]) -> Rows:
    """Return integer and float model side by side."""
    c = tree["complexity"]
    rows: Rows = [("", "integer", "float", "ratio")]
    for name, key in (
        ("parameters", "parameters"),
        ("memory of weights [bit]", "weight_bits"),
        ("memory of state [bit]", "state_bits"),
        ("MACs a step", "macs_per_step"),
        ("bit operations a step", "bit_operations_per_step"),
    ):
        ratio = c["ratio"].get(key)
        rows.append(
            (
                name, f"{c['integer'][key]:,}", f"{c['float'][key]:,}",
                "" if ratio is None else f"{ratio:.1f}",
            )
        )  # fmt: skip
    return rows


def busy_rows(tree: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return name and value of every peak figure of a chip."""
    tile, low_high = tree["tile"], tree["tile"]["energy_interval_J"]
    interval = "" if low_high[0] == low_high[1] else f" ({_range(low_high, 'J')})"
    return [
        ("chip", f"{tree['chip']}, {tree['n_tiles']:,} tiles, all busy"),
        ("an operation", tree["operation"]),
        (
            "codes",
            f"inputs {tree['input_bits']} bits, {tree['inputs']}; weights {tree['weight_bits']} "
            f"bits, {tree['weights']}",
        ),
        ("MACs of a tile", f"{tile['macs']:,}"),
        ("matrix-vector product of a tile", f"{si(tile['energy_J'], 'J', 4)}{interval}"),
        ("its latency", si(tile["latency_s"], "s", 4)),
        ("from one to the next", si(tile["interval_s"], "s", 4)),
        ("power of the chip", si(tree["power_W"], "W", 4)),
        ("area of the chip", si(tree["area_m2"]["total"], "m2", 4)),
        ("operations a second", si(tree["ops_per_s"], "OPS", 4)),
        ("operations a second and watt", si(tree["ops_per_J"], "OPS/W", 4)),
        ("times input and weight bits", si(tree["ops_per_J_times_bits"], "OPS/W", 4)),
        ("operations a second and mm²", _per_mm2(tree["ops_per_s_m2"])),
    ]


def busy_table(tree: Mapping[str, Any]) -> str:
    """Return the tables of `aimc cost --chip CHIP` from its JSON."""
    tile = tree["tile"]
    parts = [
        text_table(busy_rows(tree)),
        _shares("energy of a product of a tile", tile["energy_by_component_J"], "J"),
        _shares("area of the chip", tree["area_m2"]["by_component"], "m2"),
        *(f"note: {note}" for note in tree["cost_notes"]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _shares(title: str, parts: Mapping[str, float], unit: str) -> str:
    """Return the largest parts of a sum, each with its share."""
    total = sum(parts.values())
    if not total:
        return ""
    ranked = [item for item in sorted(parts.items(), key=lambda item: -item[1]) if item[1] > 0.0]
    shown = ranked[:MOST]
    if len(ranked) > MOST:
        shown.append(("others", sum(value for _, value in ranked[MOST:])))
    rows = [(name, si(value, unit), percent(value / total, 1)) for name, value in shown]
    return f"{title}\n{text_table(rows, indent='  ')}"


def _range(ends: list[float], unit: str) -> str:
    return f"{si(ends[0], unit)} to {si(ends[1], unit)}"


def _per_mm2(value: float | None) -> str:
    return "–" if value is None else si(1.0e-6 * value, "OPS/mm²")


def _times(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
