"""A description of a file: plain data, and the same as sections of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aimc_sim.chip import Chip
from aimc_sim.commands.batch import Batch
from aimc_sim.cost.baseline_file import Baselines
from aimc_sim.devices import DeviceFile
from aimc_sim.display import text_table
from aimc_sim.mapping.plan_file import PlanFile
from aimc_sim.model.float_model import FloatModel
from aimc_sim.model.network import Model

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """A heading and a table."""

    title: str
    rows: Rows


@dataclass(frozen=True)
class Description:
    """What a file holds.

    Parameters
    ----------
    line : str
        In one line.
    tree : dict
        As plain data, for JSON.
    sections : tuple of Section
        As text.
    """

    line: str
    tree: dict[str, Any]
    sections: tuple[Section, ...]

    def text(self) -> str:
        """Return all sections."""
        parts = [f"{s.title}\n{text_table(s.rows, indent='  ')}".rstrip() for s in self.sections]
        return "\n\n".join([self.line, *parts]) + "\n"


def counted(n: int, word: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "layer"), counted(12345, "parameter")
    ('1 layer', '12,345 parameters')
    """
    return f"{n:,} {word}" if n == 1 else f"{n:,} {word}s"


def line_of(content: object) -> str:
    """Return what a file holds, in one line."""
    if isinstance(content, Model):
        from aimc_sim.commands.describe_model import n_parameters

        n = sum(n_parameters(layer) for layer in content.layers)
        kernels = sum(layer.kind == "s4d" for layer in content.layers)
        return (
            f"model, {counted(len(content.layers), 'layer')} ({kernels} S4D), "
            f"{counted(n, 'parameter')}, {counted(content.n_input, 'input channel')}, "
            f"{content.n_classes} outputs"
        )
    if isinstance(content, Batch):
        lengths = content.content.lengths
        carried = [name for name in ("labels", "lengths", "logits") if name in content.shapes]
        extra = f", {', '.join(carried)}" if carried else ""
        return (
            f"data, {counted(len(lengths), 'sequence')} of up to "
            f"{counted(int(lengths.max()), 'step')}, "
            f"{counted(content.content.inputs.shape[2], 'channel')}{extra}"
        )
    if isinstance(content, Chip):
        tile = content.hardware.tile
        return (
            f"chip {content.name}, {content.hardware.device.kind} devices, tiles of "
            f"{tile.n_wordlines} x {tile.n_bitlines}"
        )
    if isinstance(content, DeviceFile):
        device = content.device
        return (
            f"device {content.name}, {device.kind}, {1e6 * device.g_min_S:g} to "
            f"{1e6 * device.g_max_S:g} µS"
        )
    if isinstance(content, PlanFile):
        return f"plan, {counted(len(content.tiles), 'tile')}"
    if isinstance(content, Baselines):
        return f"digital machines: {', '.join(m.name for m in content.baselines)}"
    assert isinstance(content, FloatModel)
    return (
        f"float checkpoint, {counted(len(content.blocks), 'block')}, "
        f"{counted(content.encoder_weight.shape[0], 'input channel')}, "
        f"{content.decoder_weight.shape[1]} outputs"
    )
