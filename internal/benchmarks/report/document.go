package report

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts a section's text between its markers in a document,
// <!-- name:begin --> and <!-- name:end -->. A document without them is an error,
// and stays as it is.
func Replace(path, name, text string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := "<!-- "+name+":begin -->\n", "<!-- "+name+":end -->"
	before, rest, ok := strings.Cut(string(data), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return fmt.Errorf("%s has no markers of the section %s", path, name)
	}
	return os.WriteFile(path, []byte(before+begin+"\n"+strings.TrimSpace(text)+"\n\n"+end+after), 0o644)
}
