package keeprouter

import (
	"bytes"
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// publicPackages are the folders of what users import.
func publicPackages() []string {
	return []string{".", "gemma", "keeproutertest", "mcp", "otel", "redisbudget", "translate"}
}

// TestAPI holds the exported API against api.txt, so that each change of it is
// seen in review.
func TestAPI(t *testing.T) {
	var api strings.Builder
	for _, dir := range publicPackages() {
		api.WriteString(exportedAPI(t, dir))
	}
	if *update {
		require.NoError(t, os.WriteFile("api.txt", []byte(api.String()), 0o644))
	}
	want, err := os.ReadFile("api.txt")
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), api.String()); diff != "" {
		t.Errorf("the exported API changed; if you want that, run go test . -run TestAPI -update (-want +got):\n%s", diff)
	}
}

// TestEveryExportedNameIsDocumented also covers fields and methods.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	for _, dir := range publicPackages() {
		for _, file := range parsePackage(t, dir) {
			ast.FileExports(file)
			for _, name := range undocumented(file) {
				t.Errorf("%s: %s has no doc comment", dir, name)
			}
		}
	}
}

func undocumented(file *ast.File) []string {
	var names []string
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && hasExportedReceiver(d) {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					if d.Doc == nil && s.Doc == nil {
						names = append(names, s.Name.Name)
					}
				case *ast.ValueSpec:
					if d.Doc == nil && s.Doc == nil && s.Comment == nil {
						names = append(names, s.Names[0].Name)
					}
				}
			}
		}
	}
	return names
}

// hasExportedReceiver reports whether users can see a function: it is no method of
// an unexported type.
func hasExportedReceiver(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	exported := true
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			exported = exported && id.IsExported()
		}
		_, isIndex := n.(*ast.IndexListExpr) // the receiver of a generic type: its parameters don't count
		if isIndex {
			exported = n.(*ast.IndexListExpr).X.(*ast.Ident).IsExported()
		}
		return !isIndex
	})
	return exported
}

// exportedAPI prints the exported declarations of a package, without comments and
// bodies, sorted.
func exportedAPI(t *testing.T, dir string) string {
	fset := token.NewFileSet()
	var decls []string
	for _, file := range parsePackageInto(t, fset, dir) {
		ast.FileExports(file)
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && !hasExportedReceiver(f) {
				continue
			}
			if text := declaration(t, fset, decl); text != "" {
				decls = append(decls, text)
			}
		}
	}
	slices.Sort(decls)
	return "# package " + filepath.Base(dir) + "\n\n" + strings.Join(decls, "\n") + "\n"
}

func declaration(t *testing.T, fset *token.FileSet, decl ast.Decl) string {
	switch d := decl.(type) {
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return ""
		}
		d.Doc = nil
	case *ast.FuncDecl:
		d.Doc, d.Body = nil, nil
	}
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			n.Doc, n.Comment = nil, nil
		case *ast.ValueSpec:
			n.Doc, n.Comment = nil, nil
		case *ast.TypeSpec:
			n.Doc, n.Comment = nil, nil
		}
		return true
	})
	var b bytes.Buffer
	require.NoError(t, format.Node(&b, fset, decl))
	return b.String()
}

func parsePackage(t *testing.T, dir string) []*ast.File {
	return parsePackageInto(t, token.NewFileSet(), dir)
}

func parsePackageInto(t *testing.T, fset *token.FileSet, dir string) []*ast.File {
	paths, err := fs.Glob(os.DirFS(dir), "*.go")
	require.NoError(t, err)
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, filepath.Join(dir, path), nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	return files
}
