package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// AllowFiles raises the limit on open files as far as the system lets this process,
// and returns an error if that is less than n.
func AllowFiles(n int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	if limit.Cur >= uint64(n) {
		return nil
	}
	limit.Cur = max(limit.Cur, min(limit.Max, uint64(n)))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < uint64(n) {
		return fmt.Errorf("%d files may be open, and %d are needed: raise it with ulimit -n", limit.Cur, n)
	}
	return nil
}

// Sockets returns how many sockets this process has open; 0 where there is no /proc.
func Sockets() (n int) {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return 0
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, "socket:") {
			n++
		}
	}
	return n
}
