//go:build cgo

package main

// linkedWithC says that threads are those of the C library, which maps memory for
// each of them.
const linkedWithC = true
