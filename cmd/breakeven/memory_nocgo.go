//go:build !cgo

package main

// linkedWithC says that threads are those of the C library.
const linkedWithC = false
