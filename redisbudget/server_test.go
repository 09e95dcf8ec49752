package redisbudget_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/keeprouter/keeprouter-go/redisbudget"
)

// TestMain is also the main function of the processes that tests start, and runs the
// Redis of the example.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := work(role); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(testAll(m))
}

func testAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	server := &server{dir: dir}
	if err := server.start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.stop()
	if err := os.Setenv("REDIS_URL", "unix://"+server.socket()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

// server is a Redis of the test's own, on a socket in its directory.
type server struct {
	dir     string
	options []string
	process *exec.Cmd
}

// newServer starts one that keeps its data in memory, unless options say otherwise.
func newServer(t testing.TB, options ...string) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long for a socket
	require.NoError(t, err)
	s := &server{dir: dir, options: options}
	t.Cleanup(func() {
		s.stop()
		require.NoError(t, os.RemoveAll(dir))
	})
	require.NoError(t, s.start())
	return s
}

func (s *server) socket() string { return filepath.Join(s.dir, "redis.sock") }

func (s *server) start() error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("redis-server is missing; install Debian's package redis-server, or run .ci/redis: %w", err)
	}
	args := append([]string{"--port", "0", "--unixsocket", s.socket(), "--dir", s.dir, "--save", "", "--daemonize", "no"}, s.options...)
	s.process = exec.Command(path, args...)
	if err := s.process.Start(); err != nil {
		return err
	}
	client := redis.NewClient(s.at())
	defer client.Close()
	for end := time.Now().Add(10 * time.Second); ; {
		if err = client.Ping(context.Background()).Err(); err == nil {
			return nil
		}
		if time.Now().After(end) {
			s.stop()
			return fmt.Errorf("redis-server doesn't answer: %w", err)
		}
		time.Sleep(time.Millisecond)
	}
}

// stop kills the server, as a power cut would.
func (s *server) stop() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		_ = s.process.Wait()
		s.process = nil
	}
}

func (s *server) at() *redis.Options {
	return &redis.Options{Network: "unix", Addr: s.socket()}
}

func (s *server) client(t testing.TB) *redis.Client {
	t.Helper()
	client := redis.NewClient(s.at())
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func newStore(t testing.TB, client redis.UniversalClient, prefix string) *redisbudget.Store {
	t.Helper()
	store, err := redisbudget.New(client, redisbudget.Config{Prefix: prefix})
	require.NoError(t, err)
	return store
}
