package text

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakeven/data"
	"breakeven/data/table"
)

var inference = []string{"entailment", "neutral", "contradiction"}

// The sets of sentence pairs, and one of single sentences. Their authors publish no checksums, so
// that nothing is downloaded. Of a data.Info, Shape is not used.
var (
	MNLI = data.Info{
		Name: "mnli", Doc: "402,517 pairs of a sentence and a hypothesis of ten kinds of text: it follows, it contradicts, or neither.",
		Classes: 3, ClassNames: inference, Train: 392702, Test: 9815, ByHand: "MNLI/train.tsv and MNLI/dev_matched.tsv",
		Licence: "OANC, CC BY-SA 3.0 and others, by kind of text", Source: "https://gluebenchmark.com/tasks",
		Cite: "A. Williams, N. Nangia, S. Bowman: A Broad-Coverage Challenge Corpus for Sentence Understanding through Inference, NAACL 2018",
	}
	SICK = data.Info{
		Name: "sick", Doc: "9,927 pairs of sentences about pictures and videos: one follows from the other, they contradict, or neither.",
		Classes: 3, ClassNames: inference, Train: 8935, Test: 992, ByHand: "sick.tsv, a line: label, relatedness, sentence, sentence",
		Licence: "CC BY-NC-SA 3.0", Source: "https://zenodo.org/records/2787612",
		Cite: "M. Marelli, S. Menini, M. Baroni, L. Bentivogli, R. Bernardi, R. Zamparelli: A SICK Cure for the Evaluation of Compositional Distributional Semantic Models, LREC 2014",
	}
	RTE = data.Info{
		Name: "rte", Doc: "2,767 pairs of a text and a sentence that follows from it or does not.",
		Classes: 2, ClassNames: []string{"entailment", "not_entailment"}, Train: 2490, Test: 277, ByHand: "RTE/train.tsv and RTE/dev.tsv",
		Licence: "none stated by its authors", Source: "https://gluebenchmark.com/tasks",
		Cite: "A. Wang, A. Singh, J. Michael, F. Hill, O. Levy, S. R. Bowman: GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding, ICLR 2019",
	}
	SST2 = data.Info{
		Name: "sst2", Doc: "68,221 phrases from reviews of films, good or bad.",
		Classes: 2, ClassNames: []string{"0", "1"}, Train: 67349, Test: 872, ByHand: "SST-2/train.tsv and SST-2/dev.tsv",
		Licence: "none stated by its authors", Source: "https://gluebenchmark.com/tasks",
		Cite: "R. Socher, A. Perelygin, J. Wu, J. Chuang, C. Manning, A. Ng, C. Potts: Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank, EMNLP 2013",
	}
)

// A pairing says where the columns of a set stand.
type pairing struct {
	*data.Info
	folder string // that GLUE's archive of the set unpacks to
	dev    string // GLUE's file for the test, without its ending
	// Columns of GLUE's files, which have a header, and of files without one, counted from 1.
	named  [3]string // label, sentence, second sentence; "" if there is none
	plain  [3]string
	header string // the name of the first column of GLUE's files
}

var pairings = []pairing{
	{&MNLI, "MNLI", "dev_matched", [3]string{"gold_label", "sentence1", "sentence2"}, [3]string{"1", "2", "3"}, "index"},
	{&SICK, "SICK", "dev", [3]string{"entailment_label", "sentence_A", "sentence_B"}, [3]string{"1", "3", "4"}, "pair_ID"},
	{&RTE, "RTE", "dev", [3]string{"label", "sentence1", "sentence2"}, [3]string{"1", "2", "3"}, "index"},
	{&SST2, "SST-2", "dev", [3]string{"label", "sentence", ""}, [3]string{"1", "2", ""}, "sentence"},
}

// PairSets returns the descriptions of the sets that OpenPairs reads.
func PairSets() []data.Info {
	all := make([]data.Info, len(pairings))
	for i, p := range pairings {
		all[i] = *p.Info
	}
	return all
}

// noLabel is the label of a pair on which its annotators did not agree. It is left out.
const noLabel = "-"

