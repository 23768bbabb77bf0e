"""Results as a table: pandas for whoever works with them, CSV and Parquet for everything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimc_sim.extras import study_extra
from aimc_sim.spec import InputError
from aimc_sim.study.store import Store

if TYPE_CHECKING:
    import pandas as pd


LAST = ("refused", "task", "seconds", "worker")


def frame_of(store: Store, study: str) -> pd.DataFrame:
    """Return one row a finished task: point, coordinates, chip, metrics.

    Parameters
    ----------
    store : Store
        A results file.
    study : str
        Digest of the study.

    Raises
    ------
    InputError
        pandas is missing.
    """
    import numpy as np

    pd = study_extra("pandas")

    content = store.content(study)
    found = store.columns(study)
    coordinates = list(store.coordinates(study).values())
    points = np.array(found["point"], dtype=np.int64)
    columns: dict[str, Any] = {"point": points}
    for axis in content["axes"]:
        values = [_cell(place[axis["path"]]) for place in coordinates]
        columns[axis["path"]] = pd.Series(values, dtype=None if values else object).take(points)
        columns[axis["path"]] = columns[axis["path"]].to_numpy()
    columns["chip"] = found["chip"]
    metrics = found.pop("metrics")
    for name in content["study"]["metrics"]:
        values = [None if row is None else row.get(name) for row in metrics]
        columns[name] = np.array(values, dtype=np.float64)
    return pd.DataFrame(columns | {name: found[name] for name in LAST})


def _cell(value: Any) -> Any:
    """Return a coordinate as a table holds it: lists and sections are text."""
    return str(value) if isinstance(value, (list, dict)) else value


def write_frame(frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV or Parquet, by the suffix; whole or not at all.

    Raises
    ------
    InputError
        Another suffix, a library that is missing, or a file that cannot be written.
    """
    target = Path(path)
    part = target.with_name(target.name + ".part")
    try:
        if target.suffix == ".csv":
            frame.to_csv(part, index=False)
        elif target.suffix == ".parquet":
            study_extra("pyarrow")
            frame.to_parquet(part, index=False)
        else:
            raise InputError(f"{path}: found suffix {target.suffix!r}; expected .csv or .parquet")
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({error.strerror or error})") from None
