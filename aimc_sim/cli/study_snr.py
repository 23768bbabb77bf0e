"""`aimc study snr`: options and help."""

from __future__ import annotations

from aimc_sim.cli.study_app import STUDY
from aimc_sim.commands import arguments as arg
from aimc_sim.commands import arguments_study as study_arg
from aimc_sim.commands import epilogs
from aimc_sim.commands.exits import guarded


@STUDY.command("snr", epilog=epilogs.STUDY_SNR)
def _snr(
    model: arg.Model,
    chip: arg.RunChip,
    data: arg.RunData,
    after: arg.After = "0s",
    mapping: arg.Mapping = None,
    changes: arg.Changes = None,
    limit: study_arg.SnrLimit = 20,
    chips: study_arg.MonteCarlo = 100,
    draws: study_arg.Draws = 100,
    seed: arg.MvmSeed = 0,
    json: arg.Json = None,
    plot: study_arg.Plot = None,
    quiet: arg.Quiet = False,
    debug: arg.Debug = False,
) -> None:
    """Say which channels and modes of the S4D kernels a device breaks, in closed form.

    Nothing is run for it; Monte Carlo of the same and a run of the whole network stand beside.
    """
    with guarded(debug):
        from aimc_sim.commands.snr import SnrOptions, snr_command

        snr_command(
            SnrOptions(
                model, chip, data, after, mapping, tuple(changes or ()), limit, chips, draws, seed,
                json, plot, quiet,
            )
        )  # fmt: skip
