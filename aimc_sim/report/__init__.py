"""What a run gave, told: JSON, a table for the terminal, a self-contained page."""
