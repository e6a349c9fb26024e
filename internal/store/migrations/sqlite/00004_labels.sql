-- +goose Up
ALTER TABLE runs ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- that its user gave it; empty: none
CREATE UNIQUE INDEX runs_by_name ON runs (name COLLATE NOCASE) WHERE name <> '';

CREATE TABLE tags (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    tag TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (run, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted ( -- runs whose rows are gone, and whose files are to go
    run TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;
