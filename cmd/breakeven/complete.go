package main

import (
	"fmt"
	"slices"

	"breakeven/internal/store"
	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// completing is set while the shell asks for completions. Cobra keeps a completion for ever, and
// the command that it belongs to; a process that runs several commands, as the tests do, would
// keep all of them.
var completing bool

// asksForCompletions reports whether arguments are a shell's request.
func asksForCompletions(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// completes says how the values of a flag are completed.
func completes(c *cobra.Command, flag string, how cobra.CompletionFunc) {
	if completing {
		_ = c.RegisterFlagCompletionFunc(flag, how)
	}
}

// completeWords completes a word from a list.
func completeWords(words func() []string) cobra.CompletionFunc {
	return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeSpecFlags completes the flags of the given fields.
func completeSpecFlags(c *cobra.Command, fields []run.Field) {
	known := known().Words
	for _, f := range fields {
		words, ok := known[f.Name]
		if !ok {
			words = f.Choices
		}
		switch {
		case words != nil:
			completes(c, f.FlagName(), completeWords(func() []string { return words }))
		case f.Place:
			_ = c.MarkFlagFilename(f.FlagName(), "safetensors", "pt", "pth", "bin", "ckpt", "csv")
		default:
			completes(c, f.FlagName(), cobra.NoFileCompletions)
		}
	}
}

// completeRuns completes the names of at most n runs of the store.
func (a *app) completeRuns(n int) cobra.CompletionFunc {
	return a.completeRunsOf(func() []string { return []string{a.store} }, n)
}

// completeRunsOf completes the names of at most n runs of stores.
func (a *app) completeRunsOf(folders func() []string, n int) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var completions []cobra.Completion
		for _, folder := range folders() {
			completions = append(completions, runCompletions(folder, args)...)
		}
		return completions, cobra.ShellCompDirectiveNoFileComp
	}
}

// runCompletions returns the names of the runs in a folder, without those that were typed. A
// store that cannot be read completes nothing.
func runCompletions(folder string, typed []string) []cobra.Completion {
	s, err := store.OpenReader(folder)
	if err != nil {
		return nil
	}
	defer s.Close()
	runs, _ := s.Runs()
	completions := []cobra.Completion{cobra.CompletionWithDesc("last", "the newest run")}
	for _, r := range runs {
		if r.Damage != nil || slices.Contains(typed, r.ID) {
			continue
		}
		what := fmt.Sprintf("%s, %s", r.Status, subjectOf(r.Spec))
		if trial.Lacks(r.Spec, "lr") == "" {
			what = fmt.Sprintf("%s, %s, lr %v, batch %d", r.Status, r.Spec.Model, r.Spec.LR, r.Spec.Batch)
		}
		completions = append(completions, cobra.CompletionWithDesc(r.ID, what))
		if r.Name != "" {
			completions = append(completions, cobra.CompletionWithDesc(r.Name, r.ID+", "+what))
		}
	}
	return completions
}