// OpenPairs reads a set of PairSets from folder dir ("" is data.DefaultDir), or from a folder of
// its name, of that of GLUE or called text below it:
//
//   - GLUE's files with a header, train.tsv and dev.tsv (dev_matched.tsv for mnli);
//   - NAME_train.tsv and NAME_dev.tsv, or NAME.tsv alone, of which the last tenth is for the test:
//     lines without a header that begin with the label and end with the sentences.
//
// Each may be gzipped (.tsv.gz). Warnings must be told to the user beside every result made from
// the set. Errors wrap fs.ErrNotExist if files are missing.
func OpenPairs(name, dir string) (train, test *Set, warnings []string, err error) {
	i := slices.IndexFunc(pairings, func(p pairing) bool { return p.Name == name })
	if i < 0 {
		panic("text: no set of sentence pairs is called " + name)
	}
	p := pairings[i]
	if dir == "" {
		if dir, err = data.DefaultDir(); err != nil {
			return nil, nil, nil, err
		}
	}
	if train, test, err = p.open(dir); err != nil {
		return nil, nil, nil, fmt.Errorf("text: %s: %w", name, err)
	}
	if train.Len() != p.Train || test.Len() != p.Test {
		warnings = append(warnings, fmt.Sprintf("%s: results are of the lines of the files in %s, not of the published set: %d for training and %d for the test, published %d and %d",
			name, dir, train.Len(), test.Len(), p.Train, p.Test))
	}
	return train, test, warnings, nil
}

// open reads the files that lie below a folder.
func (p *pairing) open(dir string) (train, test *Set, err error) {
	own, glue := []string{"", p.Name, p.folder, "text"}, []string{p.Name, p.folder} // GLUE's names are those of other sets, too
	for _, c := range []struct {
		folders     []string
		train, test string
	}{{own, p.Name + "_train.tsv", p.Name + "_dev.tsv"}, {glue, "train.tsv", p.dev + ".tsv"}} {
		first, err := locate(dir, c.folders, c.train)
		if err != nil {
			return nil, nil, err
		}
		second, err := locate(dir, c.folders, c.test)
		switch {
		case err != nil:
			return nil, nil, err
		case first != "" && second != "":
			return p.readBoth(first, second)
		case first != "" || second != "":
			return nil, nil, fmt.Errorf("%s is there, and there is no %s with it: %w", cmp.Or(first, second), map[bool]string{true: c.test, false: c.train}[second == ""], fs.ErrNotExist)
		}
	}
	alone, err := locate(dir, own, p.Name+".tsv")
	switch {
	case err != nil:
		return nil, nil, err
	case alone == "":
		return nil, nil, p.missing(dir)
	}
	all, err := p.read(alone)
	if err != nil {
		return nil, nil, err
	}
	n := all.Len() - all.Len()/10
	return all.Slice(0, n), all.Slice(n, all.Len()), nil
}

func (p *pairing) readBoth(first, second string) (train, test *Set, err error) {
	if train, err = p.read(first); err != nil {
		return nil, nil, err
	}
	test, err = p.read(second)
	return train, test, err
}

// locate returns the path of a file that may be gzipped; "" if it is not there.
func locate(dir string, folders []string, name string) (string, error) {
	return data.Locate(dir, folders, name, name+".gz")
}

// missing is the error for a set that is not there.
func (p *pairing) missing(dir string) error {
	state := fmt.Sprintf("has no %s_train.tsv and %s_dev.tsv, no %s/train.tsv and no %s.tsv", p.Name, p.Name, p.folder, p.Name)
	if _, err := os.Stat(dir); err != nil {
		state = "does not exist"
	}
	return &data.FilesError{Set: p.Name, Missing: true, Err: fmt.Errorf("folder %s %s: %w", dir, state, fs.ErrNotExist)}
}

// read reads a file, with GLUE's header or without one.
func (p *pairing) read(path string) (*Set, error) {
	f, err := table.Open(path, &table.Options{Most: maxTexts})
	if err != nil {
		return nil, err
	}
	columns := p.named
	if first := f.Columns(); len(first) == 0 || first[0].Name != p.header {
		f.Close()
		if f, err = table.Open(path, &table.Options{NoHeader: true, Most: maxTexts}); err != nil {
			return nil, err
		}
		columns = p.plain
	}
	defer f.Close()
	var of [3]table.Array[string]
	var fields []table.Field
	for k, name := range columns {
		if name != "" {
			fields = append(fields, table.Field{Names: []string{name}, Into: &of[k], Missing: k > 0})
		}
	}
	if err := f.Read(fields...); err != nil {
		return nil, err
	}
	return p.set(path, of)
}

// set makes a set of labels and sentences.
func (p *pairing) set(path string, of [3]table.Array[string]) (*Set, error) {
	s := newSet(p.Info)
	for i, name := range of[0].Data {
		label := slices.Index(p.ClassNames, name)
		switch {
		case name == noLabel:
			continue
		case label < 0:
			return nil, fmt.Errorf("%s: example %d has the label %.20q; it must be %s", filepath.Clean(path), i+1, name, strings.Join(p.ClassNames, " or "))
		}
		s.Labels, s.Texts = append(s.Labels, int32(label)), append(s.Texts, of[1].Data[i])
		if p.plain[2] != "" {
			s.Seconds = append(s.Seconds, of[2].Data[i])
		}
	}
	if s.Len() == 0 {
		return nil, fmt.Errorf("%s: there is no example", path)
	}
	return s, nil
}
