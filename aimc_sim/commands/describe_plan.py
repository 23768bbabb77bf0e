"""What `aimc inspect` says of a plan file, and of the floor plan of a chip."""

from __future__ import annotations

from dataclasses import replace

from aimc_sim.commands.describe import Description, Section, line_of
from aimc_sim.mapping.plan import Plan
from aimc_sim.mapping.plan_file import PlanFile
from aimc_sim.report.floor_plan import HEAD, floor_rows, floor_tree


def describe_plan(plan: PlanFile) -> Description:
    """Return the description of a plan file alone."""
    tree = {"kind": "plan", **plan.model_dump(mode="json")}
    rows: list[tuple[str, ...]] = [("tile", "layer", "matrix", "pieces", "weights")]
    rows += [
        (
            str(t.tile_id),
            t.layer,
            f"{t.matrix}/{t.index}",
            str(len(t.pieces)),
            f"{sum(p.n_rows * p.n_cols for p in t.pieces):,}",
        )
        for t in plan.tiles
    ]
    return Description(line_of(plan), tree, (Section("tiles", rows),))


def with_floor_plan(description: Description, plan: Plan) -> Description:
    """Return a description with what each tile of the chip holds."""
    tree = floor_tree(plan)
    size = f"{tree['n_wordlines']} x {tree['n_bitlines']}"
    section = Section(f"floor plan, each tile {size}", [HEAD, *floor_rows(tree)])
    return replace(
        description,
        tree={**description.tree, "floor_plan": tree},
        sections=(*description.sections, section),
    )
