package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"breakeven/tensor"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// A version says what program this is, and on what it runs.
type version struct {
	Version string `json:"version"` // of the module: a tag, or a revision
	Go      string `json:"go"`
	System  string `json:"system"`
	Cores   int    `json:"cores"` // that are used
	ISA     string `json:"isa"`   // instruction set of the kernels: part of what decides the bits
	// Numerics is the version of the rest of what decides them.
	Numerics int `json:"numerics"`
}

func (v version) String() string {
	return fmt.Sprintf("breakeven %s, %s, %s, %s, numerics %d, %s kernels", v.Version, v.Go, v.System, plural(v.Cores, "core"), v.Numerics, v.ISA)
}

func versionOf() version {
	v := version{
		Version: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Cores: tensor.Workers(), ISA: tensor.ISA(), Numerics: trial.Numerics,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	v.Version = info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && v.Version == "(devel)" {
			v.Version = s.Value
		}
	}
	return v
}

func (a *app) versionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "version",
		GroupID: "know",
		Short:   "Show the version, and the instruction set of the kernels",
		Long: `Shows the version of the program and the instruction set of its kernels:
avx512, avx2, neon or generic. The same spec gives the same bits on the same
instruction set, by programs of the same numerics, a number that each change of
the arithmetic raises. The variable BREAKEVEN_ISA chooses a lower set.`,
		Example: "  breakeven version\n  breakeven version --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return printJSON(a.stdout, versionOf())
			}
			_, err := fmt.Fprintln(a.stdout, versionOf())
			return err
		},
	}
	a.jsonFlag(c)
	return c
}
