package main

import "net"

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
