// Command gen writes the assembly of package kernel and the declarations that
// Go needs for it. Run it with go generate in the package's folder.
//
// Registers are assigned by hand: the tiles use nearly all of them, and their
// number decides the shape of the tiles.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	dir := flag.String("dir", ".", "folder to write to")
	flag.Parse()
	files, err := generate()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(*dir, name), text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// generate returns the text of each generated file.
func generate() (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, s := range []*set{newAVX512(), newAVX2()} {
		s.ConstraintExpr("amd64,!noasm")
		s.gather()
		s.stacks()
		s.outer()
		s.winograd()
		s.winogradFilters()
		s.elementwise()
		s.windows()
		s.addRow()
		s.dotBlocks()
		s.colSum()
		s.moments()
		s.maxOffsets()
		s.peak()
		if err := s.print(s.name, files); err != nil {
			return nil, err
		}
	}
	for _, s := range []*set{newAVX512(), newAVX2()} {
		s.ConstraintExpr("amd64,!noasm")
		s.packing()
		if err := s.print("pack_"+s.name, files); err != nil {
			return nil, err
		}
	}
	for _, s := range []*set{newAVX512(), newAVX2()} {
		s.ConstraintExpr("amd64,!noasm")
		s.tiles64()
		if err := s.print("double_"+s.name, files); err != nil {
			return nil, err
		}
	}
	return files, generateNEON(files)
}

// print compiles a set and adds its two files.
func (s *set) print(name string, files map[string][]byte) error {
	f, err := s.Result()
	if err != nil {
		return err
	}
	if err := pass.Compile.Execute(f); err != nil {
		return err
	}
	cfg := printer.Config{Argv: []string{"go", "generate"}, Name: "gen", Pkg: "kernel"}
	asm, err := printer.NewGoAsm(cfg).Print(f)
	if err != nil {
		return err
	}
	stubs, err := printer.NewStubs(cfg).Print(f)
	if err != nil {
		return err
	}
	files[name+"_amd64.s"] = asm
	files[name+"_amd64.go"] = stubs
	return nil
}

// function begins a function of the package, named with the ending of the set.
func (s *set) function(name, signature string, doc ...string) {
	s.Function(name + s.suffix)
	s.Attributes(attr.NOSPLIT)
	s.SignatureExpr("func" + signature)
	s.Doc(doc...)
	s.Pragma("noescape")
}
