"""Studies: many runs of one model family, kept in a file that any number of stops may interrupt."""
