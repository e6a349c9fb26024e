package main

import (
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// listenAddress returns where to listen for an address of --listen. One without a host, such as :9090, is that
// of this machine alone.
func listenAddress(flag string) (string, error) {
	host, port, err := net.SplitHostPort(flag)
	if err != nil {
		return "", usagef("--listen: %w: write :PORT, or HOST:PORT for other machines to reach it", err)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port), nil
}

// mostConnections is how many connections a server has at once. Further ones wait.
const mostConnections = 256

// openPort listens at an address, for so many connections at once.
func openPort(address string, connections int) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return netutil.LimitListener(l, connections), nil
}

// newServer returns a server whose requests and answers have limits of time and size. A handler that needs more time
// sets it with an http.ResponseController.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: 1 << 14,
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
}
