"""map_model: layers become matrices, matrices become tiles."""

from __future__ import annotations

from aimc_sim.hardware import Hardware
from aimc_sim.mapping.fused import s4d_matrices
from aimc_sim.mapping.kernel import linear_matrix
from aimc_sim.mapping.matrix import Matrix
from aimc_sim.mapping.placer import Placer
from aimc_sim.mapping.plan import LayerPlan, Plan
from aimc_sim.mapping.support import check_supported
from aimc_sim.model.layers import S4D, Layer, Linear
from aimc_sim.model.network import Model
from aimc_sim.spec import InputError


def map_model(model: Model, hardware: Hardware) -> Plan:
    """Map a model onto the tiles of a chip.

    Parameters
    ----------
    model : Model
        What to compute.
    hardware : Hardware
        What to compute it on; every choice is in ``hardware.mapping``.

    Returns
    -------
    Plan
        Small blocks share a tile along its diagonal, large ones are cut, with digital sums
        between; each matrix has tiles of its own unless ``hardware.mapping.share_tiles``.

    Raises
    ------
    InputError
        A state that would have to pass through a narrower ADC without being allowed to; choices
        of the mapping that do not combine.
    """
    placer = Placer(hardware)
    check_supported(hardware)
    layers = []
    for index, layer in enumerate(model.layers):
        matrices = []
        for matrix in layer_matrices(layer, model, hardware):
            matrices.append(placer.place(matrix))
        layers.append(
            LayerPlan(
                layer.name,
                layer.kind,
                model.widths[layer.name],
                index < model.pool_index,
                _mapping_name(layer, hardware),
                tuple(matrices),
            )
        )
    return Plan(model.digest, hardware, tuple(layers))


def layer_matrices(layer: Layer, model: Model, hardware: Hardware) -> tuple[Matrix, ...]:
    """Return the analog matrices of a layer; none where it is digital."""
    if isinstance(layer, Linear):
        return (linear_matrix(layer, model.signal(layer.input)),)
    if isinstance(layer, S4D):
        _check_state_width(layer, hardware)
        source = model.signal(layer.input)
        return s4d_matrices(layer, source, hardware)
    return ()


def _mapping_name(layer: Layer, hardware: Hardware) -> str:
    if isinstance(layer, S4D):
        return hardware.mapping.s4d
    return "analog" if isinstance(layer, Linear) else "digital"


def _check_state_width(layer: S4D, hardware: Hardware) -> None:
    width = hardware.adc.width
    mapping = hardware.mapping
    if mapping.s4d == "hybrid" or width is None or width >= layer.state.bits:
        return
    if not mapping.allow_narrow_state:
        raise InputError(
            f"layer {layer.name!r}: its state has {layer.state.bits} bits and mapping "
            f"{mapping.s4d!r} sends it through an ADC of {width}; use mapping hybrid, a wider ADC, "
            f"or hardware.mapping.allow_narrow_state=true to accept the rounding"
        )
