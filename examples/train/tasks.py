"""The five tasks: which data, which network, which training."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Task:
    """One classification task and the recipe that trains it.

    Parameters
    ----------
    name
        Name of the model and of its data files.
    data
        Data set: "digits", "vowels" or "mnist".
    n_channels
        Channels of an input step.
    dt_min, dt_max
        Range of the log-uniform start of dt (in units of one step).
    n_epochs
        Epochs of training.
    n_test
        Test sequences that go into the committed data file.
    n_calibration
        Training sequences that go into the committed calibration file.
    n_epochs_more
        Epochs of a second cosine from half the learning rates, for the models of the zoo.
    shift
        Largest random shift of a training image, in pixels of 28x28 (0: none).
    pool
        Side of the square of pixels that is averaged into one step (1: none).
    n_classes
        Classes; of a data set with more, the first so many.
    """

    name: str
    data: str
    n_channels: int
    dt_min: float
    dt_max: float
    n_epochs: int
    n_test: int
    n_calibration: int
    shift: int = 0
    pool: int = 1
    n_classes: int = 10
    n_layers: int = 3
    n_hidden: int = 32
    n_modes: int = 8
    batch_size: int = 32
    learning_rate: float = 5e-3
    learning_rate_ssm: float = 1e-3
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    n_epochs_more: int = 0


TASKS = {
    task.name: task
    for task in (
        Task("digits", "digits", 13, 1e-2, 5e-1, 40, n_test=600, n_calibration=256),
        Task("digits01", "digits", 13, 1e-2, 5e-1, 20, 120, n_calibration=128, n_classes=2),
        Task("vowels", "vowels", 12, 1e-2, 5e-1, 40, 370, 128, n_classes=9, batch_size=16),
        Task(
            "smnist196", "mnist", 1, 3e-3, 3e-1, 20, n_test=1000, n_calibration=256, shift=1, pool=2
        ),
        Task(
            "smnist784",
            "mnist",
            1,
            1e-3,
            1e-1,
            14,
            n_test=500,
            n_calibration=128,
            shift=1,
            n_epochs_more=6,
        ),
    )
}
