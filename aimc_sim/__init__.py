"""aimc_sim: integer state-space models on analog in-memory computing tiles, step by step.

Names below load on first use (PEP 562): importing the package loads neither Numba nor Matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from aimc_sim.version import VERSION

__version__ = VERSION


if TYPE_CHECKING:
    from aimc_sim.analysis.budget import error_budget
    from aimc_sim.analysis.ranges import calibrate_ranges
    from aimc_sim.analysis.s4d import s4d_pictures
    from aimc_sim.chip import Chip, load_chip
    from aimc_sim.cost.bill import Bill, cost_of
    from aimc_sim.crossbar.calibrate import calibrate
    from aimc_sim.crossbar.tile import Tiles, program
    from aimc_sim.data import Data, load_data
    from aimc_sim.events import Events
    from aimc_sim.hardware import Hardware
    from aimc_sim.mapping.mapper import map_model
    from aimc_sim.mapping.plan import Plan
    from aimc_sim.model.network import Model
    from aimc_sim.model.npz import load_model
    from aimc_sim.model.npz_write import write_model
    from aimc_sim.model.quantize import quantize
    from aimc_sim.model.reference import run_reference
    from aimc_sim.report.html import write_report
    from aimc_sim.runner.result import Result
    from aimc_sim.runner.run import run
    from aimc_sim.runner.stream import stream
    from aimc_sim.spec import InputError
    from aimc_sim.study.conduct import load_results, run_study
    from aimc_sim.study.study import Study, load_study

_WHERE = {
    "Bill": "cost.bill",
    "Chip": "chip",
    "Data": "data",
    "Events": "events",
    "Hardware": "hardware",
    "InputError": "spec",
    "Model": "model.network",
    "Plan": "mapping.plan",
    "Result": "runner.result",
    "Study": "study.study",
    "Tiles": "crossbar.tile",
    "calibrate": "crossbar.calibrate",
    "calibrate_ranges": "analysis.ranges",
    "cost_of": "cost.bill",
    "error_budget": "analysis.budget",
    "load_chip": "chip",
    "load_data": "data",
    "load_model": "model.npz",
    "load_results": "study.conduct",
    "load_study": "study.study",
    "map_model": "mapping.mapper",
    "program": "crossbar.tile",
    "quantize": "model.quantize",
    "run": "runner.run",
    "run_reference": "model.reference",
    "run_study": "study.conduct",
    "s4d_pictures": "analysis.s4d",
    "stream": "runner.stream",
    "write_model": "model.npz_write",
    "write_report": "report.html",
}
__all__ = [
    "Bill",
    "Chip",
    "Data",
    "Events",
    "Hardware",
    "InputError",
    "Model",
    "Plan",
    "Result",
    "Study",
    "Tiles",
    "calibrate",
    "calibrate_ranges",
    "cost_of",
    "error_budget",
    "load_chip",
    "load_data",
    "load_model",
    "load_results",
    "load_study",
    "map_model",
    "program",
    "quantize",
    "run",
    "run_reference",
    "run_study",
    "s4d_pictures",
    "stream",
    "write_model",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        value = getattr(import_module(f"aimc_sim.{_WHERE[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'aimc_sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
