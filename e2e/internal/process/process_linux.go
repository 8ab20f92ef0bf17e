package process

import "syscall"

// dieWithParent makes the kernel kill a program when the test binary is gone,
// however that ended: a panic or a timeout runs no clean-up.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
