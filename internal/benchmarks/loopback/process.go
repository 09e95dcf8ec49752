package loopback

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Server is a server process.
type Server struct {
	URL   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start runs this binary again with args, which must lead it to [Serve].
func Start(args ...string) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server tells no address: %w", err), s.Stop())
	}
	s.URL = strings.TrimSpace(line)
	return s, nil
}

// Stop ends the process and waits for it.
func (s *Server) Stop() error {
	if err := s.stdin.Close(); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// Do runs this binary again with the arguments and the job, which must lead it to
// [Child].
func Do(job Job, args ...string) (Result, error) {
	self, err := os.Executable()
	if err != nil {
		return Result{}, err
	}
	text, err := json.Marshal(job)
	if err != nil {
		return Result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest+job.Window)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, append(args, string(text))...)
	cmd.Stderr, cmd.WaitDelay = os.Stderr, time.Second
	out, err := cmd.Output()
	if err != nil {
		return Result{}, fmt.Errorf("%s, %d streams: %w", job.Peer, job.Streams, err)
	}
	var r Result
	err = json.Unmarshal(out, &r)
	return r, err
}

// Child does the job that [Do] wrote, and prints its result.
func Child(text string, out io.Writer) error {
	var job Job
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	r, err := Run(job)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}
