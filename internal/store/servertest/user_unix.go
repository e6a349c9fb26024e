//go:build unix

package servertest

import (
	"os"
	"os/exec"
	"syscall"
)

const able = true

// nobody is the user, and the group, that the server runs as where the test runs as root, which it
// refuses.
const nobody = 65534

func own(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	return os.Chown(dir, nobody, nobody)
}

func unprivileged(c *exec.Cmd) {
	if os.Getuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}
