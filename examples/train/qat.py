"""Quantisation-aware training: a float checkpoint to an integer model that has learnt to be one.

    python examples/train/qat.py examples/models/digits_float.safetensors \\
        --bits a=8,weights=4,b=4,c=4,d=4 --seed 0 -o examples/train/runs/digits_w4

The checkpoint is quantised as `aimc quantize` does it, which fixes every scale, and trained on as
integers (`integer_model.py`). A checkpoint is written after every epoch (`DIR/last.pt`) and gone
on with; the model of the last epoch is the result, `DIR/NAME.npz`, and `DIR/NAME.json` says how it
was made. With `--chip CHIP.yaml` each batch computes on another instance of that chip, as the
simulator's device models write and age it (`disturbance.py`).
"""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Callable

import numpy as np
import torch
from datasets import Split, load_split
from disturbance import ChipErrors, GaussianErrors, Target, disturb
from integer_model import IntegerModel
from loop import Prepare, Run, run_epochs
from tasks import TASKS
from torch import Tensor

from aimc_sim import load_chip
from aimc_sim.chip import Chip
from aimc_sim.commands.options import parse_changes
from aimc_sim.duration import parse_time_s
from aimc_sim.model.network import Model
from aimc_sim.model.quantize import quantize_file
from aimc_sim.model.reference import first_state
from aimc_sim.model.widths import parse_bits
from aimc_sim.runner.golden import Golden

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATES = {6: 1e-3, 4: 4e-3, 2: 1e-2}
"""Least width -> learning rate at the start. A code starts in the middle of its step, which is the
wider the fewer bits there are, and a batch moves it by the rate times the root mean square of its
tensor: at 1e-3 most ternary weights would never reach another code."""
Disturbance = Callable[[IntegerModel], Prepare]
"""Makes of a model what is to be done before each batch."""
SLOW = ("A.decay", "A.angle", "B.latent")


def input_codes(model: Model, inputs: np.ndarray) -> np.ndarray:
    """Return codes as the simulator makes them: integers are codes, values are rounded."""
    if inputs.dtype.kind in "iu":
        return inputs.astype(np.int64)
    codes = np.floor(inputs.astype(np.float64) / model.input.scale + 0.5)
    return np.clip(codes, model.input.code_min, model.input.code_max).astype(np.int64)


def rate_for(bits: int) -> float:
    """Return the learning rate for codes of that width.

    >>> rate_for(8), rate_for(5), rate_for(2)
    (0.001, 0.004, 0.01)
    """
    return next(rate for least, rate in RATES.items() if bits >= least)


def narrowest(bits: str) -> int:
    """Return the least width of what is trained.

    >>> narrowest("a=8,c=4")
    4
    """
    widths = parse_bits(bits)
    return min(widths.a, widths.b, widths.c, widths.d, widths.weights)


def reference_accuracy(model: Model, split: Split, batch: int = 128) -> float:
    """Return the accuracy of the integer model, by the integer reference."""
    return float(np.mean(reference_classes(model, split, batch) == split.labels))


def reference_classes(model: Model, split: Split, batch: int = 128) -> np.ndarray:
    """Return the class that the integer reference gives each sequence."""
    golden = Golden(model)
    order = np.argsort(-split.lengths, kind="stable")
    found = np.empty(len(order), dtype=np.int64)
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        lengths = split.lengths[part]
        codes = input_codes(model, split.inputs[part, : lengths.max()])
        y_code = golden.run(codes, lengths, first_state(model, len(part))).y_code
        found[part] = y_code.argmax(axis=1)
    return found


def groups(net: IntegerModel, rate: float) -> list[dict[str, object]]:
    """Split parameters: poles and B learn slowly."""
    named = list(net.named_parameters())
    slow = [p for name, p in named if name.endswith(SLOW)]
    rest = [p for name, p in named if not name.endswith(SLOW)]
    return [{"params": rest, "lr": rate}, {"params": slow, "lr": 0.3 * rate}]


