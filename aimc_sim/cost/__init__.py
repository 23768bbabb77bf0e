"""Costs: what every counted action takes in joule and second, and what a plan takes in area."""

from aimc_sim.cost.component import ActionCost, Component
from aimc_sim.cost.costs import Costs, Price

__all__ = ["ActionCost", "Component", "Costs", "Price"]
