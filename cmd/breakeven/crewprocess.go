package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// hire starts a worker, which sends messages until it has ended. It stops when ctx ends.
func (c *crew) hire(ctx context.Context, i int, messages chan<- message) error {
	file, err := os.Executable()
	if err != nil {
		return err
	}
	p := exec.Command(file, c.workerArgs()...)
	p.Args[0] = programName
	p.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", c.cores))
	var said firstLine
	p.Stderr = &said
	in, err := p.StdinPipe()
	if err != nil {
		return err
	}
	out, err := p.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-over:
		}
		_ = in.Close() // it stops at the end of its input
	}()
	go func() {
		readEvents(out, func(e event) { messages <- message{worker: i, event: e} })
		err := p.Wait()
		close(over)
		if err != nil && said.text != "" {
			err = fmt.Errorf("%w: %s", err, said.text)
		}
		messages <- message{worker: i, over: true, err: err}
	}()
	return nil
}

// programName is what the program calls itself where it starts itself.
var programName = "breakeven"

// workerArgs are the arguments of a worker's command.
func (c *crew) workerArgs() []string {
	a := c.app
	args := []string{"worker", c.sweep.ID, "--piped", "--store", a.store}
	if a.dataDir != "" {
		args = append(args, "--data-dir", a.dataDir)
	}
	if c.memory > 0 {
		args = append(args, "--memory", fmt.Sprintf("%dB", c.memory))
	} else if a.memory != "" {
		args = append(args, "--memory", a.memory)
	}
	if a.otherBits {
		args = append(args, "--other-bits")
	}
	if a.records != nil {
		args = append(args, "--log", jsonLines)
	}
	for _, file := range a.keyFiles {
		args = append(args, "--key-file", file)
	}
	return args
}

// A firstLine keeps the first line that is written to it and is no warning.
type firstLine struct{ text string }

func (l *firstLine) Write(b []byte) (int, error) {
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); l.text == "" && !strings.HasPrefix(line, "warning: ") {
			l.text = line
		}
	}
	return len(b), nil
}
