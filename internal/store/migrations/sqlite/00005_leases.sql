-- +goose Up
-- Programs before held a lock on the whole store as long as they ran.
CREATE TABLE leases (
    run     TEXT    NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL, -- how often the run has been taken
    writer  TEXT    NOT NULL  -- that holds it if it lives: its file in the folder writers; empty: none
) STRICT, WITHOUT ROWID;
