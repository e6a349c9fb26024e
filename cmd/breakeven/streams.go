package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// An output is a stream that remembers the first error of writing to it: a result that
// nobody could read is a failure.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.Writer.Write(b)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// stopping answers Ctrl-C.
const stopping = "stopping; Ctrl-C again ends at once"

// interruptible returns a context that ends when the user presses Ctrl-C, or the system
// asks the program to end. The second time the program ends at once. The program's exit
// code says that it was stopped: 128 and the number of the signal, as shells have it.
func (a *app) interruptible(v *view) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		s, ok := <-signals
		if !ok {
			return
		}
		a.stopped.Store(int32(stoppedBy(s)))
		cancel()
		v.say(stopping)
		if s, ok = <-signals; ok {
			os.Exit(stoppedBy(s))
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}

// stoppedBy is the exit code of a program that a signal has stopped.
func stoppedBy(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return 130
}
