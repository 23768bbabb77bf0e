"""aimc_sim: integer state-space models on analog in-memory computing tiles, step by step."""
