package main

import (
	"fmt"
	"io"

	"breakeven/study"
	"breakeven/study/catalog"
)

// A purpose is what somebody comes for, and the commands to begin with.
type purpose struct {
	title    string
	commands []begin
}

// A begin is a command that works as it stands, and what it does.
type begin struct{ line, what string }

// purposes are the groups of the first screen, which a test runs from top to bottom.
func purposes() []purpose {
	name := catalog.Studies[0].Name
	return []purpose{
		{"See it happen: no data is needed, it takes about a minute", []begin{
			{"breakeven demo", "two learning rates, compared"},
		}},
		{"Reproduce a paper", []begin{
			{"breakeven study list", "the papers that there are"},
			{"breakeven study show " + name, "its claims, trials and scales"},
			{"breakeven study run " + name + " --scale " + study.Demo, ""},
		}},
		{"Train and measure: is my learning rate too small, my batch too large?", []begin{
			{"breakeven run --model mlp --lr 0.1 --epochs 0.5 --examples 250", ""},
			{"breakeven advise last", "the answer, and what to try"},
			{"breakeven measure --model tiny --examples 0:64", "once, at given weights"},
			{"breakeven resume last", "go on after Ctrl-C"},
		}},
		{"Other systems: graphs, flights, and the kernels that wide networks learn with", []begin{
			{"breakeven run --task graph --epochs 20", "nodes of a graph"},
			{"breakeven flight demo", "where aircraft will be"},
			{"breakeven ntk kernel --network '2*(dense;relu);dense' --train 100", ""},
			{"breakeven hierarchy kernels --points 4", "how they move"},
		}},
		{"Look at what was measured", []begin{
			{"breakeven runs", "all runs of this folder"},
			{"breakeven show last", "numbers, and what they mean"},
			{"breakeven report last -o report.html", "a page with curves"},
			{"breakeven export last --format csv", "for other programs"},
		}},
		{"What there is", []begin{
			{"breakeven data list", "data sets; fetch brings them"},
			{"breakeven models", "networks"},
			{"breakeven probes", "what can be measured"},
		}},
	}
}

// writeOverview prints the first screen: what the program is for, and the few
// commands to begin with.
func writeOverview(w io.Writer) error {
	fmt.Fprint(w, `Breakeven trains a neural network and measures, along the way, what stochastic
gradient descent does to the loss surface: its curvature, the noise of its
gradient, and the point from which on learning rate and batch size decide both.
`)
	for _, p := range purposes() {
		fmt.Fprintf(w, "\n%s\n", p.title)
		for _, c := range p.commands {
			if c.what == "" {
				fmt.Fprintf(w, "  %s\n", c.line)
				continue
			}
			fmt.Fprintf(w, "  %-46s  %s\n", c.line, c.what)
		}
	}
	_, err := fmt.Fprint(w, "\nEvery command explains itself with --help; `breakeven --help` lists them all.\n")
	return err
}
