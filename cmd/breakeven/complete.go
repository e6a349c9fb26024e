package main

import (
	"fmt"
	"slices"

	"breakeven/data"
	"breakeven/internal/store"
	"breakeven/model"
	"breakeven/probe"
	"breakeven/run"

	"github.com/spf13/cobra"
)

// completeWords completes a word from a list.
func completeWords(words func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeSpecFlags completes the flags of the given fields.
func completeSpecFlags(c *cobra.Command, fields []string) {
	words := map[string]func() []string{"data": data.Names, "model": model.Names, "probes": probe.Names}
	for _, field := range []string{"preprocess", "init", "loss", "method"} {
		words[field] = func() []string { return run.Choices(field) }
	}
	for _, field := range fields {
		switch {
		case words[field] != nil:
			_ = c.RegisterFlagCompletionFunc(flagOf(field), completeWords(words[field]))
		case field == "weights":
			_ = c.MarkFlagFilename(flagOf(field), "safetensors")
		default:
			_ = c.RegisterFlagCompletionFunc(flagOf(field), cobra.NoFileCompletions)
		}
	}
}

// completeRuns completes the names of at most n runs.
func (a *app) completeRuns(n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := store.OpenReader(a.store)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer s.Close()
		runs, _ := s.Runs() // a store that cannot be read completes nothing
		completions := []cobra.Completion{cobra.CompletionWithDesc("last", "the newest run")}
		for _, r := range runs {
			if r.Damage != nil || slices.Contains(args, r.ID) {
				continue
			}
			what := fmt.Sprintf("%s, %s, lr %v, batch %d", r.Status, r.Spec.Model, r.Spec.LR, r.Spec.Batch)
			completions = append(completions, cobra.CompletionWithDesc(r.ID, what))
		}
		return completions, cobra.ShellCompDirectiveNoFileComp
	}
}
