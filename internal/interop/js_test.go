package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/keeprouter/keeprouter-go/keeproutertest"
	"github.com/keeprouter/keeprouter-go/translate"
)

const scriptDir = "js"

// scriptWait bounds one script: what hangs fails before the whole test does.
const scriptWait = 90 * time.Second

// TestJavaScript runs each client of npm through all of its cases, in one process,
// and compares what the cases return with the script's JSON file.
func TestJavaScript(t *testing.T) {
	install(t)
	for _, tt := range []struct {
		name, script, provider string
		format                 translate.Format
	}{
		{"openai", "openai.mjs", "", translate.Chat},
		{"anthropic", "anthropic.mjs", "", translate.Messages},
		{"ai-openai-compatible", "ai.mjs", "openai-compatible", translate.Chat},
		{"ai-anthropic", "ai.mjs", "anthropic", translate.Messages},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			eachWay(t, func(t *testing.T, w way) {
				g := newScriptGateway(t, w, tt.format)
				g.compare(t, w, wanted(t, w, tt.name), runScript(t, g.url, tt.script, tt.provider))
			})
		})
	}
}

// compare wants of each case the result that it must give, and of no others any.
func (g *scriptGateway) compare(t *testing.T, w way, want, got map[string]any) {
	t.Helper()
	for name := range want {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !refused(want[name]) {
			g.checkSent(t, w, name)
		}
	}
	for name := range got {
		if _, known := want[name]; !known {
			t.Errorf("%s has no result that it must give, it gave %v", name, got[name])
		}
	}
}

// refused tells of a result that the request was answered by an error.
func refused(result any) bool {
	failed, ok := result.(map[string]any)
	return ok && failed["status"] != nil
}

// wanted is what a script's cases must return. What differs when the format is
// translated, such as the documented refusals, has a file of its own.
func wanted(t *testing.T, w way, name string) map[string]any {
	t.Helper()
	want := results(t, readFile(t, filepath.Join(scriptDir, name+".json")))
	if w == translated {
		maps.Copy(want, results(t, readFile(t, filepath.Join(scriptDir, name+".translated.json"))))
	}
	return want
}

// install has npm get the clients, unless they are there in the versions that
// package.json pins.
func install(t *testing.T) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		_, err := exec.LookPath(program)
		require.NoErrorf(t, err, "these tests run the JavaScript clients: install Node.js 20 or later with npm, so that %s is in the PATH", program)
	}
	if installed(t) {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install")
	cmd.Dir = scriptDir
	out, err := cmd.CombinedOutput()
	require.NoErrorf(t, err, "npm could not install the JavaScript clients: %s", out)
}

func installed(t *testing.T) bool {
	t.Helper()
	var pinned struct {
		Dependencies map[string]string `json:"dependencies"`
	}
	require.NoError(t, json.Unmarshal(readFile(t, filepath.Join(scriptDir, "package.json")), &pinned))
	for name, version := range pinned.Dependencies {
		var found struct {
			Version string `json:"version"`
		}
		data, err := os.ReadFile(filepath.Join(scriptDir, "node_modules", name, "package.json"))
		if err != nil || json.Unmarshal(data, &found) != nil || found.Version != version {
			return false
		}
	}
	return true
}

// runScript returns the results of the script's cases by their names.
func runScript(t *testing.T, url, script, provider string) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), scriptWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", script, provider)
	cmd.Dir = scriptDir
	// Nothing else of the environment: the clients read keys and addresses from it.
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(),
		"INTEROP_GATEWAY=" + url, "INTEROP_KEY=" + keeproutertest.Key, "INTEROP_MODEL=" + model, "INTEROP_PIXEL=" + pixel,
	}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("%s ended with %v: %s", script, err, exit.Stderr)
	}
	require.NoError(t, err)
	return results(t, out)
}

func results(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var all map[string]any
	require.NoErrorf(t, json.Unmarshal(data, &all), "not a JSON object: %s", data)
	return all
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return data
}

// checkSent looks for what the case's requests must have said.
func (g *scriptGateway) checkSent(t *testing.T, w way, name string) {
	t.Helper()
	s := g.scenarios[name]
	wanted := s.sent
	if w == translated && s.sentTranslated != nil {
		wanted = s.sentTranslated
	}
	if len(wanted) == 0 {
		return
	}
	for _, r := range g.server.Requests() {
		for _, part := range wanted {
			if r.Header.Get(caseHeader) == name && bytes.Contains(r.Body, []byte(part)) {
				return
			}
		}
	}
	t.Errorf("%s sent no request with %s", name, strings.Join(wanted, " or "))
}
