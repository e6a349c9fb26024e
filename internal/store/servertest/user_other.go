//go:build !unix

package servertest

import "os/exec"

const able = false

func own(string) error { return nil }

func unprivileged(*exec.Cmd) {}
