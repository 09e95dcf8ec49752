package translate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/keeprouter/keeprouter-go"
	"github.com/keeprouter/keeprouter-go/internal/jsonx"
)

// content reads the parts of a message. Texts without visible text are left out,
// because the Messages format refuses them; their cache marks move to the part
// before.
func (d *chatDecoder) content(parts keeprouter.ChatParts, path string) []part {
	var read []part
	for i, p := range parts {
		where := at(path, i)
		if _, lone := p.(*keeprouter.TextPart); lone && len(parts) == 1 {
			where = path
		}
		if p == nil || reflect.ValueOf(p).IsNil() {
			d.refuse(where, "the part is nil: leave it out")
			continue
		}
		next := d.part(p, where)
		if next == nil {
			continue
		}
		if text, ok := next.(*textPart); ok && strings.TrimSpace(text.text) == "" {
			if text.text != "" || len(parts) > 1 {
				d.note(where, Dropped, "the Messages format refuses empty texts")
			}
			if len(read) > 0 && text.cache != nil {
				read[len(read)-1].from().cache = text.cache
			}
			continue
		}
		read = append(read, next)
	}
	return read
}

func (d *chatDecoder) part(p keeprouter.ChatPart, path string) part {
	switch p := p.(type) {
	case *keeprouter.TextPart:
		d.unknown(path, names(p.Extra), "cache_control")
		return &textPart{origin: d.partOrigin(path, p.CacheBreakpoint, p.Extra), text: p.Text}
	case *keeprouter.ImagePart:
		return d.image(p, path)
	case *keeprouter.FilePart:
		return d.file(p, path)
	case *keeprouter.RefusalPart:
		d.change(path, Changed, "the Messages format has refusals as text only")
		return &textPart{origin: d.partOrigin(path, p.CacheBreakpoint, p.Extra), text: p.Refusal}
	case *keeprouter.AudioPart:
		d.lose(path, Dropped, "the Messages format has no audio: send the transcript as text")
		return nil
	case *keeprouter.RawPart:
		return d.rawPart(p, path)
	}
	d.lose(path, Dropped, "a part of an unknown kind")
	return nil
}

func (d *chatDecoder) partOrigin(path string, mark *keeprouter.ChatCacheBreakpoint, extra map[string]json.RawMessage) origin {
	o := origin{path: path, cache: extraMark(extra, path)}
	if mark != nil {
		o.cache = &cacheMark{hour: mark.TTL == "12h", path: path + ".prompt_cache_breakpoint"}
		if mark.TTL != "" {
			d.note(o.cache.path+".ttl", Changed, "the Messages format keeps a cache for 5m or 1h")
		}
	}
	return o
}

func (d *chatDecoder) image(p *keeprouter.ImagePart, path string) part {
	if p.Detail != "" && p.Detail != "auto" {
		d.change(path+".image_url.detail", Dropped, "the Messages format has no detail")
	}
	d.unknown(path, names(p.Extra), "cache_control")
	m := &mediaPart{origin: d.partOrigin(path, p.CacheBreakpoint, p.Extra), image: true}
	if d.address(m, p.URL, path+".image_url.url") && m.url == "" && !imageTypes[m.mime] {
		d.lose(path+".image_url.url", Dropped, fmt.Sprintf("the Messages format takes no %s: want jpeg, png, gif or webp", m.mime))
		return nil
	}
	return m
}

var imageTypes = map[string]bool{"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true}

// address reads a data: URL, or keeps a URL for the server to fetch. It reports
// whether it could.
func (d *chatDecoder) address(m *mediaPart, url, path string) bool {
	scheme, _, _ := strings.Cut(url, ":")
	switch strings.ToLower(scheme) {
	case "data":
		var err error
		if m.mime, m.data, err = parseDataURL(url); err != nil {
			d.refuse(path, err.Error())
		}
		return err == nil
	case "https":
		m.url = url
		return true
	case "http":
		d.lose(path, Changed, "the Messages format takes https only")
		m.url = url
		return true
	}
	d.refuse(path, "want an https: or a data: URL")
	return false
}

func (d *chatDecoder) file(p *keeprouter.FilePart, path string) part {
	d.unknown(path, names(p.Extra), "cache_control")
	m := &mediaPart{origin: d.partOrigin(path, p.CacheBreakpoint, p.Extra), name: p.Filename}
	if p.ID != "" && p.Data == "" {
		d.lose(path+".file.file_id", Dropped, "an uploaded file is known to one server only: send its data")
		return nil
	}
	where := path + ".file.file_data"
	var err error
	if m.mime, m.data, err = parseDataURL(p.Data); err != nil {
		d.refuse(where, err.Error())
		return nil
	}
	switch {
	case m.mime == "application/pdf":
	case m.mime == "text/plain":
		if m.text, err = decodeText(m.data); err != nil {
			d.refuse(where, err.Error())
		}
		m.data = ""
	case imageTypes[m.mime]:
		d.note(path, Changed, "the Messages format has a picture as image")
		m.image, m.name = true, ""
	default:
		d.lose(where, Dropped, fmt.Sprintf("the Messages format takes no %s: want application/pdf or text/plain", m.mime))
		return nil
	}
	return m
}

// rawPart reads the kinds that servers add. Calls in the content are a mistake of
// some clients.
func (d *chatDecoder) rawPart(p *keeprouter.RawPart, path string) part {
	kind, _ := jsonx.Head(p.JSON, "type")
	switch kind {
	case "thinking":
		return nil // chatThoughts reads it
	case "tool_use":
		var w struct {
			ID    string          `json:"id"`
			Name  string          `json:"name"`
			Input json.RawMessage `json:"input"`
		}
		if _, err := jsonx.Unmarshal(p.JSON, &w); err == nil && w.ID != "" && w.Name != "" && isArguments(string(w.Input)) {
			d.note(path, Changed, "calls belong into tool_calls")
			return &callPart{origin: origin{path: path}, id: w.ID, name: w.Name, args: jsonText(w.Input)}
		}
	}
	d.lose(path, Dropped, fmt.Sprintf("the Messages format has no part of type %q", kind))
	return nil
}
