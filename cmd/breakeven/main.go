// Command breakeven trains a network on real images and measures, along the
// way, what stochastic gradient descent does to the loss surface. See
// `breakeven help`.
//
// Each subcommand is a thin file of its own: it reads flags, calls the rooms of
// this module, and prints. What is printed to standard output is the result;
// progress and errors go to standard error. The exit code is 0, 1 for a
// failure, 2 for wrong usage, and 130 or 143 after Ctrl-C or SIGTERM. A run that
// diverges is a result, and 0.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"breakeven/internal/config"
	"breakeven/internal/garbage"
	"breakeven/run"
	"breakeven/tensor"
	"breakeven/trojan"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func main() {
	garbage.Limit(garbage.Usual)
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// An app is one execution of the program: its streams, and what the flags that
// several commands share say.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	args           []string // as they were typed

	store   string // folder of the runs
	dataDir string // folder of the data sets; "" means the default
	json    bool   // results as JSON
	quiet   bool   // no progress

	log     string     // where records are logged; "": nowhere
	records *recordLog // nil: none

	otherBits bool // resume although the arithmetic is another

	keyFiles []string     // with the keys of secret networks
	keys     []trojan.Key // nil: not read yet

	stopped atomic.Int32 // the exit code of a program that a signal has stopped; 0: none has
	memory  string       // limit on the memory of a run; "" means what is free
}

// execute is the whole program. It returns the exit code.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintln(stderr, crash(p, debug.Stack()))
			code = 1
		}
	}()
	if err := tensor.ISAError(); err != nil {
		fmt.Fprintln(stderr, "breakeven: "+flat(err.Error()))
		return 2
	}
	out := &output{Writer: stdout}
	a := &app{stdin: stdin, stdout: out, stderr: stderr, args: args}
	completing = asksForCompletions(args)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil && out.err != nil {
		err = fmt.Errorf("the output could not be written: %w", out.err)
	}
	if err == nil {
		return int(a.stopped.Load())
	}
	for _, line := range a.errorLines(err) {
		fmt.Fprintln(stderr, line)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	if code := a.stopped.Load(); code != 0 {
		return int(code)
	}
	return 1
}

// A usageError is a fault of what was typed, or of a configuration file.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef returns a usageError.
func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errorLines returns the text of an error: one line, or one for each fault of
// a configuration. Those of a file begin with its name, line and column.
func (a *app) errorLines(err error) []string {
	var faults run.Faults
	var inFile config.Errors
	var lines []string
	switch {
	case errors.As(err, &inFile):
		for _, e := range inFile {
			lines = append(lines, flat(e.Error()))
		}
	case errors.As(err, &faults):
		for _, f := range faults {
			lines = append(lines, fmt.Sprintf("breakeven: --%s: %s", flagOf(f.Field), flat(f.Msg)))
		}
	default:
		lines = []string{"breakeven: " + flat(err.Error()) + a.remedy(err)}
	}
	return lines
}

// flat makes one line of several.
func flat(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}

// crash writes the details of a bug to a file and returns the line that tells
// the user.
func crash(p any, stack []byte) string {
	line := fmt.Sprintf("breakeven: a bug in the program: %s", flat(fmt.Sprint(p)))
	f, err := os.CreateTemp("", "breakeven-crash-*.txt")
	if err != nil {
		return line + "; please report it"
	}
	defer f.Close()
	fmt.Fprintf(f, "%s\n%v\n\n%s", versionOf(), p, stack)
	return fmt.Sprintf("%s; please report it with the details in %s", line, f.Name())
}

// root builds the tree of commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "breakeven",
		Short: "An instrument for optimization trajectories",
		Long: `Breakeven trains a neural network and measures, along the way, what stochastic
gradient descent does to the loss surface: its curvature (the Hessian H), the
noise of its gradient (the covariance K), and the kernel it learns with. It
finds the break-even point of the run: where the learning rate and the batch
size begin to decide how sharp the surface is.

Begin with the first of the examples. It needs no data and takes about a
minute on two cores.`,
		Example: `  breakeven demo
  breakeven run --model mlp --lr 0.1 --epochs 0.5 --examples 250
  breakeven show last
  breakeven report last -o report.html`,
		SilenceErrors:         true,
		DisableFlagsInUseLine: true,
		SilenceUsage:          true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w%s; see `%s --help`", err, nearestFlag(c, err), c.CommandPath())
	})
	root.AddGroup(
		&cobra.Group{ID: "do", Title: "Train and measure:"},
		&cobra.Group{ID: "look", Title: "Look at runs:"},
		&cobra.Group{ID: "know", Title: "What there is:"},
	)
	root.AddCommand(a.demoCommand(), a.studyCommand(), a.runCommand(), a.tuneCommand(), a.sweepCommand(), a.resumeCommand(), a.measureCommand(), a.ntkCommand(), a.hierarchyCommand(), a.flightCommand(), a.trojanCommand())
	root.AddCommand(a.runsCommand(), a.showCommand(), a.adviseCommand(), a.reportCommand(), a.exportCommand(), a.serveCommand(), a.storeCommand(), a.workerCommand())
	root.AddCommand(a.dataCommand(), a.modelsCommand(), a.kindsCommand(), a.schemaCommand(), a.probesCommand(), a.keysCommand(), a.versionCommand())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	strict(root)
	root.RunE = func(*cobra.Command, []string) error { return writeOverview(a.stdout) }
	return root
}

// nearestFlag says which flag may have been meant by one that does not exist.
func nearestFlag(c *cobra.Command, err error) string {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near, ok := run.Nearest(missing.GetSpecifiedName(), names); ok {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	return ""
}

// strict makes every wrong argument a usageError, also that of a command which
// only holds others.
func strict(c *cobra.Command) {
	if c.HasSubCommands() && (c.Args == nil || !c.Runnable()) {
		c.Args = func(c *cobra.Command, args []string) error { return unknownCommand(c, args) }
		if c.RunE == nil {
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
	} else if c.Name() == "help" {
		c.Args = knownTopic
	} else if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usagef("%s: %w; usage: %s", c.CommandPath(), err, c.UseLine())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}

// knownTopic refuses help on commands that do not exist.
func knownTopic(c *cobra.Command, args []string) error {
	found, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return usagef("no help on %q; %s has %s", strings.Join(args, " "), found.CommandPath(), strings.Join(names(found), ", "))
	}
	return nil
}

// names returns the names of the commands that a command holds.
func names(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// unknownCommand says what may have been meant.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near, ok := run.Nearest(args[0], names(c)); ok {
		return usagef("unknown command %q for %q; did you mean %q?", args[0], c.CommandPath(), near)
	}
	return usagef("unknown command %q for %q; it has %s", args[0], c.CommandPath(), strings.Join(names(c), ", "))
}
