"""``python -m aimc_sim`` is the command `aimc`."""

from aimc_sim.cli import main

if __name__ == "__main__":  # the pages of the API import this module
    main()
