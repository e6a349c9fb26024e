-- +goose Up
-- The tables are those of version 1. What has changed are the names of the
-- checkpoints' files, which now hold their digests: a program that knows only
-- version 1 would not find them, and remove them.
SELECT 1;
