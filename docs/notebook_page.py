"""Writes docs/notebook.ipynb: a study in a notebook, executed.

    python docs/notebook_page.py

Needs nbformat, nbclient and ipykernel (`pip install 'aimc-sim[dev,docs]'`).
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/notebook.ipynb"
CELLS = """\
# A notebook

Runs, bills and studies show themselves as tables; `docs/notebook_page.py` executes this page.
----
from aimc_sim import cost_of, load_chip, load_data, load_model, map_model, program, run

model = load_model("examples/models/digits.npz")
chip = load_chip("examples/chips/pcm_256.yaml")
data = load_data("examples/data/digits_test.npz", model).rows(0, 50)
plan = map_model(model, chip.hardware)
tiles = program(plan, chip.hardware, seed=1, n_chips=3)
result = run(model, tiles, data, seed=1, age_s=86400.0)
result
----
cost_of(tiles.events + result.events, chip.costs, plan)
----
# A study is data: a file, or the same in Python.
from aimc_sim import Study, run_study

study = Study(
    format="aimc-study", version="1.0", name="adc_bits",
    base={"model": "examples/models/digits.npz", "chip": "examples/chips/pcm_256.yaml",
          "data": "examples/data/digits_test.npz", "limit": 50, "after": "1d"},
    axes={"hardware.adc.bits": [4, 5, 6, 7, 8]},
    chips=3,
    seed=1,
)
study
----
from pathlib import Path
from tempfile import mkdtemp

frame = run_study(study, Path(mkdtemp()) / "results.sqlite")
by_bits = frame.groupby("hardware.adc.bits")
by_bits[["accuracy.analog.mean", "energy_J.per_inference", "area_m2.total"]].mean()
----
accuracy = by_bits["accuracy.analog.mean"].agg(["mean", "std"])
axes = accuracy["mean"].plot(yerr=accuracy["std"], marker="o", figsize=(5, 3))
axes.set(ylabel="accuracy", ylim=(0.0, 1.05));
"""


def notebook() -> nbformat.NotebookNode:
    """Return the notebook, executed, without what differs from one time to the next."""
    text, *code = CELLS.removesuffix("\n").split("\n----\n")
    cells = [nbformat.v4.new_markdown_cell(text), *map(nbformat.v4.new_code_cell, code)]
    found = nbformat.v4.new_notebook(cells=cells)
    found.metadata.kernelspec = {"name": "python3", "display_name": "Python", "language": "python"}
    for i, cell in enumerate(found.cells):
        cell.id = f"cell-{i}"
    NotebookClient(found, timeout=600, resources={"metadata": {"path": str(ROOT)}}).execute()
    for cell in found.cells:
        cell.metadata.clear()
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):  # a table; arrays in full say nothing
                output.data["text/plain"] = "a table"
    found.metadata.pop("language_info", None)
    return found


if __name__ == "__main__":
    nbformat.write(notebook(), PAGE)
