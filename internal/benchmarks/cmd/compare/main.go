// Compare measures this library beside its peers, prints Markdown tables, and puts
// them into a document if asked to.
//
//	go -C internal/benchmarks run ./cmd/compare -write ../../docs/performance.md
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/benchmarks/loopback"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/peer"
	"github.com/keeprouter/keeprouter-go/internal/benchmarks/report"
)

// settings are the command line.
type settings struct {
	rounds       int
	sample       time.Duration
	window       time.Duration
	only         []string
	match        *regexp.Regexp
	document     string
	samples      string
	root         string
	samplesLines []string
	summary      summary
	load         loadSettings
}

// section is a part of the report.
type section struct {
	name string
	make func(*settings) (string, error)
}

func sections() []section {
	return []section{
		{"streams", streams},
		{"calls", calls},
		{"loopback", load},
		{"memory", memory},
		{"latency", latency},
		{"load", loads},
		{"footprint", weights},
	}
}

// apart tells whether a section is made only when it is asked for, as it takes long,
// and tells of its machine itself.
func apart(name string) bool { return name == "load" || name == "footprint" }

func main() {
	log.SetFlags(0)
	if err := child(os.Args[1:]); !errors.Is(err, errNoChild) {
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	s, err := parse()
	if err == nil {
		err = s.run()
	}
	if err != nil {
		log.Fatal("compare: ", err)
	}
}

var errNoChild = errors.New("not a child process")

// child is what this program does when it has started itself.
func child(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		return loopback.Serve(os.Stdin, os.Stdout)
	case len(args) == 2 && args[0] == "job":
		return loopback.Child(args[1], os.Stdout)
	case len(args) == 2 && args[0] == "load":
		return loopback.LoadChild(args[1], os.Stdout)
	}
	return errNoChild
}

func parse() (*settings, error) {
	var names, usual []string
	for _, s := range sections() {
		names = append(names, s.name)
		if !apart(s.name) {
			usual = append(usual, s.name)
		}
	}
	s := &settings{load: loadSettings{streams: streamCounts{1000, 10_000}}}
	flag.IntVar(&s.rounds, "rounds", 5, "how often everything is measured; the tables hold medians")
	flag.DurationVar(&s.sample, "sample", 100*time.Millisecond, "for how long a piece of work is repeated in a round")
	flag.DurationVar(&s.window, "window", 500*time.Millisecond, "for how long connections are measured in a round")
	only := flag.String("only", strings.Join(usual, ","), "the sections to make, of "+strings.Join(names, ","))
	match := flag.String("match", "", "a regular expression for the rows of streams, calls and loopback")
	flag.StringVar(&s.document, "write", "", "a document to put the sections into, between its markers")
	flag.StringVar(&s.samples, "samples", "", "a file for all samples of streams and calls, as benchstat reads them")
	flag.Var(&s.load.streams, "streams", "how many streams are open at once, for the section load")
	flag.DurationVar(&s.load.pace, "pace", time.Second, "the time between two events of a stream, for the section load")
	flag.DurationVar(&s.load.hurry, "hurry", 200*time.Millisecond, "the same where load looks for the most streams that a client manages")
	flag.DurationVar(&s.load.window, "load-window", 10*time.Second, "for how long the section load measures")
	flag.StringVar(&s.root, "root", "../..", "the library's folder, for the footprint")
	flag.Parse()
	s.only = strings.Split(*only, ",")
	for _, name := range s.only {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("there is no section %q", name)
		}
	}
	var err error
	if s.match, err = regexp.Compile(*match); err != nil {
		return nil, err
	}
	if s.load.pace <= 0 || s.load.hurry <= 0 || s.load.window <= 0 {
		return nil, errors.New("want -pace, -hurry and -load-window above zero: see -h")
	}
	if s.rounds < 1 || flag.NArg() > 0 {
		return nil, errors.New("want at least one round, and no arguments: see -h")
	}
	return s, nil
}

func (s *settings) run() error {
	for _, p := range peer.All() {
		if err := peer.Conform(p); err != nil {
			return fmt.Errorf("not comparable: %w", err)
		}
	}
	log.Print("every client reads everything")
	if slices.ContainsFunc(s.only, func(name string) bool { return !apart(name) }) {
		if err := s.publish("machine", machine(s)); err != nil {
			return err
		}
	}
	for _, section := range sections() {
		if !slices.Contains(s.only, section.name) {
			continue
		}
		start := time.Now()
		text, err := section.make(s)
		if err != nil {
			return fmt.Errorf("%s: %w", section.name, err)
		}
		log.Printf("%s took %v", section.name, time.Since(start).Round(time.Second))
		if err := s.publish(section.name, text); err != nil {
			return err
		}
	}
	if err := s.finish(); err != nil {
		return err
	}
	if s.samples == "" {
		return nil
	}
	return os.WriteFile(s.samples, []byte(strings.Join(s.samplesLines, "\n")+"\n"), 0o644)
}

// finish prints the summary, and writes it if nothing is missing in it.
func (s *settings) finish() error {
	if len(s.summary.lines) == 0 {
		return nil
	}
	whole := s.match.String() == ""
	for _, section := range sections() {
		whole = whole && (apart(section.name) || slices.Contains(s.only, section.name))
	}
	if whole {
		return s.publish("summary", s.summary.String())
	}
	fmt.Println(&s.summary)
	return nil
}

func (s *settings) publish(name, text string) error {
	fmt.Println(text)
	if s.document == "" {
		return nil
	}
	return report.Replace(s.document, name, text)
}
