"""One chip through batches of sequences: bound layers, states, epochs."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping

import numpy as np

from aimc_sim.blas import blas_threads_of
from aimc_sim.crossbar.noise import is_correlated
from aimc_sim.crossbar.setting import Address, ReadSetting
from aimc_sim.crossbar.telegraph import Levels, switching
from aimc_sim.crossbar.tile import Tiles
from aimc_sim.events import Events
from aimc_sim.model.equations import pool_result
from aimc_sim.model.layers import S4D
from aimc_sim.model.network import Model
from aimc_sim.model.signal import Ints
from aimc_sim.runner import schedule as schedules
from aimc_sim.runner.advance import advance, advance_state
from aimc_sim.runner.batch import Batch
from aimc_sim.runner.bound import BoundLayer, bind
from aimc_sim.runner.epoch import Clock
from aimc_sim.runner.ledger import Ledger
from aimc_sim.runner.schedule import Schedule
from aimc_sim.runner.schedule_chip import chip_schedule
from aimc_sim.runner.stretch import run_stretch
from aimc_sim.spec import InputError


class ChipRun:
    """A model bound to one chip, ageing from one step to the next.

    Parameters
    ----------
    model : Model
        What to compute.
    tiles : Tiles
        Programmed conductances.
    chip : int
        Which instance.
    age_s : float
        Time since the reference read at step 0 [s].
    seed : int
        Run seed.
    """

    def __init__(self, model: Model, tiles: Tiles, chip: int, age_s: float, seed: int) -> None:
        self.model, self.tiles, self.chip, self.seed = model, tiles, chip, seed
        device = tiles.hardware.device
        self.clock = Clock(age_s, tiles.plan.t_step_s, device.time_scale_s)
        n_band_steps = tiles.hardware.timing.n_band_steps
        self.n_band_steps = n_band_steps if is_correlated(tiles, chip) else None
        setting = ReadSetting(tiles, chip, age_s, seed)
        found = {tile.tile_id: switching(setting, tile) for tile in tiles.plan.tiles}
        self.switching = {tile_id: s for tile_id, s in found.items() if s is not None}
        self.epoch, self.bound = 0, self._bind(0)
        self.ledger = Ledger(model, self.bound, tiles.hardware, chip)
        self._schedule: Schedule | None = None
        self._schedule_of: int | None = None

    def _bind(self, epoch: int) -> dict[str, BoundLayer]:
        setting = ReadSetting(self.tiles, self.chip, self.clock.age_at(epoch), self.seed)
        return {
            layer.name: bind(layer, plan, self.model, setting)
            for layer, plan in zip(self.model.layers, self.tiles.plan.layers, strict=True)
        }

    def check_length(self, n_steps: int) -> None:
        """Refuse a run longer than the band of its 1/f noise.

        Raises
        ------
        InputError
            The message says what the band would have to be.
        """
        if self.n_band_steps is not None and n_steps > self.n_band_steps:
            raise InputError(
                f"hardware.timing.n_band_steps: found {self.n_band_steps}; a run of {n_steps} "
                f"steps needs as many or more, for slower 1/f noise is frozen "
                f"(--set hardware.timing.n_band_steps={1 << (n_steps - 1).bit_length()})"
            )

    def _move_to(self, step: int) -> None:
        """Rebind where a step lies in another epoch."""
        self.check_length(step + 1)
        epoch = self.clock.epoch(step)
        if epoch != self.epoch:
            self._close_epoch()
            self.epoch, self.bound = epoch, self._bind(epoch)

    def batch(self, batch: Batch, n_steps: int, tick: Callable[[int], None]) -> None:
        """Step some sequences, longest first, and read out those that end.

        Parameters
        ----------
        batch : Batch
            Sequences; what they are and have done is changed in place.
        n_steps : int
            Number of steps.
        tick : callable
            Told how many steps of sequences are done.
        """
        first = batch.first
        is_long = schedules.is_worth(n_steps, batch.n_done(n_steps))
        t = 0
        while t < n_steps:
            self._move_to(first + t)
            schedule, n = self.schedule if is_long else None, batch.n_at(t)
            if schedule is None:
                done = 1
                self._single(batch, t)
            else:
                done = self._steps_of_epoch(first + t, min(n_steps - t, schedule.longest(n)))
                self._stretch(schedule, batch, t, t + done)
            self._end(batch, batch.n_at(t + done), n)
            tick(batch.n_done(t + done) - batch.n_done(t))
            t += done
        batch.save()

    def _single(self, batch: Batch, t: int) -> None:
        """Step a batch once, layer by layer."""
        n = batch.n_at(t)
        at = self.address(batch.sequence[:n], batch.first + t, batch.levels, batch.kept)
        values = self.step(batch.inputs(t, t + 1)[:n, 0], batch.x, at, batch.lengths[:n])
        self._accumulate(values, batch.pooled, n)
        batch.add_error(t, values[self.model.pool.input])
        batch.record(t, values)
        self.ledger.n_steps += n

    def _stretch(self, schedule: Schedule, batch: Batch, t: int, stop: int) -> None:
        """Step a batch from one column to another in compiled code."""
        n, n_active = batch.n_at(t), np.array([batch.n_at(k) for k in range(t, stop)])
        with blas_threads_of(n):
            done = run_stretch(
                schedule, self.model.pool, batch.sequence[:n], batch.first + t, n_active,
                batch.inputs(t, stop)[:n], batch.x, batch.pooled[:n], batch.golden[:n, t:stop],
                tuple(batch.recorded), batch.kept,
            )  # fmt: skip
        self.ledger.enter(schedule, done)
        batch.error[t:stop] += done.error
        batch.fill(t, n_active, done.recorded)

    def _steps_of_epoch(self, step: int, most: int) -> int:
        """Return how many steps from here on lie in this epoch, at most `most`."""
        steps = range(step, step + most)
        return max(bisect.bisect_right(steps, self.epoch, key=self.clock.epoch), 1)

    def _end(self, batch: Batch, start: int, stop: int) -> None:
        """Read out sequences that end: at the age that the devices then have."""
        if start < stop:
            ended = slice(start, stop)
            y_code = self._read_out(batch.pooled[ended], batch.lengths[ended],
                                    batch.sequence[ended])  # fmt: skip
            batch.state.y_code[batch.rows[ended]] = y_code

    @property
    def schedule(self) -> Schedule | None:
        """The network's schedule in this epoch; None where it is stepped layer by layer."""
        if self._schedule_of != self.epoch:
            skips = self.tiles.hardware.dac.zero_skipping
            self._schedule = chip_schedule(self.model, self.bound, counts_active=skips)
            self._schedule_of = self.epoch
        return self._schedule

    def _accumulate(self, values: Mapping[str, Ints], pooled: Ints, n: int) -> None:
        if self.model.pool.rule == "last":
            pooled[:n] = values[self.model.pool.input]
        else:
            pooled[:n] += values[self.model.pool.input]

    def address(
        self,
        sequence: Ints,
        step: int,
        levels: Mapping[int, Levels],
        kept: dict[str, object] | None = None,
    ) -> Address:
        """Move to a step, its epoch and its levels (changed in place); return where that is."""
        self._move_to(step)
        here = {tile: value[: len(sequence)] for tile, value in levels.items()}
        if step:
            for tile, cells in self.switching.items():
                cells.advance(here[tile], sequence, step)
        return Address(sequence, step, here, kept)

    def first_levels(self, n: int) -> dict[int, Levels]:
        """Return the levels of telegraph noise at step 0, the same for n sequences."""
        return {tile: np.tile(cells.start, (n, 1)) for tile, cells in self.switching.items()}

    def step(self, x_in: Ints, x: dict[str, Ints], at: Address, lengths: Ints) -> dict[str, Ints]:
        """Advance all layers before the pool by one step; states `x` change in place.

        Returns
        -------
        dict
            ``layer -> output codes (n_sequences, n_out)``.
        """
        n = len(x_in)
        values: dict[str, Ints] = {"input": x_in}
        for layer in self.model.layers[: self.model.pool_index]:
            bound, tally = self.bound[layer.name], self.ledger.tally(layer)
            if isinstance(layer, S4D):
                y, x[layer.name][:n] = advance_state(
                    bound, values[layer.input], x[layer.name][:n], at, tally
                )
                values[layer.name] = y
            else:
                values[layer.name] = advance(bound, values, self.model, lengths, at, tally)
        return values

    def _read_out(self, pooled: Ints, lengths: Ints, sequence: Ints) -> Ints:
        """Run what follows the pool; its draws stand at step 0 of layers of their own."""
        self.ledger.n_ended += len(pooled)
        name = self.model.pool.name
        values = {name: pool_result(self.model.pool, pooled, lengths)}
        at = Address(sequence, 0, self.first_levels(len(sequence)))
        for layer in self.model.layers[self.model.pool_index + 1 :]:
            name = layer.name
            values[name] = advance(
                self.bound[name], values, self.model, lengths, at, self.ledger.tally(layer)
            )
        return values[name]

    def events(self) -> Events:
        """Return everything done so far, exactly."""
        self._close_epoch()
        return self.ledger.events()

    def _close_epoch(self) -> None:
        self.ledger.close(self.bound, self.clock.age_at(self.epoch))
