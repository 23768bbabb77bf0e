"""Form: what JSON must hold to be shown; other keys may stand beside it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Number = float | None
Interval = Annotated[list[float], Field(min_length=2, max_length=2)] | None
Value = bool | int | float | str | list[Any] | dict[str, Any] | None
Coordinates = dict[str, Value]


class Form(BaseModel):
    """Keys that are needed; others may stand beside them."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)
