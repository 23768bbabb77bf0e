"""What a page says of a search with several aims: all chips, and the front that none beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from aimc_sim.report.figure import Figure, WIDTH_in
from aimc_sim.report.results.coordinate import is_number, value_text
from aimc_sim.report.results.metric import ACCURACY, Metric
from aimc_sim.report.results.provenance import provenance_rows
from aimc_sim.report.results.section import Section
from aimc_sim.report.results.ticks import prepare_axis
from aimc_sim.report.sortable import Cell, Table
from aimc_sim.report.svg import INK, MAIN

Trial = Mapping[str, Any]
_MOST_ROWS = 500


def pareto_section(tree: Mapping[str, Any], name: str) -> Section:
    """Return what a page says of the answer of `aimc study pareto`."""
    front = [t for t in tree["trials"] if t["is_on_front"]]
    refused = [t for t in tree["trials"] if t["refused"]]
    aims = ", ".join(
        f"{Metric(o['metric']).title} {'high' if o['direction'] == 'maximize' else 'low'}"
        for o in tree["objectives"]
    )
    remark = f", {len(refused)} refused" if refused else ""
    tables = [_table(tree, "Front", front)]
    others = [t for t in tree["trials"] if not t["is_on_front"] and not t["refused"]]
    if others:
        tables.append(_table(tree, "Other chips", others))
    if refused:
        rows = [(_number(t), _place(t), t["refused"]) for t in refused[:_MOST_ROWS]]
        tables.append(Table("Refused chips", ("trial", "chip", "reason"), rows, "", 3))
    return Section(
        name,
        f"Pareto front, study {tree['study']}",
        [f"Wanted: {aims}. No chip on the front is beaten by another in all of them."],
        [(str(len(front)), "chips on the front", f"of {len(tree['trials'])} tried{remark}")],
        pareto_figures(tree),
        tables,
        provenance_rows(tree, study=tree["study"], chips_a_trial=tree["n_chips"],
                        trials=tree.get("n_trials")),
    )  # fmt: skip


def pareto_figures(tree: Mapping[str, Any]) -> list[Figure]:
    """Return the first aim, accuracy if it is one, against each of the others."""
    names = [objective["metric"] for objective in tree["objectives"]]
    first = ACCURACY if ACCURACY in names else names[0]
    others = [name for name in names if name != first]
    trials = [t for t in tree["trials"] if t["values"] is not None]
    n_front = sum(t["is_on_front"] for t in trials)

    def paint(figure: Drawing) -> None:
        grid = figure.subplots(len(others), 1, squeeze=False)[:, 0]
        for axes, other in zip(grid, others, strict=True):
            _paint(axes, trials, other, first, is_line=len(others) == 1)
            prepare_axis(axes, "x", Metric(other), [t["values"].get(other) for t in trials])
            prepare_axis(axes, "y", Metric(first), [t["values"].get(first) for t in trials])
            axes.grid()
            axes.set_axisbelow(True)
        handles, labels = grid[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=2, fontsize="small")

    paths = list(dict.fromkeys(path for t in tree["trials"] for path in t["coordinates"]))
    title = Metric(first).title
    return [Figure(
        "pareto", f"{title[:1].upper()}{title[1:]} against "
        + " and ".join(Metric(o).title for o in others),
        f"{title} of {len(trials)} chips, {n_front} of them on the front",
        "Full marks are chips that no other beats in all aims; rings are the others.",
        (WIDTH_in, 0.5 + 2.6 * len(others)), paint,
        ("trial", *paths, *names, "is_on_front", "refused"),
        [(t["trial"], *(t["coordinates"].get(p) for p in paths),
          *((t["values"] or {}).get(n) for n in names), t["is_on_front"], t["refused"])
         for t in tree["trials"]],
    )]  # fmt: skip


def _paint(axes: Axes, trials: Sequence[Trial], x: str, y: str, *, is_line: bool) -> None:
    for on_front, look in (
        (False, {"mfc": "none", "color": INK, "alpha": 0.45, "ms": 4, "mew": 0.7, "marker": "o",
                 "label": "beaten"}),
        (True, {"color": MAIN, "ms": 5.5, "mew": 0, "marker": "D", "label": "front"}),
    ):  # fmt: skip
        pairs = sorted(
            (t["values"][x], t["values"][y])
            for t in trials
            if t["is_on_front"] == on_front and None not in (t["values"].get(x), t["values"].get(y))
        )
        if pairs:
            line = "-" if on_front and is_line else "none"
            style: dict[str, Any] = {**look, "ls": line, "lw": 1.0}
            if line == "-":
                style["drawstyle"] = "steps-post"
            axes.plot(*zip(*pairs, strict=True), **style)


def _table(tree: Mapping[str, Any], title: str, trials: Sequence[Trial]) -> Table:
    metrics = [Metric(objective["metric"]) for objective in tree["objectives"]]
    labels = {axis["path"]: axis["label"] for axis in tree["axes"]}
    paths = list(dict.fromkeys(path for t in trials for path in t["coordinates"]))
    rows = [
        [_number(t), *(_coordinate(t, path) for path in paths), *(_value(t, m) for m in metrics)]
        for t in trials[:_MOST_ROWS]
    ]
    return Table(
        title, ["trial", *(labels.get(p, p) for p in paths), *(m.title for m in metrics)], rows
    )


def _number(trial: Trial) -> Cell:
    return Cell(str(trial["trial"]), trial["trial"])


def _place(trial: Trial) -> str:
    return ", ".join(f"{path} {value_text(path, v)}" for path, v in trial["coordinates"].items())


def _coordinate(trial: Trial, path: str) -> Cell:
    value = trial["coordinates"].get(path)
    return Cell(value_text(path, value), float(value) if is_number(value) else None)


def _value(trial: Trial, metric: Metric) -> Cell:
    value = (trial["values"] or {}).get(metric.name)
    return Cell(metric.text(value), value)
