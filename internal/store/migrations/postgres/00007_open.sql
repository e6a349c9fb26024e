-- +goose Up
-- See the same file of SQLite.
ALTER TABLE sweeps ADD COLUMN numerics INTEGER NOT NULL DEFAULT 0;
ALTER TABLE trials ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX trials_by_turn ON trials (sweep, closed, failures, place);
