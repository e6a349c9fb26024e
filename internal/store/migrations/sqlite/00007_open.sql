-- +goose Up
ALTER TABLE sweeps ADD COLUMN numerics INTEGER NOT NULL DEFAULT 0; -- of its runs; 0: was not noted
-- That a trial has ended is what its run says. Once that was seen it is marked, so that whoever looks for
-- the next trial does not ask again. The mark goes when a run of its spec is deleted.
ALTER TABLE trials ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX trials_by_turn ON trials (sweep, closed, failures, place);
