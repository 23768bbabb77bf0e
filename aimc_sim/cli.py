"""The command line: which options each command takes, and what its help says."""

from __future__ import annotations

import shlex
import sys
from typing import Annotated

import typer

from aimc_sim import __version__
from aimc_sim.commands.exits import guarded

APP = typer.Typer(
    name="aimc", add_completion=False, no_args_is_help=True, rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Integer S4D models on simulated analog in-memory computing tiles: how accurate, how "
         "costly, how fast, how large.",
    epilog="Exit codes: 0 ok, 1 an --assert failed, 2 bad input, 3 internal error, "
           "130 interrupted.",
)


def _option(name: str, metavar: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=text)
    return option


def _flag(name: str, text: str) -> typer.models.OptionInfo:
    flag: typer.models.OptionInfo = typer.Option(name, help=text)
    return flag


Debug = Annotated[bool, _flag("--debug", "Show a traceback instead of one line.")]
Json = Annotated[str | None, _option(
    "--json", "FILE", "Write it as JSON; - is standard output, where nothing else goes then.")]
Model = Annotated[str, typer.Argument(metavar="MODEL.npz", help="Integer model.",
                                      show_default=False)]
RunChip = Annotated[str, _option("--chip", "CHIP.yaml", "Chip to run it on.")]
RunData = Annotated[str, _option(
    "--data", "DATA.npz", "Input sequences, with labels where accuracy is wanted.")]
Chips = Annotated[int, _option("--chips", "N", "Chip instances, each programmed anew.")]
Seed = Annotated[int, _option("--seed", "S", "Names both seeds below.")]
BuildSeed = Annotated[int | None, _option(
    "--build-seed", "S", "Seed of programming noise and drift exponents.")]
RunSeed = Annotated[int | None, _option("--run-seed", "S", "Seed of read noise.")]
After = Annotated[str, _option(
    "--after", "TIME", "Time between programming and the run, as 30s, 5min, 1h, 1d.")]
Mapping = Annotated[str | None, _option(
    "--mapping", "NAME", "How S4D kernels lie on tiles: fused, split or hybrid; short for "
    "--set hardware.mapping.s4d=NAME.")]
Limit = Annotated[int | None, _option("--limit", "N", "Take the first N sequences only.")]
Changes = Annotated[list[str] | None, _option(
    "--set", "PATH=VALUE", "Change one value of the chip, as in hardware.adc.bits=6 or "
    "hardware.device=ideal; repeatable.")]
Conditions = Annotated[list[str] | None, _option(
    "--assert", "CONDITION", "A condition on the JSON, as in 'agreement > 0.9'; exit code 1 where "
    "it does not hold; repeatable.")]
PlanIn = Annotated[str | None, _option("--plan", "FILE", "Place weights as this file says.")]
PlanOut = Annotated[str | None, _option("--save-plan", "FILE", "Write the placement of weights.")]
Html = Annotated[str | None, _option("--html", "FILE", "Write one self-contained page.")]
Threads = Annotated[int | None, _option("--threads", "N", "Threads; no figure depends on it.")]
Batch = Annotated[int | None, _option(
    "--batch", "N", "Sequences stepped together; no figure depends on it.")]
Quiet = Annotated[bool, _flag("--quiet", "No progress bar and no table.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Any files of aimc_sim.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="Any file of aimc_sim.")]
WithModel = Annotated[str | None, _option(
    "--model", "MODEL.npz", "Model that data and plans belong to; without it only their form is "
    "looked at.")]
WithChip = Annotated[str | None, _option(
    "--chip", "CHIP.yaml", "Chip that a plan, or the tiles of a model, are meant for.")]
Poles = Annotated[bool, _flag("--poles", "List every pole of every S4D layer.")]
Checkpoint = Annotated[str, typer.Argument(
    metavar="CHECKPOINT", help="Float S4D classifier, .npz or .safetensors.")]
Calibration = Annotated[str, _option(
    "--calibration", "DATA.npz", "Sequences that fix every scale.")]
Bits = Annotated[str, _option(
    "--bits", "NAME=N,...", "Widths that differ from the defaults, as in a=10,state=16.")]
Grid = Annotated[str, _option("--a-grid", "NAME", "Poles on a cartesian, polar or log-polar grid.")]
Percentile = Annotated[float, _option(
    "--percentile", "P", "Of |value| that becomes the largest code of an activation.")]
PerTensor = Annotated[bool, _flag("--per-tensor", "One scale a tensor, not one a channel.")]
Architecture = Annotated[list[str] | None, _option(
    "--set", "NAME=VALUE", "A property of the checkpoint that it does not state, as in "
    "activation=relu; repeatable.")]
Output = Annotated[str, typer.Option("-o", "--output", metavar="MODEL.npz",
                                     help="Integer model to write.")]


def main() -> None:
    """Entry point of `aimc`."""
    APP()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aimc_sim {__version__}")
        raise typer.Exit


@APP.callback()
def _top(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True,
                                               help="Show the version and exit.")] = False) -> None:
    """Take what stands before a command."""


