package main

import (
	"fmt"

	"breakeven/run"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// A kindJSON describes a kind of trials.
type kindJSON struct {
	Name   string      `json:"name"`
	Doc    string      `json:"doc"`
	Fields []fieldJSON `json:"fields"`
}

func (a *app) kindsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "kinds",
		GroupID: "know",
		Short:   "List the kinds of trials, with the settings of each",
		Long: `Lists the kinds of trials for ` + "`breakeven run --kind`" + `, with the settings that
are their own.`,
		Example: "  breakeven kinds\n  breakeven kinds --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var list []kindJSON
			for _, k := range trial.Kinds {
				list = append(list, kindJSON{k.Name, k.Doc, describeFields(k.Fields)})
			}
			if a.json {
				return printJSON(a.stdout, list)
			}
			for _, k := range trial.Kinds {
				fmt.Fprintf(a.stdout, "%s: %s\n", k.Name, k.Doc)
				writeFields(a.stdout, k.Fields)
			}
			return nil
		},
	}
	a.jsonFlag(c)
	return c
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		GroupID: "know",
		Short:   "Print the JSON schema of a configuration file",
		Long: `Prints the JSON schema of the file that ` + "`breakeven run`" + ` and ` + "`breakeven sweep`" + `
read, with the settings of all kinds and models. An editor that knows it completes keys and words.`,
		Example: "  breakeven schema",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := run.Schema(allFields(), known().Words)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s\n", text)
			return err
		},
	}
}
