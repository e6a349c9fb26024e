package main

import (
	"fmt"
	"slices"

	"breakeven/internal/store"
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
func completeSpecFlags(c *cobra.Command, fields []run.Field) {
	for _, f := range fields {
		words, ok := known().Words[f.Name]
		if !ok {
			words = f.Choices
		}
		switch {
		case words != nil:
			_ = c.RegisterFlagCompletionFunc(f.FlagName(), completeWords(func() []string { return words }))
		case f.Place:
			_ = c.MarkFlagFilename(f.FlagName(), "safetensors", "csv")
		default:
			_ = c.RegisterFlagCompletionFunc(f.FlagName(), cobra.NoFileCompletions)
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
			if r.Name != "" {
				completions = append(completions, cobra.CompletionWithDesc(r.Name, r.ID+", "+what))
			}
		}
		return completions, cobra.ShellCompDirectiveNoFileComp
	}
}
