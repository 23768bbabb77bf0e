"""`aimc mvm`: analog against exact matrix-vector products, as table, JSON, page and picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from aimc_sim.analysis.mvm import Progress, measure_mvm
from aimc_sim.analysis.mvm_measure import MvmMeasure
from aimc_sim.analysis.mvm_sweep import MvmSetting, MvmSweep, sweep_mvm
from aimc_sim.analysis.mvm_workload import Workload, model_workload, random_workload
from aimc_sim.chip import Chip, load_chip
from aimc_sim.commands.axes import Axis, AxisPoint, Size, parse_axis, parse_size, size_changes
from aimc_sim.commands.options import at_least, one_of, parse_changes
from aimc_sim.commands.progress import Tell, progress_bar, threads
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.data import Data, load_data
from aimc_sim.duration import parse_time_s
from aimc_sim.mapping.layout import layout_for_bits
from aimc_sim.model.network import Model
from aimc_sim.model.npz import load_model
from aimc_sim.report.files import check_writable
from aimc_sim.report.mvm_json import mvm_json
from aimc_sim.report.mvm_table import mvm_table
from aimc_sim.spec import InputError

FORMATS = (".png", ".svg", ".pdf")
INPUTS = ("normal", "uniform")
_WIDTHS = {"--weight-bits": (2, 16), "--input-bits": (2, 16)}


@dataclass(frozen=True)
class MvmOptions:
    """The options of `aimc mvm`, as typed; see ``aimc mvm --help``."""

    model: str | None
    chip: str
    data: str | None = None
    layer: str | None = None
    size: str | None = None
    n_vectors: int = 256
    weight_bits: int = 8
    input_bits: int = 8
    inputs: str = "normal"
    n_chips: int = 1
    seed: int = 0
    after: str = "0s"
    changes: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    json: str | None = None
    html: str | None = None
    png: str | None = None
    n_threads: int | None = None
    quiet: bool = False
    command: str = ""


@dataclass(frozen=True)
class Asked:
    """The options, understood."""

    changes: Mapping[str, Any]
    axes: tuple[Axis, ...]
    base: AxisPoint


def mvm_command(options: MvmOptions) -> None:
    """Do what `aimc mvm` does."""
    start = time.perf_counter()
    asked = _checked(options)
    bench = _bench(options, asked.changes)
    chip = bench.chip(asked.base)
    settings = [[bench.setting(asked.base, p) for p in axis.points] for axis in asked.axes]
    base = bench.setting(asked.base)
    with threads(options.n_threads), progress_bar(options.quiet) as tell:
        n = 1 + sum(map(len, settings))
        measure = measure_mvm(
            base.workload, base.hardware, seed=options.seed, n_chips=options.n_chips,
            age_s=base.age_s, progress=_part(tell, 0, 1, n),
        )  # fmt: skip
        sweeps, done = [], 1
        for axis, points in zip(asked.axes, settings, strict=True):
            told = _part(tell, done, len(points), n)
            sweeps.append(
                sweep_mvm(
                    axis.name, points, seed=options.seed, n_chips=options.n_chips, progress=told
                )
            )
            done += len(points)
    tree = mvm_json(
        measure, tuple(sweeps), workload=base.workload, chip=chip, seed=options.seed,
        age_s=base.age_s, data=bench.data, runtime_s=time.perf_counter() - start,
    )  # fmt: skip
    _write(options, chip, measure, tuple(sweeps), tree)


def _part(tell: Tell | None, done: int, share: int, n: int) -> Progress | None:
    """Return what moves the bar over `share` of `n` equal parts, `done` of which are behind."""
    if tell is None:
        return None

    def progress(i: int, everything: int, text: str) -> None:
        tell(int(1000 * (done + share * i / everything)), 1000 * n, text)

    return progress


def _checked(options: MvmOptions) -> Asked:
    """Return what is asked for; refuse what can be refused before any file is read."""
    for option, value, least in (
        ("--vectors", options.n_vectors, 1),
        ("--chips", options.n_chips, 1),
        ("--seed", options.seed, 0),
    ):
        at_least(option, value, least)
    for option, value in (
        ("--weight-bits", options.weight_bits), ("--input-bits", options.input_bits)
    ):  # fmt: skip
        low, high = _WIDTHS[option]
        if not low <= value <= high:
            raise InputError(f"{option}: found {value}; allowed {low}..{high}")
    one_of("--inputs", options.inputs, INPUTS)
    if (options.model is None) != (options.data is None):
        raise InputError("--data: goes with a MODEL.npz, and a model with it")
    if options.layer is not None and options.model is None:
        raise InputError("--layer: goes with a MODEL.npz")
    axes = tuple(parse_axis(text) for text in options.against)
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise InputError("--against: an axis is given twice")
    check_json(options.json)
    check_writable("--html", options.html)
    check_picture(options.png)
    size = None if options.size is None else parse_size(options.size)
    base = AxisPoint("", "", {}, size=size, age_s=parse_time_s(options.after))
    return Asked(parse_changes(options.changes), axes, base)


def check_picture(path: str | None) -> None:
    """Refuse a picture that could not be written, or whose format is not known."""
    check_writable("--png", path)
    suffix = None if path is None else Path(path).suffix.lower()
    if suffix is not None and suffix not in FORMATS:
        raise InputError(f"--png {path}: found {suffix!r}; allowed: {', '.join(FORMATS)}")


@dataclass(frozen=True)
class Bench:
    """Chips and workloads of every point.

    Parameters
    ----------
    path : str
        Chip file.
    changes : mapping
        What holds at every point.
    workload : callable
        From (wordlines, weight columns) of a tile to what is multiplied.
    weight_bits : int
        Width that sizes of tiles are counted in.
    data : Data, optional
        Sequences of a model.
    """

    path: str
    changes: Mapping[str, Any]
    workload: Callable[[Size], Workload]
    weight_bits: int
    data: Data | None = None

    def chip(self, base: AxisPoint, point: AxisPoint | None = None) -> Chip:
        """Return the chip of a point; what the point does not say is as in `base`."""
        changes = {**self.changes, **(point.changes if point else {})}
        chip = load_chip(self.path, changes)
        size = point.size if point and point.size else base.size
        if size is None:
            return chip
        return load_chip(
            self.path, {**changes, **size_changes(size, chip.hardware, self.weight_bits)}
        )

    def setting(self, base: AxisPoint, point: AxisPoint | None = None) -> MvmSetting:
        """Return what is measured at a point."""
        hardware = self.chip(base, point).hardware
        age_s = point.age_s if point and point.age_s is not None else base.age_s
        layout = layout_for_bits(self.weight_bits, hardware)
        shape = hardware.tile.n_wordlines, layout.columns_that_fit(hardware.tile)
        here = point or base
        return MvmSetting(here.value, here.label, self.workload(shape), hardware, age_s or 0.0)


def _bench(options: MvmOptions, changes: Mapping[str, Any]) -> Bench:
    """Read the files; a model's vectors are taken once, random ones once for each size."""
    if options.model is None or options.data is None:
        inputs = cast(Literal["uniform", "normal"], options.inputs)
        made: dict[Size, Workload] = {}

        def random(size: Size) -> Workload:
            if size not in made:
                made[size] = random_workload(
                    *size, options.n_vectors, seed=options.seed, inputs=inputs,
                    weight_bits=options.weight_bits, input_bits=options.input_bits,
                )  # fmt: skip
            return made[size]

        return Bench(options.chip, changes, random, options.weight_bits)
    model: Model = load_model(options.model)
    load_chip(options.chip, changes)  # a wrong chip is told before the reference runs
    data = load_data(options.data, model)
    own = model_workload(model, data, options.n_vectors, seed=options.seed, layer=options.layer)
    return Bench(options.chip, changes, lambda size: own, options.weight_bits, data)


def _write(
    options: MvmOptions,
    chip: Chip,
    measure: MvmMeasure,
    sweeps: tuple[MvmSweep, ...],
    tree: dict[str, Any],
) -> None:
    """Write picture, page and JSON, and print the table."""
    if options.png:
        from aimc_sim.report.mvm_png import write_mvm_png

        write_mvm_png(options.png, tree, measure)
    if options.html:
        from aimc_sim.report.mvm_page import write_mvm_page

        write_mvm_page(options.html, tree, measure, chip=chip, command=options.command)
    tell(tree, lambda: mvm_table(tree), json=options.json, quiet=options.quiet)
