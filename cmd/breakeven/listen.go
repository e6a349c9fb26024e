package main

import (
	"net"
	"net/http"
	"time"
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

// newServer returns a server whose requests and answers have limits of time and size. A handler that needs more time
// sets it with an http.ResponseController.
func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, MaxHeaderBytes: 1 << 14,
		ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
}
