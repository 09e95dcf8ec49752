package failure

import "strings"

// readHTML returns a page's title, or else its first words. It reads tags by hand:
// regular expressions would cost every program a hundred kilobytes.
func readHTML(body []byte) string {
	page := string(body[:cut(body, maxHTML)])
	if title, ok := element(page, "title"); ok && strings.TrimSpace(title) != "" {
		return unescapeHTML.Replace(title)
	}
	for _, hidden := range []string{"script", "style"} {
		page = withoutElement(page, hidden)
	}
	return unescapeHTML.Replace(withoutTags(page))
}

// unescapeHTML knows the entities that error pages use; the html package's table of
// all of them would cost every program 70 KB.
var unescapeHTML = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#39;", "'", "&nbsp;", " ", "&amp;", "&")

// element returns what is in the first element of a name.
func element(page, name string) (inner string, ok bool) {
	from, to, ok := findElement(page, name)
	if !ok {
		return "", false
	}
	inner = page[from:to]
	_, inner, _ = strings.Cut(inner, ">")
	return inner[:strings.LastIndexByte(inner, '<')], true
}

func withoutElement(page, name string) string {
	var b strings.Builder
	for {
		from, to, ok := findElement(page, name)
		if !ok {
			return b.String() + page
		}
		b.WriteString(page[:from] + " ")
		page = page[to:]
	}
}

// findElement finds the first element of a name, its tags included.
func findElement(page, name string) (from, to int, ok bool) {
	lower := asciiLower(page)
	from = strings.Index(lower, "<"+name)
	if from < 0 {
		return 0, 0, false
	}
	end := strings.Index(lower[from:], "</"+name)
	if end < 0 {
		return 0, 0, false
	}
	begun := strings.IndexByte(lower[from:from+end], '>')
	closed := strings.IndexByte(lower[from+end:], '>')
	if begun < 0 || closed < 0 {
		return 0, 0, false
	}
	return from, from + end + closed + 1, true
}

// asciiLower keeps every byte in its place, which strings.ToLower doesn't.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func withoutTags(page string) string {
	var b strings.Builder
	for {
		text, rest, open := strings.Cut(page, "<")
		b.WriteString(text)
		_, after, closed := strings.Cut(rest, ">")
		if !open {
			return b.String()
		}
		if !closed {
			return b.String() + "<" + rest
		}
		b.WriteByte(' ')
		page = after
	}
}
