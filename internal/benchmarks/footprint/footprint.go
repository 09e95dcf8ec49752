// Package footprint measures what a hello program of each client weighs: its binary,
// what it links, and what a first build costs.
package footprint

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/measure"
)

//go:embed hello/*/main.go
var programs embed.FS

const library = "github.com/keeprouter/keeprouter-go"

// Program is the hello program of a client.
type Program struct {
	Peer   string
	folder string
	module string // the client's; empty for none
}

// Programs returns all of them, bare net/http first.
func Programs() []Program {
	return []Program{
		{"net/http", "nethttp", ""},
		{"keeprouter", "keeprouter", library},
		{"openai-go", "openai", "github.com/openai/openai-go/v3"},
		{"anthropic-sdk-go", "anthropic", "github.com/anthropics/anthropic-sdk-go"},
		{"go-openai", "goopenai", "github.com/sashabaranov/go-openai"},
		{"go-sse + encoding/json", "gosse", "github.com/tmaxmax/go-sse"},
	}
}

// Weight is what a program weighs.
type Weight struct {
	Binary            int64 // bytes, stripped
	Packages, Modules int   // linked, without the standard library and the program's own
	SumLines          int   // of go.sum
	BuildCPU          time.Duration
}

// Weigh makes a module of the program, as a user would, and builds it with an empty
// cache. The library itself is taken from root. Other modules come from the module
// cache or the proxy.
func Weigh(p Program, root string) (Weight, error) {
	dir, err := os.MkdirTemp("", "hello")
	if err != nil {
		return Weight{}, err
	}
	defer os.RemoveAll(dir)
	b := &builder{dir: dir}
	b.write(p, root)
	b.run("go", "mod", "tidy")
	b.run("go", "mod", "download")
	cpu := measure.ChildrenCPU()
	b.env = append(b.env, "GOCACHE="+filepath.Join(dir, "cache"))
	b.build()
	w := Weight{BuildCPU: measure.ChildrenCPU() - cpu}
	w.Packages = b.lines("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".") - 1
	w.Modules = strings.Count(b.run("go", "version", "-m", "hello.bin"), "\n\tdep\t")
	w.SumLines, w.Binary = b.sum(), b.size("hello.bin")
	return w, b.err
}

// Size is the size of a program's binary, stripped, from what the build cache has.
func Size(p Program, root string) (int64, error) {
	dir, err := os.MkdirTemp("", "hello")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	b := &builder{dir: dir}
	b.write(p, root)
	b.run("go", "mod", "tidy")
	b.build()
	return b.size("hello.bin"), b.err
}

// builder runs commands in a folder until one fails.
type builder struct {
	dir string
	env []string
	err error
}

func (b *builder) write(p Program, root string) {
	source, err := programs.ReadFile("hello/" + p.folder + "/main.go")
	if err != nil {
		b.err = err
		return
	}
	mod := "module hello\n\ngo 1.26.0\n"
	switch p.module {
	case "":
	case library:
		mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", library, library, root)
	default:
		mod += fmt.Sprintf("\nrequire %s %s\n", p.module, version(p.module))
	}
	for name, data := range map[string][]byte{"main.go": source, "go.mod": []byte(mod)} {
		if b.err = os.WriteFile(filepath.Join(b.dir, name), data, 0o600); b.err != nil {
			return
		}
	}
}

// version is that which this binary was built with, so that go.mod alone says it.
func version(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == module {
				return dep.Version
			}
		}
	}
	return "latest"
}

func (b *builder) run(name string, args ...string) string {
	if b.err != nil {
		return ""
	}
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = b.dir, append(os.Environ(), append(b.env, "GOWORK=off", "GOFLAGS=")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		b.err = fmt.Errorf("%s %s: %w\n%s", name, args[0], err, stderr.String())
	}
	return string(out)
}

func (b *builder) build() {
	b.run("go", "build", "-trimpath", "-ldflags=-s -w", "-o", "hello.bin", ".")
}

func (b *builder) lines(name string, args ...string) int {
	return len(strings.Fields(b.run(name, args...)))
}

func (b *builder) sum() int {
	data, err := os.ReadFile(filepath.Join(b.dir, "go.sum"))
	if err != nil && !os.IsNotExist(err) {
		b.err = err
	}
	return bytes.Count(data, []byte{'\n'})
}

func (b *builder) size(name string) int64 {
	if b.err != nil {
		return 0
	}
	info, err := os.Stat(filepath.Join(b.dir, name))
	if err != nil {
		b.err = err
		return 0
	}
	return info.Size()
}
