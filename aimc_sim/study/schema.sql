-- Results of studies. Rows of `result` are only ever added; `task` names all that an answer follows from.
CREATE TABLE IF NOT EXISTS study (
  study TEXT PRIMARY KEY,      -- digest of the study and of what it names
  name TEXT NOT NULL,
  content TEXT NOT NULL,       -- JSON: the study, its axes, digests, versions
  record TEXT                  -- JSON: one run of the base in full, and its floor plan
);
CREATE TABLE IF NOT EXISTS point (
  study TEXT NOT NULL,
  point INTEGER NOT NULL,
  coordinates TEXT NOT NULL,   -- JSON: path to value
  PRIMARY KEY (study, point)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS task (
  study TEXT NOT NULL,
  point INTEGER NOT NULL,
  chip INTEGER NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (study, point, chip)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS result (
  task TEXT PRIMARY KEY,
  metrics TEXT,                -- JSON: metric to value; null where the chip was refused
  refused TEXT,
  seconds REAL NOT NULL,
  worker TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claim (
  task TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until_s REAL NOT NULL        -- seconds since 1970
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
  session INTEGER PRIMARY KEY,
  study TEXT NOT NULL,
  content TEXT NOT NULL        -- JSON: command, machine, versions, when
);
