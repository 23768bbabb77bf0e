"""`aimc quantize`: a float checkpoint and a calibration batch to an integer model."""

from __future__ import annotations

from dataclasses import dataclass

from aimc_sim.commands.options import at_least, parse_changes
from aimc_sim.commands.telling import check_json, tell
from aimc_sim.model.npz_write import write_model
from aimc_sim.model.quantize import quantize_file
from aimc_sim.report.files import check_writable


@dataclass(frozen=True)
class QuantizeOptions:
    """The options of `aimc quantize`, as typed; see ``aimc quantize --help``."""

    checkpoint: str
    calibration: str
    output: str
    bits: str = ""
    a_grid: str = "cartesian"
    percentile: float = 99.99
    per_tensor: bool = False
    multipliers: str = "free"
    limit: int | None = None
    architecture: tuple[str, ...] = ()
    json: str | None = None
    quiet: bool = False


def quantize_command(options: QuantizeOptions) -> None:
    """Do what `aimc quantize` does."""
    at_least("--limit", options.limit, 1)
    check_writable("--output", options.output)
    check_json(options.json)
    model, report = quantize_file(
        options.checkpoint,
        options.calibration,
        options.bits,
        a_grid=options.a_grid,
        percentile=options.percentile,
        per_channel=not options.per_tensor,
        multipliers=options.multipliers,
        limit=options.limit,
        options=parse_changes(options.architecture),
    )
    write_model(options.output, model)

    def told() -> str:
        return "\n".join([*report.lines(), f"written     {options.output}"]) + "\n"

    tell(report.to_json(), told, json=options.json, quiet=options.quiet)
