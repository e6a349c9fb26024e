//go:build !amd64 || noasm

package trial

const assembly = "-noasm"
