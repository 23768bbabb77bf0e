"""What post-training quantisation did: saturation, poles, agreement on the calibration batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from aimc_sim.model.calibration import Calibration
from aimc_sim.model.float_model import Diagonal, FloatModel, discretise, forward
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.quantize_s4d import pole_codes
from aimc_sim.model.reference import classify, first_state, run_reference
from aimc_sim.model.signal import Floats, Ints
from aimc_sim.model.widths import Bits

CHUNK = 16
ORIGIN_LIMIT = 1e-2
"""Logits of one float model in two precisions are closer than that."""


@dataclass(frozen=True)
class PoleReport:
    """Poles of one layer.

    Parameters
    ----------
    layer : str
        Name.
    n_modes, n_changed : int
        All poles, and those whose rounding moved the time constant by more than 10 %.
    n_pulled_in : int
        Poles that plain rounding put on or outside the unit circle (``|Abar| >= 1``).
    largest_float, largest : float
        Largest ``|Abar|`` before and after.
    worst_time_constant : float
        Largest ratio, either way, of time constants ``-1/ln|Abar|`` after and before.
    """

    layer: str
    n_modes: int
    n_changed: int
    n_pulled_in: int
    largest_float: float
    largest: float
    worst_time_constant: float


@dataclass(frozen=True)
class QuantReport:
    """What quantisation did.

    Parameters
    ----------
    bits : mapping
        Widths.
    a_grid : str
        Grid of the poles.
    multipliers : str
        Free, or powers of two.
    poles : tuple of PoleReport
        One for each S4D layer.
    saturation : mapping
        Share of a signal's codes that stand at an end of its range (of a state: ``name/x``; of an
        unsigned signal the upper end only), over the valid steps of the batch.
    float_accuracy, accuracy : float, optional
        Of the float and the integer model on the batch, where it has labels.
    agreement : float
        Share of sequences for which both choose the same class.
    logit_error : float
        RMS of the difference of logits over the RMS of the float logits.
    origin_error : float, optional
        The same of the checkpoint as read here against `float_logits` of the batch, where it has
        them: above rounding, the import is not what was trained.
    notes : tuple of str
        What the import took for granted.
    """

    bits: dict[str, Any]
    a_grid: str
    multipliers: str
    poles: tuple[PoleReport, ...]
    saturation: dict[str, float]
    float_accuracy: float | None
    accuracy: float | None
    agreement: float
    logit_error: float
    origin_error: float | None
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the report as lines of text."""
        out = [
            *(f"note        {note}" for note in self.notes),
            f"bits        {', '.join(f'{k} {v}' for k, v in self.bits.items() if v)}",
            f"A grid      {self.a_grid}",
            f"multipliers {self.multipliers}",
        ]
        for p in self.poles:
            out.append(
                f"poles       {p.layer}: {p.n_modes} modes, largest |Abar| "
                f"{p.largest_float:.6f} -> {p.largest:.6f}, time constants changed by up "
                f"to x{p.worst_time_constant:.3g} ({p.n_changed} by more than 10 %)"
            )
            if p.n_pulled_in:
                out.append(
                    f"warning     {p.layer}: rounding put {p.n_pulled_in} poles at |Abar| "
                    f">= 1; pulled in. More bits for A or a polar grid avoid it"
                )
        worst = sorted(self.saturation.items(), key=lambda item: -item[1])[:5]
        shares = ", ".join(f"{name} {100 * share:.3f} %" for name, share in worst)
        out.append(f"saturation  {shares}")
        if self.accuracy is not None and self.float_accuracy is not None:
            out.append(
                f"accuracy    float {100 * self.float_accuracy:.2f} %, integer "
                f"{100 * self.accuracy:.2f} % on the calibration batch"
            )
        out.append(
            f"agreement   {100 * self.agreement:.2f} % of classes, RMS error of logits "
            f"{100 * self.logit_error:.2f} %"
        )
        if self.origin_error is not None:
            out.append(
                f"origin      RMS difference of the float model's logits and float_logits of the "
                f"batch {100 * self.origin_error:.2g} %"
            )
            if self.origin_error > ORIGIN_LIMIT:
                out.append(
                    "warning     the float model read here is not the one that gave float_logits; "
                    "state its architecture with --set"
                )
        return out


def report_of(checkpoint: FloatModel, model: Model, batch: Calibration) -> QuantReport:
    """Run both models on a batch and compare them; `model` comes from `quantize`."""
    said = model.meta["quantised"]
    bits = Bits(**said["bits"])
    wanted = forward(checkpoint, batch.raw(model.input), batch.lengths, lambda *_: None)
    y_code, saturation = _run(model, batch.codes(model.input), batch.lengths)
    found = np.asarray(y_code * model.layers[-1].output.scale, dtype=np.float64)
    kernels = [layer.name for layer in model.layers if isinstance(layer, S4D)]
    poles = tuple(
        _pole_report(name, checkpoint.blocks[i].ssm, bits, said) for i, name in enumerate(kernels)
    )
    chosen, expected = classify(y_code), wanted.argmax(axis=1)
    known = batch.labels
    return QuantReport(
        bits.model_dump(),
        said["a_grid"],
        said["multipliers"],
        poles,
        saturation,
        None if known is None else float((expected == known).mean()),
        None if known is None else float((chosen == known).mean()),
        float((chosen == expected).mean()),
        _error(found, wanted),
        None if batch.float_logits is None else _error(wanted, batch.float_logits),
        checkpoint.notes,
    )


def _error(found: Floats, wanted: Floats) -> float:
    """Return the RMS of the difference over the RMS of what was wanted."""
    return float(np.sqrt(((found - wanted) ** 2).mean() / (wanted**2).mean()))


def _pole_report(name: str, ssm: Diagonal, bits: Bits, said: Mapping[str, Any]) -> PoleReport:
    codes = pole_codes(ssm, bits, said["a_grid"], per_channel=said["per_channel"])
    before = np.abs(discretise(ssm).poles)
    after = np.abs(codes.poles)
    ratio = np.log(np.maximum(before, 1e-300)) / np.log(np.maximum(after, 1e-300))
    ratio = np.maximum(ratio, 1.0 / np.maximum(ratio, 1e-300))
    return PoleReport(
        name,
        before.size,
        int((ratio > 1.1).sum()),
        codes.n_outside,
        float(before.max()),
        float(after.max()),
        float(ratio.max()),
    )


def _run(model: Model, x_code: Ints, lengths: Ints) -> tuple[Ints, dict[str, float]]:
    """Return output codes and saturation, in chunks of steps so that memory stays small."""
    ends = {name: (s.code_min if s.signed else -1, s.code_max) for name, s in _signals(model)}
    names = tuple(ends)
    at_end, taken = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    state = first_state(model, len(x_code))
    for start in range(0, x_code.shape[1], CHUNK):
        part = x_code[:, start : start + CHUNK]
        result = run_reference(model, part, lengths, state=state, probes=names)
        state = result.state
        valid = np.arange(start, start + part.shape[1]) < lengths[:, None]
        for name, codes in result.probes.items():
            low, high = ends[name]
            found = codes[valid]
            at_end[name] += int(((found <= low) | (found >= high)).sum())
            taken[name] += found.size
    return result.y_code, {name: at_end[name] / max(taken[name], 1) for name in names}


def _signals(model: Model) -> list[tuple[str, Any]]:
    """Return names and signals of every layer before the pool, and of states."""
    out: list[tuple[str, Any]] = []
    for layer in model.layers[: model.pool_index]:
        out.append((layer.name, layer.output))
        if isinstance(layer, S4D):
            out.append((f"{layer.name}/x", layer.state))
    return out
