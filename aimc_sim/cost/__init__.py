"""Costs: what every counted action takes in joule and second, and what a plan takes in area."""

from aimc_sim.cost.bill import AreaBill, Bill, EnergyBill, cost_of
from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.cost.costs import Costs, Price
from aimc_sim.cost.latency import LatencyBill

__all__ = [
    "ActionCost",
    "AreaBill",
    "Bill",
    "Component",
    "Costs",
    "EnergyBill",
    "LatencyBill",
    "Price",
    "cost_of",
]
