"""Wires: resistance and capacitance of the lines of a crossbar, and how they are connected."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from aimc_sim.spec import Source, Spec

Ends = Literal["one_end", "both_ends"]
Topology = Literal["crossed", "gate_same_end", "gate_far_end"]


class Wires(Spec):
    """Lines of a crossbar; 0 ohm is an ideal connection, not a small resistor.

    Parameters
    ----------
    wordline_ohm, bitline_ohm, source_line_ohm : float
        Resistance of a line from one cell to the next, and from its first or last cell to whatever
        is connected there [ohm].
    driver_ohm : float
        Resistance of what drives a line: a wordline, or the source line of a gate topology [ohm].
    sense_ohm : float
        Resistance between the end of a bitline and its virtual ground [ohm].
    driven, sensed : {"one_end", "both_ends"}
        Ends at which wordlines (gate topologies: source lines) are driven and bitlines are sensed.
        One end: wordlines at the first bitline, bitlines at the last wordline.
    topology : {"crossed", "gate_same_end", "gate_far_end"}
        ``crossed``: devices lie between wordlines, which carry the drive, and bitlines. ``gate_``:
        a wordline switches the transistors of its row and carries no current; a device lies
        between its bitline, which the sense amplifier holds at the read voltage, and a source line
        beside it, which is at 0 V at the end where the bitline is sensed, or at the far one.
    capacitance_F : float
        Capacitance of every line at every cell [F].
    settle_bits : int, optional
        A read must settle to half a step of this many bits; by default those of the ADC.
    source : Source, optional
        Where the numbers come from.

    Examples
    --------
    >>> Wires(wordline_ohm=5.6, bitline_ohm=1.9).is_ideal, Wires().is_ideal
    (False, True)
    """

    wordline_ohm: float = Field(default=0.0, ge=0.0, le=1.0e6)
    bitline_ohm: float = Field(default=0.0, ge=0.0, le=1.0e6)
    source_line_ohm: float = Field(default=0.0, ge=0.0, le=1.0e6)
    driver_ohm: float = Field(default=0.0, ge=0.0, le=1.0e9)
    sense_ohm: float = Field(default=0.0, ge=0.0, le=1.0e9)
    driven: Ends = "one_end"
    sensed: Ends = "one_end"
    topology: Topology = "crossed"
    capacitance_F: float = Field(default=0.0, ge=0.0, le=1.0e-6)
    settle_bits: int | None = Field(default=None, ge=1, le=32)
    source: Source | None = None

    @model_validator(mode="after")
    def _source_line_is_there(self) -> Wires:
        if self.topology == "crossed" and self.source_line_ohm:
            raise ValueError(
                f"source_line_ohm: found {self.source_line_ohm:g}; the topology 'crossed' has no "
                f"source lines; allowed: 0"
            )
        return self

    @property
    def is_gate(self) -> bool:
        """Whether wordlines switch transistors and carry no current."""
        return self.topology != "crossed"

    @property
    def is_ideal(self) -> bool:
        """Whether no line has a resistance that carries current."""
        in_path = (self.bitline_ohm, self.driver_ohm, self.sense_ohm)
        along = self.source_line_ohm if self.is_gate else self.wordline_ohm
        return not any((*in_path, along))
