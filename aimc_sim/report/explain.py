"""Where one figure of a bill comes from: amounts, constants, and the source of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from aimc_sim.cost.bill import Bill
from aimc_sim.cost.component import Component
from aimc_sim.cost.costs import Costs
from aimc_sim.cost.terms import Term, terms_of
from aimc_sim.display import percent, si, text_table
from aimc_sim.events import ACTIONS, Events
from aimc_sim.mapping.plan import Plan
from aimc_sim.spec import InputError, nearest

KINDS = ("energy", "area", "latency")


@dataclass(frozen=True)
class Ledger:
    """What is explained.

    Parameters
    ----------
    events : Events
        Counted.
    costs : Costs
        Prices.
    plan : Plan
        What the events were counted on.
    bill : Bill
        The bill of them.
    """

    events: Events
    costs: Costs
    plan: Plan
    bill: Bill


def explain(ledger: Ledger, figure: str) -> dict[str, Any]:
    """Return what a figure is made of.

    Parameters
    ----------
    ledger : Ledger
        Events, prices, bill.
    figure : str
        ``energy``, ``energy.COMPONENT``, ``area``, ``area.COMPONENT`` or ``latency``.

    Returns
    -------
    dict
        ``figure``, ``unit``, ``total``, ``rows`` (each with name, amount, each, total), and
        ``constants``: for each component its constants, how a price follows, and its source.

    Raises
    ------
    InputError
        No such figure.
    """
    kind, _, name = figure.partition(".")
    components = ledger.costs.components()
    if kind not in KINDS or (name and (kind == "latency" or name not in components)):
        known = [*KINDS, *(f"{k}.{c}" for k in KINDS[:2] for c in components)]
        near = nearest(figure, known)
        hint = f"; did you mean {near!r}" if near else ""
        raise InputError(
            f"--explain: found {figure!r}{hint}; allowed: {', '.join(KINDS)}, and energy or area "
            f"with a component: {', '.join(components)}"
        )
    if kind == "latency":
        return _latency(ledger)
    names = [name] if name else list(components)
    rows = _energy_rows(ledger, names) if kind == "energy" else _area_rows(ledger, names)
    shown = [part for part in names if any(row["component"] == part for row in rows)]
    return {
        "figure": figure,
        "unit": "J" if kind == "energy" else "m2",
        "total": math.fsum(row["total"] for row in rows),
        "rows": rows,
        "constants": [_constants(ledger, part) for part in shown],
    }


def explain_text(tree: dict[str, Any]) -> str:
    """Return an explanation as text."""
    unit = tree["unit"]
    head = ("layer", "what", "how often", "each", "total", "share")
    lines = [head] + [
        (
            row["layer"],
            row["what"],
            _amount(row),
            si(row["each"], row["each_unit"], 5),
            si(row["total"], unit, 5),
            percent(row["total"] / tree["total"], 1) if tree["total"] else "–",
        )
        for row in tree["rows"]
    ]
    parts = [
        f"{tree['figure']} = {si(tree['total'], unit, 6)}",
        text_table(lines, indent="  "),
        *(_constants_text(part) for part in tree["constants"]),
    ]
    return "\n\n".join(parts) + "\n"


def _amount(row: dict[str, Any]) -> str:
    n = row["amount"]
    return f"{n:,}" if isinstance(n, int) else si(n, row["amount_unit"], 5)


def _energy_rows(ledger: Ledger, names: list[str]) -> list[dict[str, Any]]:
    """Return amounts of each layer and action, tiles and chips summed."""
    found: dict[tuple[str, str, str], list[Term]] = {}
    on_s = ledger.bill.time_on_s
    for term in terms_of(ledger.events, ledger.costs, ledger.plan, on_s):
        if term.component in names:
            found.setdefault((term.component, term.layer, term.action), []).append(term)
    rows = []
    for (component, layer, action), terms in found.items():
        array, static = action == "crossbar.x2", action not in ACTIONS
        amount = math.fsum(t.amount for t in terms) if array or static else int(
            sum(t.amount for t in terms)
        )  # fmt: skip
        rows.append(
            {
                "component": component,
                "layer": layer,
                "what": "V^2 G t in the cells" if array else action,
                "amount": amount,
                "amount_unit": "J" if array else "s" if static else "",
                "each": terms[0].each_J,
                "each_unit": "" if array else "W" if static else "J",
                "total": math.fsum(t.energy_J for t in terms),
            }
        )
    return sorted(rows, key=lambda row: -row["total"])


def _area_rows(ledger: Ledger, names: list[str]) -> list[dict[str, Any]]:
    rows = []
    for name in names:
        area_m2 = ledger.costs.area_m2(name, ledger.plan)
        if area_m2:
            n = ledger.plan.n_sites
            rows.append(
                {
                    "component": name, "layer": "chip", "what": name, "amount": n,
                    "amount_unit": "", "each": area_m2 / n if n else 0.0, "each_unit": "m2",
                    "total": area_m2,
                }
            )  # fmt: skip
    return sorted(rows, key=lambda row: -row["total"])


def _latency(ledger: Ledger) -> dict[str, Any]:
    bill = ledger.bill.latency_s
    rows = [
        {
            "component": "", "layer": time.layer, "what": what, "amount": 1, "amount_unit": "",
            "each": value, "each_unit": "s", "total": value,
        }
        for time in bill.critical_path
        if time.per_step
        for what, value in (("reads", time.reads), ("digital work", time.digital))
        if value
    ]  # fmt: skip
    return {
        "figure": "latency", "unit": "s", "total": bill.per_step or 0.0, "rows": rows,
        "constants": [],
    }  # fmt: skip


def _constants(ledger: Ledger, name: str) -> dict[str, Any]:
    """Return constants, prices, scaling and source of a component."""
    part = ledger.costs.components()[name]
    hardware, scaling = ledger.plan.hardware, ledger.costs.scalings.get(name)
    return {
        "component": name,
        "node_nm": part.node_nm,
        "constants": _values(part),
        "derivation": part.derivation(hardware),
        "scaling": None if scaling is None else vars(scaling),
        "source": part.source.model_dump(mode="json"),
    }


def _values(part: Component) -> dict[str, Any]:
    """Return what the price list of a component states, by name."""
    left_out = {"source", "intervals", "node_nm", "vdd_V", "kind"}
    return {
        name: value
        for name, value in part.model_dump(mode="json").items()
        if name not in left_out and value not in (None, [], {})
    }


def _constants_text(part: dict[str, Any]) -> str:
    source = part["source"]
    rows = [(f"costs.{part['component']}.{k}", _short(v)) for k, v in part["constants"].items()]
    lines = [f"{part['component']}, {part['node_nm']:g} nm", text_table(rows, indent="  ")]
    lines += [f"  {line}" for line in part["derivation"]]
    if part["scaling"] is not None:
        s = part["scaling"]
        lines.append(
            f"  scaled from {s['from_nm']:g} nm at {s['from_vdd_V']:g} V to {s['to_nm']:g} nm at "
            f"{s['to_vdd_V']:g} V: energy x {s['energy']:.4g}, area x {s['area']:.4g}, "
            f"time x {s['latency']:.4g}"
        )
    lines.append(f"  source ({source['grade']}): {source['cite']}")
    if source["doi"]:
        lines.append(f"  doi: {source['doi']}")
    if source["note"]:
        lines.append(f"  note: {source['note']}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
