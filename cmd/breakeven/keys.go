package main

import (
	"strings"

	"breakeven/probe"

	"github.com/spf13/cobra"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "keys",
		GroupID: "know",
		Short:   "List what is measured: keys, symbols, units",
		Long: `Lists every key under which a number is kept, with its symbol in the
literature, its unit and its meaning. K is the covariance of minibatch
gradients, H the Hessian of the mean loss on the measurement set.`,
		Example: "  breakeven keys\n  breakeven keys --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !a.json {
				return keyTable().write(a.stdout)
			}
			type key struct {
				Name    string `json:"key"`
				Symbol  string `json:"symbol"`
				Unit    string `json:"unit"`
				Meaning string `json:"meaning"`
				Vector  bool   `json:"vector"`
			}
			var list []key
			for _, k := range probe.Keys() {
				list = append(list, key(k))
			}
			return printJSON(a.stdout, list)
		},
	}
	a.jsonFlag(c)
	return c
}

func keyTable() *table {
	t := &table{head: []string{"key", "symbol", "unit", "meaning"}}
	for _, k := range probe.Keys() {
		t.add(k.Name, k.Symbol, k.Unit, k.Meaning)
	}
	return t
}

func keyNames() []string {
	var names []string
	for _, k := range probe.Keys() {
		names = append(names, k.Name)
	}
	return names
}

// keysText is the keys with their meanings, for help.
func keysText(indent string) string {
	t := &table{head: []string{"key", "meaning"}}
	for _, k := range probe.Keys() {
		t.add(k.Name, k.Meaning)
	}
	var b strings.Builder
	_ = t.write(&b) // a strings.Builder takes everything
	return indent + strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "\n"+indent)
}