def fit(run: Run, start: Model, rate: float, disturbance: Disturbance | None = None) -> Model:
    """Train, or go on with training, and return the integer model of the last epoch.

    What `disturbance` makes of the model is called before each batch (`disturbance.py`).
    """
    torch.manual_seed(run.seed)
    net = IntegerModel(start)
    train, test = load_split(run.task)
    optimiser = torch.optim.Adam(groups(net, rate))

    def to_input(inputs: np.ndarray) -> Tensor:
        return torch.from_numpy(input_codes(start, inputs).astype(np.float64))

    few = test.take(500)
    run_epochs(
        run, net, optimiser, train, to_input, lambda: reference_accuracy(net.model_now(), few),
        None if disturbance is None else disturbance(net),
    )  # fmt: skip
    disturb(net, None)
    return net.model_now()


def against_chips(chip: Chip, age_s: float, ramp_epochs: int = 0) -> Disturbance:
    """Return the disturbance by chips, programmed and aged."""
    return lambda net: ChipErrors(net, Target(chip, age_s, ramp_epochs))


def disturbance_of(args: argparse.Namespace) -> Disturbance | None:
    """Return what the command line asks for."""
    if args.chip is not None and args.weight_noise:
        raise SystemExit("--chip and --weight-noise: found both; expected one of them")
    if args.chip is not None:
        chip = load_chip(args.chip, parse_changes(args.set))
        return against_chips(chip, parse_time_s(args.after), args.ramp)
    if not args.weight_noise:
        return None
    sigma = {}
    for pair in args.weight_noise.split(","):
        name, _, value = pair.partition("=")
        if name not in ("A", "B", "C", "weight"):
            raise SystemExit(f"--weight-noise: found {name!r}; allowed: A, B, C, weight")
        sigma[name] = float(value)
    return lambda net: GaussianErrors(net, sigma)


def main() -> None:
    """Parse the command line, train, write the model and what it is worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--bits", default="", help="as of aimc quantize")
    parser.add_argument("--a-grid", default="cartesian")
    parser.add_argument("--percentile", type=float, default=99.99)
    parser.add_argument("--multipliers", default="free", choices=("free", "power_of_two"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, help="learning rate at the start; default by bits")
    parser.add_argument("--chip", help="train against instances of this chip (YAML)")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="of it")
    parser.add_argument("--after", default="0s", help="age of the chips that it trains against")
    parser.add_argument("--ramp", type=int, default=0, help="epochs until noise has its full size")
    parser.add_argument(
        "--weight-noise",
        default="",
        metavar="NAME=X,...",
        help="Gaussian errors of A, B, C, weight, relative to the largest code: A=0.01,weight=0.04",
    )
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="DIR")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rate = args.rate or rate_for(narrowest(args.bits))
    task = TASKS[args.checkpoint.name.removesuffix("_float.safetensors")]
    calibration = ROOT / f"examples/data/{task.name}_calibration.npz"
    start, _ = quantize_file(
        args.checkpoint, calibration, args.bits, a_grid=args.a_grid, percentile=args.percentile,
        multipliers=args.multipliers,
    )  # fmt: skip
    recipe = f"{args.bits} {args.a_grid} {args.percentile} {args.multipliers} {rate}"
    recipe += f" {args.chip} {args.set} {args.after} {args.ramp} {args.weight_noise}"
    run = Run(task, args.seed, args.epochs, args.output, recipe)
    model = fit(run, start, rate, disturbance_of(args))
    _, test = load_split(task)
    told = {
        "bits": args.bits,
        "chip": args.chip,
        "set": args.set,
        "after": args.after,
        "weight_noise": args.weight_noise,
        "a_grid": args.a_grid,
        "multipliers": args.multipliers,
        "seed": args.seed,
        "epochs": args.epochs,
        "accuracy_ptq": reference_accuracy(start, test),
        "accuracy_qat": reference_accuracy(model, test),
        "n_test": len(test.labels),
    }
    IntegerModel(model).write(args.output / f"{task.name}.npz")
    text = json.dumps(told, indent=1, sort_keys=True)
    (args.output / f"{task.name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
