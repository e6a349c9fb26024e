-- +goose Up
PRAGMA application_id = 0x424b4556; -- "BKEV"

CREATE TABLE runs (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of creation
    id      TEXT NOT NULL UNIQUE,              -- identity, with -2, -3 … where it was run again
    spec_id TEXT NOT NULL,                     -- identity: the hash of spec
    spec    TEXT NOT NULL,                     -- canonical text
    status  TEXT NOT NULL CHECK (status IN ('running', 'finished', 'stopped', 'diverged')),
    message TEXT NOT NULL DEFAULT '',
    program TEXT NOT NULL,                     -- version of the program that made the run
    isa     TEXT NOT NULL,                     -- instruction set: part of what decides the bits
    created TEXT NOT NULL,                     -- RFC 3339, UTC
    updated TEXT NOT NULL
) STRICT;

CREATE INDEX runs_by_spec ON runs (spec_id);

CREATE TABLE records (
    run   TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step  INTEGER NOT NULL CHECK (step >= 0),
    epoch REAL    NOT NULL,
    body  TEXT    NOT NULL CHECK (json_valid(body)), -- run.Record as JSON: exact, also NaN and infinities
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    run    TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step   INTEGER NOT NULL CHECK (step >= 0),
    sha256 TEXT    NOT NULL, -- of the file
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

-- One row for each measured number, for people with an SQL prompt. NaN and the
-- infinities are the texts NaN, +Inf and -Inf, as in the JSON.
CREATE VIEW measured AS
SELECT r.run, r.step, r.epoch,
       v.value ->> '$.key'       AS key,
       v.value ->> '$.value'     AS value,
       v.value -> '$.vector'     AS vector,
       v.value ->> '$.error'     AS error,
       v.value ->> '$.unit'      AS unit,
       v.value ->> '$.how.probe' AS probe
FROM records AS r, json_each(r.body, '$.values') AS v;
