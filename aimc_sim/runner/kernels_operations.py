"""Numbers of the operations of a schedule, and of what they take of a code."""

from __future__ import annotations

N_FIELDS = 17
(
    CLEAR,
    WEIGH,
    ADVANCE,
    LOOK_UP,
    MULTIPLY,
    NORMALISE,
    CUT,
    TALLY,
    GATHER,
    SQUARE,
    SUM,
    SUM_DENSE,
    SUM_FIXED,
    DRAW,
    HOLD,
    READ,
    REFER,
) = range(17)
"""Operations; the kernel of each says what its fields hold."""

NEVER = 0xFFFFFFFF
"""Number of no hold: the largest of 32 bits, which no step below 2^31 reaches."""

WHOLE, FIELD, POSITIVE, NEGATIVE, MAGNITUDE = range(5)
"""Parts of a code that a slice may take."""

BITS, SIZES, SQUARES = range(3)
"""What of a drive is tallied: `CodeSum.power`."""