@APP.command("run", epilog="""\b
Examples:
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz --chips 5 --after 1d \\
      --json run.json --html run.html
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz --limit 50 \\
      --set hardware.device=ideal --set hardware.adc.bits=6
  aimc run digits.npz --chip pcm_256.yaml --data digits_test.npz \\
      --assert "accuracy.analog.mean > 0.95"
""")
def _run(
    model: Model, chip: RunChip, data: RunData, chips: Chips = 1, seed: Seed = 0,
    build_seed: BuildSeed = None, run_seed: RunSeed = None, after: After = "0s",
    mapping: Mapping = None, limit: Limit = None, changes: Changes = None,
    conditions: Conditions = None, plan: PlanIn = None, save_plan: PlanOut = None,
    json: Json = None, html: Html = None, threads: Threads = None, batch: Batch = None,
    quiet: Quiet = False, debug: Debug = False,
) -> None:
    """Run a model on simulated tiles and say how accurate, costly, fast and large it is.

    The same files, seeds and options give the same figures, to the bit.
    """
    with guarded(debug):
        from aimc_sim.commands.run import RunOptions, run_command

        code = run_command(RunOptions(
            model, chip, data, chips, seed, build_seed, run_seed, after, mapping, limit,
            tuple(changes or ()), tuple(conditions or ()), plan, save_plan, json, html, threads,
            batch, quiet, shlex.join(["aimc", *sys.argv[1:]])))
    raise typer.Exit(code)


@APP.command("check", epilog="""\b
Examples:
  aimc check digits.npz pcm_256.yaml
  aimc check digits_test.npz --model digits.npz
""")
def _check(files: Files, model: WithModel = None, chip: WithChip = None, json: Json = None,
           debug: Debug = False) -> None:
    """Check models, data, chips, devices, checkpoints and plans; one line for each file.

    The exit code is 2 where one of them is wrong.
    """
    with guarded(debug):
        from aimc_sim.commands.check import check_command

        code = check_command(files, model, chip, json)
    raise typer.Exit(code)


@APP.command("inspect", epilog="""\b
Examples:
  aimc inspect digits.npz                        layers, bits, sizes, poles
  aimc inspect digits.npz --chip pcm_256.yaml    and the tiles it would take
  aimc inspect pcm_256.yaml                      hardware, and where its numbers come from
  aimc inspect device_models/pcm_joshi2020.yaml  sources, and spread against conductance
""")
def _inspect(file: File, model: WithModel = None, chip: WithChip = None, poles: Poles = False,
             json: Json = None, debug: Debug = False) -> None:
    """Describe a model, data, a chip, a device or a plan."""
    with guarded(debug):
        from aimc_sim.commands.inspect import inspect_command

        inspect_command(file, model, chip, poles, json)


@APP.command("quantize", epilog="""\b
Example:
  aimc quantize digits_float.safetensors --calibration digits_calibration.npz \\
      --bits a=10,state=16 --a-grid polar -o digits.npz
""")
def _quantize(
    checkpoint: Checkpoint, calibration: Calibration, output: Output, bits: Bits = "",
    a_grid: Grid = "cartesian", percentile: Percentile = 99.99, per_tensor: PerTensor = False,
    limit: Limit = None, architecture: Architecture = None, json: Json = None,
    quiet: Quiet = False, debug: Debug = False,
) -> None:
    """Turn a float S4D checkpoint into an integer model, by post-training quantisation."""
    with guarded(debug):
        from aimc_sim.commands.quantize import QuantizeOptions, quantize_command

        quantize_command(QuantizeOptions(
            checkpoint, calibration, output, bits, a_grid, percentile, per_tensor, limit,
            tuple(architecture or ()), json, quiet))
