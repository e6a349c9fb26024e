-- +goose Up
CREATE TABLE sweeps (
    number  INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of creation
    id      TEXT    NOT NULL UNIQUE,           -- the hash of its trials' identities
    title   TEXT    NOT NULL,                  -- for people
    state   TEXT    NOT NULL CHECK (state IN ('active', 'paused', 'cancelled')),
    retries INTEGER NOT NULL,                  -- how often a trial that failed is tried again
    created TEXT    NOT NULL                   -- RFC 3339, UTC
) STRICT;

-- How a trial stands is what its run says, and is not written a second time.
CREATE TABLE trials (
    sweep    TEXT    NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
    place    INTEGER NOT NULL,            -- from 1
    spec_id  TEXT    NOT NULL,
    spec     TEXT    NOT NULL,            -- canonical text
    failures INTEGER NOT NULL DEFAULT 0,  -- in a row, without a new checkpoint in between
    reached  INTEGER NOT NULL DEFAULT -1, -- step of the last checkpoint when it failed last; -1: none
    error    TEXT    NOT NULL DEFAULT '', -- of the last failure
    PRIMARY KEY (sweep, place)
) STRICT, WITHOUT ROWID;
