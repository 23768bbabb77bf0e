"""``python -m aimc_sim`` is the command `aimc`."""

from aimc_sim.cli import main

main()
