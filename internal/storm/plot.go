package storm

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// The picture's measures, in pixels.
const (
	width, height            = 760, 360
	left, right, top, bottom = 60, 740, 50, 310
	stepX, stepY             = 10, 1000 // between two lines of the grid, in seconds and attempts
)

const style = `text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:15px;font-weight:600}.grid{stroke:#e3e3e3}.outage{fill:#fdecea}` +
	`.line{fill:none;stroke-width:2}.free{stroke:#c0392b}.held{stroke:#1f6fb2}.calls{stroke:#777;stroke-dasharray:5 4}` +
	`text.free{fill:#c0392b;stroke:none}text.held{fill:#1f6fb2;stroke:none}`

// Plot draws the attempts per second of two runs of a fleet, with what holds its
// repeats back and without, as SVG.
func Plot(f Fleet, held, free *Tally) []byte {
	seconds := int((f.Before + f.Outage + f.After) / time.Second)
	most := slices.Max(free.Attempts)
	p := &plot{seconds: float64(seconds), most: float64((most/stepY + 1) * stepY)}
	fmt.Fprintf(&p.Buffer, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Attempts a second during an outage, with the limit on repeats and without">`+"\n<style>%s</style>\n", width, height, style)
	fmt.Fprintf(&p.Buffer, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", width, height)
	begin, end := f.Before.Seconds(), (f.Before + f.Outage).Seconds()
	fmt.Fprintf(&p.Buffer, `<rect class="outage" x="%.1f" y="%d" width="%.1f" height="%d"/>`+"\n", p.x(begin), top, p.x(end)-p.x(begin), bottom-top)
	p.grid(seconds)
	p.text(left, 28, "title", "start", fmt.Sprintf("Attempts a second: %d clients, a call each every %v, an outage of %v", f.Clients, f.Every, f.Outage))
	p.text((p.x(begin)+p.x(end))/2, top+18, "", "middle", "every attempt fails")
	p.line("calls", held.Calls[:seconds])
	p.line("free", free.Attempts[:seconds])
	p.line("held", held.Attempts[:seconds])
	middle := (f.Before + f.Outage/2).Seconds()
	p.text(p.x(middle), p.y(float64(free.Attempts[int(middle)]))+22, "free", "middle", fmt.Sprintf("without the limit: %.2f attempts per call", f.perCall(free)))
	p.text(p.x(middle), p.y(float64(held.Attempts[int(middle)]))-12, "held", "middle", fmt.Sprintf("keeprouter: %.2f attempts per call", f.perCall(held)))
	p.WriteString("</svg>\n")
	return p.Bytes()
}

type plot struct {
	bytes.Buffer
	seconds, most float64
}

func (p *plot) x(second float64) float64 { return left + second/p.seconds*(right-left) }
func (p *plot) y(rate float64) float64   { return bottom - rate/p.most*(bottom-top) }

func (p *plot) grid(seconds int) {
	for rate := 0; rate <= int(p.most); rate += stepY {
		y := p.y(float64(rate))
		fmt.Fprintf(&p.Buffer, `<path class="grid" d="M%d %.1fH%d"/>`, left, y, right)
		p.text(left-8, y+4, "", "end", fmt.Sprint(rate))
	}
	for second := 0; second <= seconds; second += stepX {
		x := p.x(float64(second))
		fmt.Fprintf(&p.Buffer, `<path class="grid" d="M%.1f %dV%d"/>`, x, top, bottom)
		p.text(x, bottom+18, "", "middle", fmt.Sprint(second))
	}
	p.text((left+right)/2, bottom+38, "", "middle", "seconds; dashed: calls that are begun")
}

func (p *plot) text(x, y float64, class, anchor, text string) {
	fmt.Fprintf(&p.Buffer, `<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, text)
}

func (p *plot) line(class string, rates []int64) {
	fmt.Fprintf(&p.Buffer, `<path class="line %s" d="`, class)
	for second, rate := range rates {
		command := 'L'
		if second == 0 {
			command = 'M'
		}
		fmt.Fprintf(&p.Buffer, "%c%.1f %.1f", command, p.x(float64(second)+0.5), p.y(float64(rate)))
	}
	p.WriteString("\"/>\n")
}

// perCall is the number of attempts for each call that was begun in the outage.
func (f Fleet) perCall(t *Tally) float64 {
	from, to := int(f.Before/time.Second), int((f.Before+f.Outage)/time.Second)
	return float64(sum(t.Attempts[from:to])) / float64(max(1, sum(t.Calls[from:to])))
}

// afterwards are the seconds behind the outage in which the fleet still makes calls.
func (f Fleet) afterwards(counts []int64) []int64 {
	from := int((f.Before + f.Outage) / time.Second)
	return counts[from : from+int(f.After/time.Second)]
}

func sum(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
