"""Write the table of the zoo from the notes beside its models.

python examples/train/zoo_table.py            # prints Markdown
python examples/train/zoo_table.py --store    # into examples/models/zoo/README.md
"""

from __future__ import annotations

import argparse
import json
import pathlib
from collections.abc import Iterator

from marks import store
from tasks import TASKS
from zoo_recipes import Recipe, recipes

from aimc_sim.study.student import half_width, mean_of

ZOO = pathlib.Path(__file__).resolve().parents[1] / "models/zoo"


def accuracies(task: str, name: str) -> list[float]:
    """Return the accuracies of the seeds that there are."""
    notes = sorted((ZOO / task).glob(f"{name}_seed?.json"))
    return [json.loads(path.read_text())["accuracy"] for path in notes]


def cell(task: str, name: str) -> str:
    """Return mean and 95 % interval over training seeds; the mean alone of one seed."""
    found = [100.0 * value for value in accuracies(task, name)]
    if not found:
        return ""
    mean = f"{mean_of(found):.2f}"
    if len(found) == 1:
        return f"{mean} (one seed)"
    return f"{mean} ± {half_width(found, 0.025):.2f}"


def lines() -> Iterator[str]:
    """Yield the table, a row a recipe and a column a task."""
    tasks = [name for name in TASKS if (ZOO / name).exists()]
    kinds: dict[str, Recipe | None] = {"float": None}
    for task in tasks:
        kinds.update({recipe.name: recipe for recipe in recipes(task)})
    yield "| model | bits | " + " | ".join(tasks) + " |"
    yield "|---" * (len(tasks) + 2) + "|"
    for name, recipe in kinds.items():
        bits = recipe.bits if recipe else "float64"
        yield f"| `{name}` | {bits} | " + " | ".join(cell(t, name) for t in tasks) + " |"


def main() -> None:
    """Print the table or put it between its marks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", action="store_true", help="write it into the zoo's README")
    text = "\n".join(lines())
    if not parser.parse_args().store:
        print(text)
        return
    store(ZOO / "README.md", "table", text)


if __name__ == "__main__":
    main()
