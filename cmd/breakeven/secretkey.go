package main

import (
	"bytes"
	"fmt"
	"os"

	"breakeven/internal/regular"
	"breakeven/run"
	"breakeven/task"
	"breakeven/trial"
	"breakeven/trojan"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// keyVariable is the environment variable with the key of secret networks.
const keyVariable = "BREAKEVEN_KEY"

// keyHelp says where keys come from, for the help of commands.
const keyHelp = `The key is the content of --key-file, without the end of its line; without that
it is $` + keyVariable + `, or is asked for. It is in no log, store, spec or file name: a
spec holds a salted commitment, with which it is compared when a run goes on.`

// keyFlag gives a command --key-file.
func (a *app) keyFlag(c *cobra.Command) {
	c.Flags().StringArrayVar(&a.keyFiles, "key-file", nil, "file with the key of secret networks; given once for each they have a key each (default: $"+keyVariable+", or a prompt)")
}

// env returns what a job finds here, with the keys of a spec that needs some.
func (a *app) env(s run.Spec, begun bool) (trial.Env, error) {
	keys, err := a.keysFor(s)
	return trial.Env{DataDir: a.dataDir, Begun: begun, Keys: keys}, err
}

// keysFor returns the keys of a spec; none if it needs none.
func (a *app) keysFor(s run.Spec) ([]trojan.Key, error) {
	if !task.Keyed(s) {
		return nil, nil
	}
	return a.secretKeys()
}

// secretKeys returns the user's keys, which are read once; none if there are none.
func (a *app) secretKeys() ([]trojan.Key, error) {
	if a.keys != nil {
		return a.keys, nil
	}
	var texts [][]byte
	for _, name := range a.keyFiles {
		text, err := regular.Read(name, 1<<16)
		if err != nil {
			return nil, fmt.Errorf("key: %w", err)
		}
		texts = append(texts, bytes.TrimRight(text, "\r\n"))
	}
	if text := os.Getenv(keyVariable); text != "" && len(texts) == 0 {
		texts = append(texts, []byte(text))
	}
	if len(texts) == 0 {
		text, err := a.promptKey()
		if err != nil || text == nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	for _, text := range texts {
		k, err := trojan.Password(string(text))
		if err != nil {
			return nil, err
		}
		a.keys = append(a.keys, k)
	}
	return a.keys, nil
}

// promptKey asks for a key on a terminal; nil where there is none.
func (a *app) promptKey() ([]byte, error) {
	f, ok := a.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, nil
	}
	fmt.Fprint(a.stderr, "key of the secret networks: ")
	text, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(a.stderr)
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	return text, nil
}
