"""From measured conductances to a device file: maximum likelihood, intervals, how well it fits."""

from aimc_sim.fit.family import FitOptions
from aimc_sim.fit.generate import measurements_of
from aimc_sim.fit.io import read_measurements, write_measurements
from aimc_sim.fit.measurements import Measurements
from aimc_sim.fit.result import Fit, Parameter
from aimc_sim.fit.run import FAMILIES, fit_device

__all__ = [
    "FAMILIES",
    "Fit",
    "FitOptions",
    "Measurements",
    "Parameter",
    "fit_device",
    "measurements_of",
    "read_measurements",
    "write_measurements",
]
