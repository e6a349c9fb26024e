package objectstest

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// program is an object storage that keeps objects in a folder, and checks signatures and checksums.
const program = "versitygw"

// gateway starts the program in a folder of its own and returns what passes requests on to it, or skips
// the test with the reason where it cannot. It ends with the test.
func gateway(t testing.TB) http.Handler {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the tests start no server on this system")
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skip("it needs " + program + " in PATH: go install github.com/versity/versitygw/cmd/versitygw@latest")
	}
	dir, err := os.MkdirTemp("", "s3") // the path of a test's own folder may be too long for a socket
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(dir) })
		err = errors.Join(os.MkdirAll(filepath.Join(dir, "data", "lab"), 0o755), os.Mkdir(filepath.Join(dir, "about"), 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	// The shell ends the server when its input ends, as it does however the test ends.
	const script = `"$0" "$@" >server.log 2>&1 </dev/null & pid=$!; read end; kill $pid; wait $pid`
	c := exec.Command("/bin/sh", "-c", script, path, "--port", filepath.Join(dir, "socket"), "posix", "--sidecar", filepath.Join(dir, "about"), filepath.Join(dir, "data"))
	c.Dir = dir
	c.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+Key, "ROOT_SECRET_ACCESS_KEY="+Secret)
	input, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = c.Wait() // the status is that of the signal
	})
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "socket"))
	}
	await(t, dial, filepath.Join(dir, "server.log"))
	return &httputil.ReverseProxy{
		ErrorLog:  log.New(io.Discard, "", 0), // of requests that tests cut off
		Transport: &http.Transport{DialContext: dial, DisableCompression: true, DisableKeepAlives: true},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "gateway"})
			r.Out.Host = r.In.Host // which is signed
		},
	}
}

// await waits until a server answers. What it said until then is in a file.
func await(t testing.TB, dial func(context.Context, string, string) (net.Conn, error), said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		c, err := dial(ctx, "", "")
		if err == nil {
			_ = c.Close()
			return
		}
		if ctx.Err() != nil {
			text, _ := os.ReadFile(said)
			t.Fatalf("%s does not begin: %v\n%s", program, err, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
