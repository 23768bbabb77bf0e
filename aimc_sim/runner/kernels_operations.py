"""Numbers of the operations of a schedule, and of what they take of a code."""

from __future__ import annotations

N_FIELDS = 16
(
    CLEAR,
    COPY,
    WEIGH,
    LOOK_UP,
    MULTIPLY,
    NORMALISE,
    DRIVE,
    SUM,
    SUM_DENSE,
    WHITE,
    CELLS,
    CONVERT,
    REFER,
) = range(13)
"""Operations; `schedule.py` says what their fields hold."""

WHOLE, FIELD, POSITIVE, NEGATIVE, MAGNITUDE = range(5)
"""Parts of a code that a slice may take."""

BITS, SIZES, SQUARES = range(3)
"""What of a drive is tallied: `CodeSum.power`."""
