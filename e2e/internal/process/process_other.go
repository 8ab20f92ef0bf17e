//go:build !linux

package process

import "syscall"

// dieWithParent is Linux's alone: elsewhere only the clean-up ends a program.
func dieWithParent() *syscall.SysProcAttr { return nil }
