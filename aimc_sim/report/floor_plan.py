"""The floor plan of a chip as a file: SVG, PNG, or a page with a table; and as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aimc_sim.crossbar.tile import unused_S
from aimc_sim.display import percent, si
from aimc_sim.mapping.floor import Floor, Region, floors_of
from aimc_sim.mapping.plan import Plan
from aimc_sim.report.files import check_writable, write_bytes, write_text
from aimc_sim.report.template import page_of
from aimc_sim.spec import InputError

HEAD = ("tile", "layer", "tensor", "wordlines", "bitlines", "origin", "weights", "used",
        "unused cells", "unused at")  # fmt: skip
KINDS = (".svg", ".png", ".html")


def check_picture(option: str, path: str | None) -> None:
    """Refuse, before the work, a picture of another kind or one that could not be written.

    Raises
    ------
    InputError
        It ends in none of `KINDS`, or it cannot be written.
    """
    if path is not None and Path(path).suffix.lower() not in KINDS:
        raise InputError(f"{option} {path}: expected a name that ends in {', '.join(KINDS)}")
    check_writable(option, path)


def floor_tree(plan: Plan) -> dict[str, Any]:
    """Return what each tile of a chip holds, as plain data.

    Parameters
    ----------
    plan : Plan
        The plan.

    Returns
    -------
    dict
        ``tiles``, each with its ``regions``; ``unused_S`` [S] is null where unused cells are
        programmed like a weight of zero. The origin counts wordlines and bitlines from 0.
    """
    shape, mapping = plan.hardware.tile, plan.hardware.mapping
    stated_S = unused_S(plan.hardware) if mapping.unused == "stated" else None
    cells = shape.n_wordlines * shape.n_bitlines
    return {
        "n_wordlines": shape.n_wordlines,
        "n_bitlines": shape.n_bitlines,
        "unused": mapping.unused,
        "unused_S": stated_S,
        "tiles": [
            {
                "tile": floor.number,
                "share_used": floor.share_used,
                "regions": [_region(region, cells) for region in floor.regions],
            }
            for floor in floors_of(plan)
        ],
    }


def _region(region: Region, cells: int) -> dict[str, Any]:
    return {
        "layer": region.plan.layer,
        "tensor": region.tensor,
        "index": region.plan.index,
        "n_wordlines": len(region.wordlines),
        "n_bitlines": len(region.bitlines),
        "origin": list(region.origin),
        "n_weights": region.n_weights,
        "share_used": region.n_used / cells,
        "n_unused": region.n_unused,
    }


def floor_rows(tree: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row for each region, under `HEAD`, from `floor_tree`."""
    held = "as code 0" if tree["unused_S"] is None else si(tree["unused_S"], "S")
    return [
        (
            str(tile["tile"]),
            r["layer"],
            r["tensor"],
            str(r["n_wordlines"]),
            str(r["n_bitlines"]),
            f"{r['origin'][0]}, {r['origin'][1]}",
            f"{r['n_weights']:,}",
            percent(r["share_used"], 2),
            f"{r['n_unused']:,}",
            held if r["n_unused"] else "",
        )
        for tile in tree["tiles"]
        for r in tile["regions"]
    ]


def write_floor_plan(path: str | Path, plan: Plan, title: str = "Floor plan") -> None:
    """Draw the tiles of a chip: one picture, by the ending of its name a SVG, PNG or HTML page.

    Parameters
    ----------
    path : path
        Target, replaced whole or not at all.
    plan : Plan
        What lies where.
    title : str
        Heading of a page.

    Raises
    ------
    InputError
        Nothing of the plan is analog, another kind of file, or it cannot be written.
    """
    from aimc_sim.report.figures_floor import floor_png, floor_svg

    check_picture("floor plan", str(path))
    floors = floors_of(plan)
    if not floors:
        raise InputError("floor plan: no layer of the model is analog, there is no tile to draw")
    kind = Path(path).suffix.lower()
    if kind == ".png":
        write_bytes(path, floor_png(floors))
    elif kind == ".svg":
        write_text(path, floor_svg(floors, alone=True))
    else:
        write_text(path, floor_page(plan, floors, title))


def floor_page(plan: Plan, floors: Sequence[Floor], title: str) -> str:
    """Return a self-contained page: the picture, and its table."""
    from markupsafe import Markup

    from aimc_sim.report.figures_floor import floor_svg
    from aimc_sim.report.sheet import sheet_for

    mapping, tree = plan.hardware.mapping, floor_tree(plan)
    weights = mapping.weights
    facts = [
        (str(len(floors)), "tiles", f"{tree['n_wordlines']} x {tree['n_bitlines']} each"),
        (percent(plan.utilisation, 1), "of all cells hold a weight", "or a slice of one"),
        (mapping.s4d, "S4D kernels", f"tiles {'shared' if mapping.share_tiles else 'not shared'}"),
        (weights.encoding, "encoding", f"pair in {plan.hardware.tile.pair}"),
    ]
    return page_of(
        "floor.html.j2",
        title=title,
        headline=[(value, name.replace("_", " "), remark.replace("_", " "))
                  for value, name, remark in facts],
        svg=Markup(floor_svg(floors)),
        width_rem=8 * sheet_for(floors).size[0],
        head=HEAD,
        rows=floor_rows(tree),
        digests=[("model", plan.model_digest), ("hardware", plan.hardware.digest()),
                 ("plan", plan.digest)],
    )  # fmt: skip
