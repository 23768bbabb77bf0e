"""Commands that run, check, describe and make models and devices: options and help."""

from __future__ import annotations

import shlex
import sys

import typer

from aimc_sim.cli.app import APP
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@APP.command("run", epilog=epilogs.RUN)
def _run(
    model: arg.Model,
    chip: arg.RunChip,
    data: arg.RunData,
    chips: arg.Chips = 1,
    seed: arg.Seed = 0,
    build_seed: arg.BuildSeed = None,
    run_seed: arg.RunSeed = None,
    after: arg.After = "0s",
    mapping: arg.Mapping = None,
    limit: arg.Limit = None,
    changes: arg.Changes = None,
    conditions: arg.Conditions = None,
    budget: arg.Budget = False,
    trained: arg.Trained = None,
    plan: arg.PlanIn = None,
    save_plan: arg.PlanOut = None,
    json: arg.Json = None,
    html: arg.Html = None,
    threads: arg.Threads = None,
    batch: arg.Batch = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Run a model on simulated tiles and say how accurate, costly, fast and large it is.

    The same files, seeds and options give the same figures, to the bit.
    """
    with guarded(debug):
        from aimc_sim.commands.run import RunOptions, run_command

        code = run_command(
            RunOptions(
                model,
                chip,
                data,
                chips,
                seed,
                build_seed,
                run_seed,
                after,
                mapping,
                limit,
                tuple(changes or ()),
                tuple(conditions or ()),
                plan,
                save_plan,
                json,
                html,
                threads,
                batch,
                quiet,
                shlex.join(["aimc", *sys.argv[1:]]),
                budget,
                trained,
            )
        )
    raise typer.Exit(code)


@APP.command("calibrate", epilog=epilogs.CALIBRATE)
def _calibrate(
    model: arg.Model,
    chip: arg.RunChip,
    data: arg.RangeData,
    output: arg.PlanOutput,
    method: arg.Method = "percentile",
    percentile: arg.RangePercentile = 99.99,
    per: arg.Per = None,
    chips: arg.Chips = 1,
    seed: arg.CalibrateSeed = 0,
    after: arg.CalibrateAfter = "0s",
    mapping: arg.Mapping = None,
    limit: arg.Limit = None,
    changes: arg.Changes = None,
    plan: arg.PlanIn = None,
    json: arg.Json = None,
    threads: arg.Threads = None,
    batch: arg.Batch = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Find the ranges of a chip's ADCs from data and write them into a plan.

    Runs with that plan do not depend on the data that they are measured on.
    """
    with guarded(debug):
        from aimc_sim.commands.calibrate import CalibrateOptions, calibrate_command

        calibrate_command(CalibrateOptions(
            model, chip, data, output, method, percentile, per, chips, seed, after, mapping, limit,
            tuple(changes or ()), plan, json, threads, batch, quiet,
        ))  # fmt: skip


@APP.command("check", epilog=epilogs.CHECK)
def _check(
    files: arg.Files,
    model: arg.WithModel = None,
    chip: arg.WithChip = None,
    json: arg.Json = None,
    debug: arg.Debug = False,
) -> None:
    """Check models, data, chips, devices, checkpoints and plans; one line for each file.

    The exit code is 2 where one of them is wrong.
    """
    with guarded(debug):
        from aimc_sim.commands.check import check_command

        code = check_command(files, model, chip, json)
    raise typer.Exit(code)


@APP.command("inspect", epilog=epilogs.INSPECT)
def _inspect(
    file: arg.File,
    model: arg.WithModel = None,
    chip: arg.WithChip = None,
    changes: arg.Changes = None,
    poles: arg.Poles = False,
    plan: arg.Picture = None,
    json: arg.Json = None,
    debug: arg.Debug = False,
) -> None:
    """Describe a model, data, a chip, a device or a plan."""
    with guarded(debug):
        from aimc_sim.commands.inspect import InspectOptions, inspect_command

        inspect_command(InspectOptions(file, model, chip, tuple(changes or ()), poles, plan, json))


@APP.command("quantize", epilog=epilogs.QUANTIZE)
def _quantize(
    checkpoint: arg.Checkpoint,
    calibration: arg.Calibration,
    output: arg.Output,
    bits: arg.Bits = "",
    a_grid: arg.Grid = "cartesian",
    percentile: arg.Percentile = 99.99,
    per_tensor: arg.PerTensor = False,
    multipliers: arg.Multipliers = "free",
    limit: arg.Limit = None,
    architecture: arg.Architecture = None,
    json: arg.Json = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Turn a float S4D checkpoint into an integer model, by post-training quantisation."""
    with guarded(debug):
        from aimc_sim.commands.quantize import QuantizeOptions, quantize_command

        quantize_command(
            QuantizeOptions(
                checkpoint,
                calibration,
                output,
                bits,
                a_grid,
                percentile,
                per_tensor,
                multipliers,
                limit,
                tuple(architecture or ()),
                json,
                quiet,
            )
        )


@APP.command("fit", epilog=epilogs.FIT)
def _fit(
    measured: arg.Measured,
    family: arg.Family,
    output: arg.DeviceOutput,
    name: arg.DeviceName = None,
    t0: arg.ReferenceRead = "20s",
    t_read: arg.ReadTime = 250.0e-9,
    order: arg.Order = 4,
    floor: arg.Floor = None,
    keep_outliers: arg.KeepOutliers = False,
    bootstrap: arg.Bootstrap = 200,
    seed: arg.FitSeed = 0,
    json: arg.Json = None,
    html: arg.Html = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Turn measured conductances into a device file, with intervals and goodness of fit."""
    with guarded(debug):
        from aimc_sim.commands.fit import FitArguments, fit_command

        fit_command(FitArguments(
            measured, family, output, name, t0, t_read, order, floor, keep_outliers, bootstrap,
            seed, json, html, quiet, shlex.join(["aimc", *sys.argv[1:]]),
        ))  # fmt: skip
