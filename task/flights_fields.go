package task

import (
	"fmt"

	"breakeven/run"
)

// The fields that tasks of flights declare.
var (
	plansPath = run.Field{Name: "plans_path", Flag: "plans", Default: "", Place: true,
		Doc: "file of filed plans, a row for each waypoint"}
	planOfPath = run.Field{Name: "plan_of_path", Flag: "plan-of", Default: "", Place: true,
		Doc: "file that says which plan each flight has, and perhaps which flights are for the test"}
	airportsPath = run.Field{Name: "airports_path", Flag: "airports", Default: "", Place: true,
		Doc: "file of the positions of airports, which plans may name"}
	weatherPath = run.Field{Name: "weather_path", Flag: "weather", Default: []string(nil), Place: true,
		Doc: "files of winds and temperatures, and of storms, with commas between"}
	stateStep = run.Field{Name: "state_step", Default: 120.0, Unit: "s", Check: checkStateStep,
		Doc: "time between the states of a flight; 0: its fixes as they are"}
	rates = run.Field{Name: "rates", Default: "backward", Choices: []string{"backward", "forward"},
		Doc: "of latitude and longitude in a state, since the fix before or until the next one, which betrays that (the released program)"}
	targets = run.Field{Name: "targets", Default: "state", Choices: []string{"state", "change"},
		Doc: "what is predicted: the next state, or how position and altitude change until then"}
	components = run.Field{Name: "components", Default: 3, Check: run.Between(1, 32),
		Doc: "normal distributions in the density of a state"}
	floor = run.Field{Name: "floor", Default: 0.0, Check: checkFloor,
		Doc: "what is added to that density in the loss (the released program: 1e-7)"}
	matching = run.Field{Name: "matching", Default: "sphere", Choices: []string{"sphere", "released"},
		Doc: "of weather ahead: on the sphere, with winds from true north; or as the released program does, in plain degrees"}
	drift = run.Field{Name: "drift", Default: 0.0, Unit: "nmi", Check: checkDrift,
		Doc: "by how much, at each step, states for training are moved off their tracks at random, to which targets lead back; keeps predictions on routes"}
	driftMemory = run.Field{Name: "drift_memory", Default: 0.9, Check: checkMemory,
		Doc: "how much of the way off its track a state keeps until the next one"}
	altitudeDither = run.Field{Name: "altitude_dither", Default: 0.0, Unit: "ft", Check: checkDither,
		Doc: "what altitudes were rounded to, within which they are moved at random for training; 0: they are not (100: altitudes of transponders)"}
	padding = run.Field{Name: "padding", Default: "left-out", Choices: []string{"left-out", "counted"},
		Doc: "steps after the end of a flight for training, up to that of the longest: left out of the loss, or counted in it with targets of 0 (the released program)"}
	pairing = run.Field{Name: "pairing", Default: "own", Choices: []string{"own", "released"},
		Doc: "of flights for training with weather: their own, in a new order in each epoch; or in one order, but for the first batch of each epoch after the first, which is of flights at random with the weather of others (the released program)"}
	folds = run.Field{Name: "folds", Default: 0, Check: checkFolds,
		Doc: "into how many parts the flights that are not for the test are dealt, of which one is for validation; 0: they are cut as --train and --valid say"}
	fold = run.Field{Name: "fold", Default: 0, Check: checkFold, Doc: "which part that is, from 0"}
)

var flightFields = []run.Field{plansPath, planOfPath, airportsPath, weatherPath, stateStep, rates, targets, components, floor, matching, drift, driftMemory, altitudeDither, padding, pairing, folds, fold}

func checkStateStep(f run.Field, s run.Spec, _ run.Known) string {
	if step := f.Float(s); step == 0 || step >= 1 && step <= 3600 {
		return ""
	}
	return fmt.Sprintf("must be 0, or 1 to 3600 seconds, not %v", f.Float(s))
}

func checkFloor(f run.Field, s run.Spec, _ run.Known) string {
	if x := f.Float(s); x >= 0 && x < 1 {
		return ""
	}
	return fmt.Sprintf("must be a small density of at least 0, not %v", f.Float(s))
}

func checkDrift(f run.Field, s run.Spec, _ run.Known) string {
	switch x := f.Float(s); {
	case !(x >= 0 && x <= 100):
		return fmt.Sprintf("must be 0 to 100 nautical miles, not %v", x)
	case x > 0 && rates.Word(s) == "forward":
		return "needs rates backward: forward ones say where a track goes on, wherever a state is moved to"
	}
	return ""
}

func checkMemory(f run.Field, s run.Spec, _ run.Known) string {
	if x := f.Float(s); x >= 0 && x <= 1 {
		return ""
	}
	return fmt.Sprintf("must be 0 to 1, not %v", f.Float(s))
}

func checkDither(f run.Field, s run.Spec, _ run.Known) string {
	if x := f.Float(s); x >= 0 && x <= 10000 {
		return ""
	}
	return fmt.Sprintf("must be 0 to 10,000 ft, not %v", f.Float(s))
}

func checkFolds(f run.Field, s run.Spec, _ run.Known) string {
	switch n := f.Int(s); {
	case n < 0 || n == 1 || n > 1000:
		return fmt.Sprintf("must be 0, or 2 to 1000, not %d", n)
	case n > 0 && (s.Train > 0 || s.Valid > 0):
		return "says how flights are cut, as train and valid do: leave these out"
	}
	return ""
}

func checkFold(f run.Field, s run.Spec, _ run.Known) string {
	if n, of := f.Int(s), folds.Int(s); n < 0 || n >= max(1, of) {
		return fmt.Sprintf("must be 0 to %d of folds %d, not %d", max(0, of-1), of, n)
	}
	return ""
}
