"""Commands that look at single arrays: options and help."""

from __future__ import annotations

import shlex
import sys

from aimc_sim.cli.app import APP
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_spice as spice
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@APP.command("mvm", epilog=epilogs.MVM)
def _mvm(
    chip: arg.RunChip,
    model: arg.MvmModel = None,
    data: arg.MvmData = None,
    layer: arg.OneLayer = None,
    size: arg.Size = None,
    vectors: arg.Vectors = 256,
    weight_bits: arg.WeightBits = 8,
    input_bits: arg.InputBits = 8,
    inputs: arg.Inputs = "normal",
    chips: arg.Chips = 1,
    seed: arg.MvmSeed = 0,
    after: arg.MvmAfter = "0s",
    changes: arg.Changes = None,
    against: arg.Against = None,
    json: arg.Json = None,
    html: arg.Html = None,
    png: arg.Png = None,
    threads: arg.Threads = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Compare analog matrix-vector products with exact ones: error, effective number of bits.

    On random weights and inputs, or on those of a model; against time, ADC bits, array size, or
    any value of the chip.
    """
    with guarded(debug):
        from aimc_sim.commands.mvm import MvmOptions, mvm_command

        mvm_command(MvmOptions(
            model, chip, data, layer, size, vectors, weight_bits, input_bits, inputs, chips, seed,
            after, tuple(changes or ()), tuple(against or ()), json, html, png, threads, quiet,
            shlex.join(["aimc", *sys.argv[1:]]),
        ))  # fmt: skip


@APP.command("spice", epilog=epilogs.SPICE)
def _spice(
    model: arg.Model,
    chip: spice.ChipFile,
    output: spice.Netlist = "-",
    layer: spice.Layer = None,
    tile: spice.Tiles = None,
    phase: spice.PhaseName = None,
    read: spice.Read = 0,
    chip_number: spice.ChipNumber = 0,
    seed: spice.SpiceSeed = 0,
    after: arg.After = "0s",
    changes: arg.Changes = None,
    data: spice.SpiceData = None,
    sequence: spice.Sequence = 0,
    step: spice.Step = 0,
    debug: arg.Debug = False,
) -> None:
    """Write programmed tiles as ngspice netlists, with their drive and the currents to expect."""
    with guarded(debug):
        from aimc_sim.commands.spice import SpiceOptions, spice_command

        spice_command(SpiceOptions(
            model, chip, layer, tuple(tile or ()), phase, read, chip_number, seed, after,
            tuple(changes or ()), data, sequence, step, output,
        ))  # fmt: skip
