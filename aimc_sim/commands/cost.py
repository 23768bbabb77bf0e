"""`aimc cost`: energy, latency and area of a model on a chip, or of a chip at its peak."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from aimc_sim.analysis.busy import BusyChip, busy_chip
from aimc_sim.analysis.random_codes import Statistics, random_codes
from aimc_sim.analysis.tornado import tornado
from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.options import (
    Condition,
    at_least,
    judged,
    one_of,
    parse_changes,
    parse_condition,
)
from aimc_sim.commands.progress import progress_bar, threads
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.cost.baseline_file import load_baselines
from aimc_sim.cost.bill import cost_of
from aimc_sim.cost.complexity import complexity_of
from aimc_sim.cost.latency import n_inferences, n_steps
from aimc_sim.crossbar.calibrate import calibrate
from aimc_sim.crossbar.ranges import check_calibrated
from aimc_sim.crossbar.tile import program
from aimc_sim.data import Data, load_data
from aimc_sim.duration import parse_time_s
from aimc_sim.mapping.io import read_plan
from aimc_sim.mapping.mapper import map_model
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.report.cost_json import busy_json, cost_json
from aimc_sim.report.cost_table import busy_table, cost_table
from aimc_sim.report.explain import Ledger, explain, explain_text
from aimc_sim.report.files import check_writable
from aimc_sim.runner.run import run
from aimc_sim.spec import InputError

STATISTICS = ("uniform", "normal", "zero")
BITS = (2, 16)


@dataclass(frozen=True)
class CostOptions:
    """The options of `aimc cost`, as typed; see ``aimc cost --help``."""

    model: str | None
    chip: str
    data: str | None = None
    inputs: str | None = None
    weights: str | None = None
    steps: int = 100
    limit: int = 16
    input_bits: int | None = None
    weight_bits: int | None = None
    tiles: int | None = None
    n_chips: int = 1
    seed: int = 0
    after: str = "0s"
    mapping: str | None = None
    changes: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    plan: str | None = None
    amortise: float = 1.0e6
    baselines: str | None = None
    explain: str | None = None
    json: str | None = None
    html: str | None = None
    n_threads: int | None = None
    quiet: bool = False
    command: str = ""


def cost_command(options: CostOptions) -> int:
    """Do what `aimc cost` does; return the exit code."""
    conditions = _check(options)
    chip = load_chip(options.chip, parse_changes(options.changes, options.mapping))
    tree, ledger, title = _of_chip(options, chip) if options.model is None else _of_model(
        options, chip, options.model
    )  # fmt: skip
    _write(options, tree, ledger, chip, title)
    return judged(conditions, tree)


def _check(options: CostOptions) -> list[Condition]:
    """Refuse what can be refused before any file is read; return the conditions."""
    for option, value, least in (
        ("--steps", options.steps, 1),
        ("--limit", options.limit, 1),
        ("--tiles", options.tiles, 1),
        ("--chips", options.n_chips, 1),
        ("--seed", options.seed, 0),
    ):
        at_least(option, value, least)
    widths = {"--input-bits": options.input_bits, "--weight-bits": options.weight_bits}
    for option, bits in widths.items():
        if bits is not None and not BITS[0] <= bits <= BITS[1]:
            raise InputError(f"{option}: found {bits}; expected {BITS[0]} to {BITS[1]}")
    if not options.amortise >= 1.0 or np.isinf(options.amortise):
        raise InputError(f"--amortise: found {options.amortise:g}; expected 1 or more")
    one_of("--inputs", options.inputs, STATISTICS)
    one_of("--weights", options.weights, STATISTICS)
    if options.model is None:
        for name, given in (("--data", options.data), ("--plan", options.plan)):
            if given is not None:
                raise InputError(f"{name}: found {given!r} without a model, which it belongs to")
    check_json(options.json)
    check_writable("--html", options.html)
    parse_time_s(options.after)
    return [parse_condition(text) for text in options.conditions]


def _of_chip(options: CostOptions, chip: Chip) -> tuple[dict[str, Any], Ledger, str]:
    busy: BusyChip = busy_chip(
        chip,
        n_tiles=options.tiles,
        input_bits=options.input_bits,
        weight_bits=options.weight_bits,
        inputs=cast(Statistics | None, options.inputs),
        weights=cast(Statistics | None, options.weights),
        seed=options.seed,
    )
    ledger = Ledger(busy.events, chip.costs, busy.plan, busy.bill)
    return busy_json(busy, chip), ledger, f"{chip.name}, fully busy"


def _of_model(options: CostOptions, chip: Chip, path: str) -> tuple[dict[str, Any], Ledger, str]:
    model = load_model(path)
    machines = load_baselines(options.baselines)
    data, what = _data(options, model)
    plan = (
        read_plan(options.plan, model, chip.hardware)
        if options.plan
        else map_model(model, chip.hardware)
    )
    check_calibrated(plan)
    age_s, seed = parse_time_s(options.after), options.seed
    with threads(options.n_threads), progress_bar(options.quiet) as progress:
        tiles = program(plan, chip.hardware, seed=seed, n_chips=options.n_chips)
        tiles = calibrate(tiles, age_s=age_s, seed=seed)
        result = run(model, tiles, data, seed=seed, age_s=age_s, progress=progress)
    events = tiles.events + result.events
    bill = cost_of(events, chip.costs, plan)
    n = n_inferences(plan, events)
    tree = cost_json(
        bill,
        complexity_of(model),
        chip=chip,
        plan=plan,
        swings=tornado(events, chip.costs, plan, time_on_s=bill.time_on_s),
        baselines=[m.bill(model, n_steps(plan, events) / n) for m in machines] if n else [],
        run={
            "what": what,
            "data": options.data,
            "n_sequences": len(data),
            "n_chips": options.n_chips,
            "age_s": age_s,
            "mapping": chip.hardware.mapping.s4d,
            "seed": seed,
        },
        n_chips=options.n_chips,
        n_amortised=options.amortise,
    )
    return tree, Ledger(events, chip.costs, plan, bill), f"{Path(path).stem} on {chip.name}"


def _data(options: CostOptions, model: Model) -> tuple[Data, str]:
    """Return the sequences to run, and what they are in words."""
    if options.data is not None:
        data = load_data(options.data, model).rows(0, options.limit)
        data = data.steps(0, int(data.lengths.max()))
        return data, f"{len(data)} sequences of {Path(options.data).name}, {_steps(data)}"
    signal, n = model.input, options.limit * options.steps
    kind = cast(Statistics, options.inputs or "uniform")
    codes = random_codes(options.seed, "inputs", n, model.n_input, signal.bits, kind)
    x_code = codes if signal.signed else np.abs(codes)
    x_code = x_code.reshape(options.limit, options.steps, model.n_input)
    data = Data(x_code, np.full(options.limit, options.steps, dtype=np.int64))
    what = f"{options.limit} sequences of {kind} random input codes, {_steps(data)}"
    return data, what


def _steps(data: Data) -> str:
    mean = float(data.lengths.mean())
    return f"{mean:g} steps each" if mean == data.lengths[0] else f"{mean:.1f} steps in the mean"


def _write(
    options: CostOptions, tree: dict[str, Any], ledger: Ledger, chip: Chip, title: str
) -> None:
    """Write JSON and page, and print the table or the explanation."""
    explained = explain(ledger, options.explain) if options.explain else None
    if options.html:
        from aimc_sim.report.cost_page import write_cost_page

        write_cost_page(options.html, tree, chip=chip, title=title, command=options.command)
    whole = tree if explained is None else {**tree, "explain": explained}

    def text() -> str:
        if explained is not None:
            return explain_text(explained)
        return cost_table(tree) if options.model is not None else busy_table(tree)

    tell(whole, text, json=options.json, quiet=options.quiet)
