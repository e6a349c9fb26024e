package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"breakeven/internal/garbage"
	"breakeven/internal/regular"
	"breakeven/internal/report"
	"breakeven/internal/store"
	"breakeven/internal/web"
	"breakeven/run"
	"breakeven/study"
	"breakeven/study/catalog"
	"breakeven/trial"

	"github.com/spf13/cobra"
)

// tokenVariable is the environment variable of the token of a server.
const tokenVariable = "BREAKEVEN_TOKEN"

func (a *app) serveCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "serve",
		GroupID: "look",
		Short:   "Show runs, sweeps and studies in a browser, while they go on",
		Long: `Shows the runs of a store in a browser: their table with filter and sort, each
run with curves that grow while it trains, several laid over each other, sweeps
and studies, and downloads. Nothing is changed, and nothing is loaded from
elsewhere. Ctrl-C ends it.

The usual address is reached from this machine alone. With any other address
everyone who comes must show a token: 16 characters or more, in the environment
variable ` + tokenVariable + ` or in a file (--token-file). Browsers are asked for it;
other programs send the header "Authorization: Bearer TOKEN". What is sent is
not encrypted: beyond a network that you trust, put a proxy with HTTPS in front,
or leave the address as it is and come through ssh:
    ssh -L 8731:127.0.0.1:8731 HOST

With --measure FILE, which may be given several times, training programs can
send their checkpoints and get measurements back, in JSON. The configuration
says which data, network and probes; its name without the ending is that of the
measurement:
    curl --data-binary @ckpt.pt 'http://127.0.0.1:8731/measure/NAME?step=100'
A checkpoint is a safetensors file or what torch.save wrote. /openapi.json
describes it for programs, and the folder examples has scripts for PyTorch,
Lightning and Hugging Face's Trainer.

/metrics and /healthz are for programs that watch, such as Prometheus.`,
		Example: "  breakeven run --model tiny --steps 20 --probe loss\n  breakeven serve\n  breakeven serve --measure experiment.yaml",
		Args:    cobra.NoArgs,
	}
	listen := c.Flags().String("listen", "127.0.0.1:8731", "address; :PORT is reached from this machine only, HOST:PORT from others, :0 is a port that is free")
	tokenFile := c.Flags().String("token-file", "", "file that holds the token (default: the environment variable "+tokenVariable+")")
	limit := c.Flags().Duration("for", 0, "end after this time, such as 8h; 0: at Ctrl-C")
	c.Flags().StringVar(&a.log, "log", "", "json or text: log to standard error when it begins and ends, and each fault, for programs that collect logs")
	completes(c, "log", cobra.FixedCompletions([]string{"json", "text"}, cobra.ShellCompDirectiveNoFileComp))
	measure := c.Flags().StringArray("measure", nil, "configuration of what is measured at checkpoints that programs send; may be given several times")
	a.storeFlag(c)
	a.dataFlag(c)
	a.memoryFlag(c)
	a.quietFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		log, err := a.serveLog()
		if err != nil {
			return err
		}
		token, err := tokenOf(*tokenFile)
		if err != nil {
			return err
		}
		address, err := listenAddress(*listen)
		switch {
		case err != nil:
			return err
		case *limit < 0:
			return usagef("--for: %v has passed already; want a time such as 8h, or 0: until Ctrl-C", *limit)
		case token == "" && !web.Loopback(address):
			return usagef("--listen %s: others reach this address, so they must show a token: put one of 16 characters or more into the environment variable %s, or into a file and name it with --token-file", *listen, tokenVariable)
		}
		s, err := a.served(len(*measure) > 0)
		if err != nil {
			return err
		}
		defer s.Close()
		listener, err := openPort(address, mostConnections)
		if err != nil {
			return fmt.Errorf("--listen %s: %w; name a free port of this machine, or port 0", *listen, err)
		}
		log.Info("serving", "address", listener.Addr().String(), "store", s.Dir())
		defer log.Info("stopped")
		return a.serve(s, listener, log, token, *limit, *measure)
	}
	return c
}

// serveLog returns the log that --log asks for; without it nothing is logged.
func (a *app) serveLog() (*slog.Logger, error) {
	if a.log == "" {
		return slog.New(slog.DiscardHandler), nil
	}
	return newLog(a.stderr, a.log)
}

// tokenOf returns the token of a file or, if none is named, of the environment; "" if there is none.
func tokenOf(file string) (string, error) {
	token, from := os.Getenv(tokenVariable), "the environment variable "+tokenVariable
	if file != "" {
		const most = 4096
		text, err := regular.Read(file, most)
		if err != nil {
			return "", fmt.Errorf("--token-file: %w", err)
		}
		if token, from = strings.TrimSpace(string(text)), file; token == "" {
			return "", usagef("--token-file: %s is empty", file)
		}
	}
	const least = 16
	if token != "" && len(token) < least {
		return "", usagef("the token of %s has %d characters; it needs %d, such as those of: openssl rand -hex 16", from, len(token), least)
	}
	return token, nil
}

// served opens the store that is shown. Who only measures may have none yet.
func (a *app) served(measures bool) (*store.Store, error) {
	s, err := store.OpenReader(a.store)
	if !measures || !errors.Is(err, store.ErrNoStore) {
		return s, err
	}
	begun, err := store.Open(a.store)
	if err == nil {
		err = begun.Close()
	}
	if err != nil {
		return nil, err
	}
	return store.OpenReader(a.store)
}

// serve shows a store until Ctrl-C, or for a time if that is not 0, and measures what configuration files
// say.
func (a *app) serve(s *store.Store, listener net.Listener, log *slog.Logger, token string, limit time.Duration, measure []string) error {
	v := a.newView()
	defer v.close()
	ctx, cancel := a.interruptible(v)
	defer cancel()
	site := a.site(s, token)
	if a.log != "" {
		site.Log = func(err error) { log.Error("fault", "text", flat(err.Error())) }
	}
	if len(measure) > 0 {
		defer garbage.Limit(garbage.Running)()
		var err error
		if site.Measurements, err = a.measurements(ctx, measure); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if limit > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, limit)
		defer end()
	}
	server := newServer(site.Handler(ctx))
	if _, err := fmt.Fprintf(a.stdout, "http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, listener.Close())
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	patience, end := context.WithTimeout(context.Background(), 3*time.Second)
	defer end()
	if err := server.Shutdown(patience); err != nil {
		return server.Close() // somebody reads very slowly
	}
	return nil
}

// site is a store as its pages show it.
func (a *app) site(s *store.Store, token string) web.Site {
	return web.Site{
		Store: s, Origin: origin(), Studies: catalog.Studies, Token: token, Poll: time.Second,
		Page: func(runs []store.Run, analyze func([]study.Run) study.Analysis) (report.Page, error) {
			if analyze == nil {
				analyze = catalog.Analyze
			}
			return page(s, runs, func(list []study.Run) study.Analysis {
				for i := range list {
					list[i].Pictures = len(list[i].Records) > web.MostPoints
				}
				return analyze(list)
			})
		},
		Specs: func(s study.Study, scale string) ([]run.Spec, error) {
			specs, err := s.Specs(scale, "")
			for i := range specs {
				specs[i] = specs[i].Canonical(known())
			}
			return specs, err
		},
		Labels: labelsOf, Lacks: trial.Lacks, State: stateText, Standing: standingText,
		Log: func(err error) { a.warn(err.Error()) },
	}
}
