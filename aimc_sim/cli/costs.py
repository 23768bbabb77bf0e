"""Commands about costs: options and help."""

from __future__ import annotations

import shlex
import sys

import typer

from aimc_sim.cli.app import APP
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_cost as cost
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@APP.command("cost", epilog=epilogs.COST)
def _cost(
    chip: cost.Chip,
    model: cost.Model = None,
    data: cost.Data = None,
    inputs: cost.Inputs = None,
    weights: cost.Weights = None,
    steps: cost.Steps = 100,
    limit: cost.Limit = 16,
    input_bits: cost.InputBits = None,
    weight_bits: cost.WeightBits = None,
    tiles: cost.Tiles = None,
    chips: arg.Chips = 1,
    seed: arg.MvmSeed = 0,
    after: arg.After = "0s",
    mapping: arg.Mapping = None,
    changes: arg.Changes = None,
    conditions: arg.Conditions = None,
    plan: arg.PlanIn = None,
    amortise: cost.Amortise = 1.0e6,
    baselines: cost.Baselines = None,
    explain: cost.Explain = None,
    json: arg.Json = None,
    html: arg.Html = None,
    threads: arg.Threads = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Say what a model takes on a chip in joule, second and square millimetre, and why.

    Beside it: the constants that the energy hangs on, the same model on digital machines, its
    complexity. Without a model: a chip at its peak, all tiles full and busy.
    """
    with guarded(debug):
        from aimc_sim.commands.cost import CostOptions, cost_command

        code = cost_command(CostOptions(
            model, chip, data, inputs, weights, steps, limit, input_bits, weight_bits, tiles, chips,
            seed, after, mapping, tuple(changes or ()), tuple(conditions or ()), plan, amortise,
            baselines, explain, json, html, threads, quiet, shlex.join(["aimc", *sys.argv[1:]]),
        ))  # fmt: skip
    raise typer.Exit(code)
