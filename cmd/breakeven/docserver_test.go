package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"breakeven/internal/store"
	"breakeven/internal/store/servertest"
	"breakeven/internal/testenv"
)

// labStore is the address of the store in the documents.
const labStore = "postgres://lab@db.example.org/lab"

// The commands of the documents that need a server work where one can be started. One that ends in & runs
// beside those that follow.
func TestManualOnServer(t *testing.T) {
	testenv.Slow(t)
	text, err := os.ReadFile("../../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	at := servertest.Start(t).Address(nil)
	t.Chdir(t.TempDir())
	defer startWaiting(t, at)()
	beside := make(chan bool)
	running := 0
	shown := map[string]bool{}
	for _, m := range prompt.FindAllStringSubmatch(string(text)+string(readme), -1) {
		line, back := strings.CutSuffix(m[1], " &")
		if !strings.Contains(line, labStore) || shown[line] {
			continue
		}
		shown[line] = true
		args := strings.Fields(strings.ReplaceAll(line, labStore, at))[1:]
		do := func() {
			var stdout, stderr bytes.Buffer
			if code := execute(args, strings.NewReader(""), &stdout, &stderr); code != 0 || stdout.Len() == 0 {
				t.Errorf("%s: exit code %d\n%s%s", line, code, &stdout, &stderr)
			}
		}
		if !back {
			do()
			continue
		}
		running++
		go func() { do(); beside <- true }()
		for !submitted(at) && !t.Failed() {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if len(shown) < 5 {
		t.Errorf("%d commands", len(shown))
	}
	for range running {
		<-beside
	}
}

// startWaiting starts a worker that waits for a sweep, and returns what waits for its end.
func startWaiting(t *testing.T, at string) (end func()) {
	var stdout bytes.Buffer
	said, stderr := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- execute([]string{"worker", "--store", at}, strings.NewReader(""), &stdout, stderr)
		stderr.Close()
	}()
	lines := bufio.NewScanner(said)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "waiting until a sweep is submitted to postgres://") {
		t.Fatalf("a worker before the first sweep: %s", lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	return func() {
		if code := <-code; code != 0 || !strings.Contains(stdout.String(), "no trial is left") {
			t.Errorf("a worker that waited for the sweep: exit code %d\n%s", code, &stdout)
		}
	}
}

// submitted reports whether a store has a sweep.
func submitted(at string) bool {
	s, err := store.OpenReader(at)
	if err != nil {
		return false
	}
	defer s.Close()
	list, err := s.Sweeps()
	return err == nil && len(list) > 0
}
