"""What the options of all commands are called, and what the help says of each."""

from __future__ import annotations

from typing import Annotated

import typer


def option(name: str, metavar: str, text: str) -> typer.models.OptionInfo:
    """Return an option with a value of that name, and what the help says of it."""
    found: typer.models.OptionInfo = typer.Option(name, metavar=metavar, help=text)
    return found


def _flag(name: str, text: str) -> typer.models.OptionInfo:
    flag: typer.models.OptionInfo = typer.Option(name, help=text)
    return flag


Debug = Annotated[bool, _flag("--debug", "Show a traceback instead of one line.")]
Json = Annotated[
    str | None,
    option(
        "--json", "FILE", "Write it as JSON; - is standard output, where nothing else goes then."
    ),
]
Model = Annotated[
    str, typer.Argument(metavar="MODEL.npz", help="Integer model.", show_default=False)
]
RunChip = Annotated[str, option("--chip", "CHIP.yaml", "Chip to run it on.")]
RunData = Annotated[
    str, option("--data", "DATA.npz", "Input sequences, with labels where accuracy is wanted.")
]
Chips = Annotated[int, option("--chips", "N", "Chip instances, each programmed anew.")]
Seed = Annotated[int, option("--seed", "S", "Names both seeds below.")]
BuildSeed = Annotated[
    int | None, option("--build-seed", "S", "Seed of programming noise and drift exponents.")
]
RunSeed = Annotated[int | None, option("--run-seed", "S", "Seed of read noise.")]
After = Annotated[
    str, option("--after", "TIME", "Time between programming and the run, as 30s, 5min, 1h, 1d.")
]
Mapping = Annotated[
    str | None,
    option(
        "--mapping",
        "NAME",
        "How S4D kernels lie on tiles: fused, split or hybrid; short for "
        "--set hardware.mapping.s4d=NAME.",
    ),
]
Limit = Annotated[int | None, option("--limit", "N", "Take the first N sequences only.")]
Changes = Annotated[
    list[str] | None,
    option(
        "--set",
        "PATH=VALUE",
        "Change one value of the chip, as in hardware.adc.bits=6 or "
        "hardware.device=ideal; repeatable.",
    ),
]
Conditions = Annotated[
    list[str] | None,
    option(
        "--assert",
        "CONDITION",
        "A condition on the JSON, as in 'agreement > 0.9'; exit code 1 where "
        "it does not hold; repeatable.",
    ),
]
Budget = Annotated[
    bool,
    _flag(
        "--budget",
        "Also run the chip with each source of error alone and with each switched off: two runs a "
        "source; --limit shortens them.",
    ),
]
Trained = Annotated[
    str | None,
    option(
        "--trained",
        "CHECKPOINT",
        "Float checkpoint of the model; the page then shows its poles as trained too.",
    ),
]
PlanIn = Annotated[str | None, option("--plan", "FILE", "Place weights as this file says.")]
PlanOut = Annotated[str | None, option("--save-plan", "FILE", "Write the placement of weights.")]
Html = Annotated[str | None, option("--html", "FILE", "Write one self-contained page.")]
Threads = Annotated[int | None, option("--threads", "N", "Threads; no figure depends on it.")]
Batch = Annotated[
    int | None, option("--batch", "N", "Sequences stepped together; no figure depends on it.")
]
Quiet = Annotated[bool, _flag("--quiet", "No progress bar and no table.")]
Files = Annotated[list[str], typer.Argument(metavar="FILE...", help="Any files of aimc_sim.")]
File = Annotated[str, typer.Argument(metavar="FILE", help="Any file of aimc_sim.")]
WithModel = Annotated[
    str | None,
    option(
        "--model",
        "MODEL.npz",
        "Model that data and plans belong to; without it only their form is looked at.",
    ),
]
WithChip = Annotated[
    str | None,
    option("--chip", "CHIP.yaml", "Chip that a plan, or the tiles of a model, are meant for."),
]
Picture = Annotated[
    str | None,
    option(
        "--plan",
        "FILE",
        "Draw what each tile of the chip holds, as .svg, .png or .html, and list it.",
    ),
]
Poles = Annotated[bool, _flag("--poles", "List every pole of every S4D layer.")]
Checkpoint = Annotated[
    str,
    typer.Argument(
        metavar="CHECKPOINT",
        help="Float S4D classifier with the keys of state-spaces/s4: a state dict as .safetensors "
        "or .npz, or, where PyTorch is installed, .pt, .pth or .ckpt.",
    ),
]
Calibration = Annotated[str, option("--calibration", "DATA.npz", "Sequences that fix every scale.")]
Bits = Annotated[
    str,
    option("--bits", "NAME=N,...", "Widths that differ from the defaults, as in a=10,state=16."),
]
Grid = Annotated[str, option("--a-grid", "NAME", "Poles on a cartesian, polar or log-polar grid.")]
Percentile = Annotated[
    float,
    option("--percentile", "P", "Of |value| that becomes the largest code of an activation."),
]
PerTensor = Annotated[bool, _flag("--per-tensor", "One scale a tensor, not one a channel.")]
Multipliers = Annotated[
    str,
    option("--multipliers", "NAME", "free, or power_of_two: requantising is then a shift."),
]
Architecture = Annotated[
    list[str] | None,
    option(
        "--set",
        "NAME=VALUE",
        "What the checkpoint does not say, as in activation=relu; repeatable. "
        "activation: gelu (default), relu, none. norm: layer, batch, none. prenorm, glu, "
        "residual: true, false. pooling: mean (default), last. norm_eps, input_scale: a number. "
        "discretization: zoh, bilinear. a_imag_sign: 1, -1.",
    ),
]
Output = Annotated[
    str, typer.Option("-o", "--output", metavar="MODEL.npz", help="Integer model to write.")
]
Measured = Annotated[
    str,
    typer.Argument(
        metavar="MEASURED.csv",
        help="Measured conductances, one read a row: device, target_S, time_s, g_S, cycle.",
    ),
]
Family = Annotated[str, option("--family", "NAME", "Kind of device: table, pcm or rram.")]
DeviceOutput = Annotated[
    str, typer.Option("-o", "--output", metavar="DEVICE.yaml", help="Device file to write.")
]
DeviceName = Annotated[
    str | None, option("--name", "NAME", "Name of the device; by default that of the file.")
]
ReferenceRead = Annotated[
    str, option("--t0", "TIME", "From programming to the reference read, where time_s is 0.")
]
ReadTime = Annotated[float, option("--t-read", "SECONDS", "Duration of one read (1/f noise).")]
Order = Annotated[int, option("--order", "N", "Largest order of polynomials (rram).")]
Floor = Annotated[
    float | None,
    option("--floor", "SIEMENS", "Least conductance that the instrument tells apart."),
]
KeepOutliers = Annotated[
    bool, _flag("--keep-outliers", "Fit devices that look stuck, too; they are listed anyway.")
]
Bootstrap = Annotated[
    int, option("--bootstrap", "N", "Samples of devices for the intervals; 0 for none.")
]
FitSeed = Annotated[int, option("--seed", "S", "Seed of the samples.")]
MvmModel = Annotated[
    str | None,
    typer.Argument(
        metavar="[MODEL.npz]",
        help="Integer model whose weights and activations are taken; without it random ones.",
        show_default=False,
    ),
]
MvmData = Annotated[
    str | None, option("--data", "DATA.npz", "Sequences that drive a model's matrices.")
]
OneLayer = Annotated[str | None, option("--layer", "NAME", "This layer of the model alone.")]
Size = Annotated[
    str | None,
    option(
        "--size",
        "SIZE",
        "Weights on a tile, wordlines x columns, as in 256 or 256x128; by default those of the "
        "chip. A random matrix fills one tile.",
    ),
]
Vectors = Annotated[int, option("--vectors", "N", "Input vectors.")]
WeightBits = Annotated[int, option("--weight-bits", "N", "Width of random weights.")]
InputBits = Annotated[int, option("--input-bits", "N", "Width of random inputs.")]
Inputs = Annotated[
    str, option("--inputs", "NAME", "Random inputs normal (3 sigma at the end) or uniform.")
]
MvmSeed = Annotated[int, option("--seed", "S", "Seed of all draws.")]
MvmAfter = Annotated[
    str, option("--after", "TIME", "Time between programming and the reads, as 30s, 1h, 1d.")
]
Against = Annotated[
    list[str] | None,
    option(
        "--against",
        "AXIS=VALUES",
        "Also measure at each of these values of time, size, adc_bits, dac_bits or a dotted path "
        "of the chip, as in time=0s,1h,1d or adc_bits=4..12; repeatable.",
    ),
]
Png = Annotated[str | None, option("--png", "FILE", "Write one picture.")]
RangeData = Annotated[str, option("--data", "DATA.npz", "Input sequences that fix the ranges.")]
PlanOutput = Annotated[
    str, typer.Option("-o", "--output", metavar="PLAN.json", help="Plan with the ranges to write.")
]
Method = Annotated[
    str,
    option("--method", "NAME", "percentile of magnitudes, or least_error of the codes."),
]
RangePercentile = Annotated[
    float, option("--percentile", "P", "Of |value| that the full scale becomes; 100: no clipping.")
]
Per = Annotated[
    str | None,
    option("--per", "NAME", "One range a tile or a bitline; by default as the chip says."),
]
CalibrateSeed = Annotated[int, option("--seed", "S", "Seed of devices and noise.")]
CalibrateAfter = Annotated[
    str, option("--after", "TIME", "Time between programming and calibration, as 30s or 1d.")
]
