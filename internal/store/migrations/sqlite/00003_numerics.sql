-- +goose Up
-- Programs before did not note which numerics made a run: 0.
ALTER TABLE runs ADD COLUMN numerics INTEGER NOT NULL DEFAULT 0; -- version of the arithmetic, beside isa
ALTER TABLE runs ADD COLUMN changes  TEXT    NOT NULL DEFAULT ''; -- in words, where the run went on with another
