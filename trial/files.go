package trial

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"breakeven/data/table"
	"breakeven/internal/weights"
	"breakeven/run"
)

// The fields of kind checkpoints. What files and table name decides the identity of a
// run by its content.
var (
	files = run.Field{Name: "files_path", Flag: "files", Default: "", Place: true, Check: checkFiles,
		Doc: "weights files of checkpoints, a pattern such as ckpt-*.safetensors or *.pt"}
	fileTable = run.Field{Name: "table_path", Flag: "table", Default: "", Place: true,
		Doc: "in place of files, a CSV with the columns file, step and, if it varies, lr"}
	pattern = run.Field{Name: "pattern", Default: "", Check: checkPattern,
		Doc: "regular expression for names of files, such as s(?P<step>\\d+)-lr(?P<lr>[\\d.]+)"}
	filesSHA256 = run.Field{Name: "files_sha256", Default: "", Derived: true,
		Doc: "of their steps, learning rates and contents"}

	checkpointFields = []run.Field{files, fileTable, pattern, filesSHA256}
)

func checkFiles(f run.Field, s run.Spec, _ run.Known) string {
	switch names, t := f.Word(s), fileTable.Word(s); {
	case names == "" && t == "":
		return "kind checkpoints needs weights files: a pattern such as ckpt-*.safetensors, or a table"
	case names != "" && t != "":
		return "files and table are both given; give one"
	}
	return ""
}

func checkPattern(f run.Field, s run.Spec, _ run.Known) string {
	text := f.Word(s)
	re, err := regexp.Compile(text)
	switch {
	case text == "":
	case err != nil:
		return fmt.Sprintf("%q is no regular expression: %v", text, err)
	case re.SubexpIndex("step") < 0:
		return fmt.Sprintf("%q has no group for the step; write it as (?P<step>\\d+)", text)
	}
	return ""
}

// A weightsFile is one file of a trajectory.
type weightsFile struct {
	name   string
	step   int
	lr     float64
	lrFrom string // in words, where lr is from
	sum    string // SHA-256
}

// findFiles returns the files that a spec names, in the order of their steps.
func findFiles(s run.Spec) (list []weightsFile, err error) {
	if err := s.Check(checkpointFields); err != nil {
		return nil, err
	}
	if name := fileTable.Word(s); name != "" {
		list, err = tabled(name, s.LR)
	} else {
		list, err = globbed(s)
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b weightsFile) int { return a.step - b.step })
	for i, f := range list {
		switch {
		case f.step < 0:
			return nil, fmt.Errorf("files: %s has the step %d; steps begin at 0", f.name, f.step)
		case i > 0 && f.step == list[i-1].step:
			return nil, fmt.Errorf("files: %s and %s are both of step %d: say with the field pattern where the step stands in a name, or give a table", list[i-1].name, f.name, f.step)
		case !(f.lr > 0) || math.IsInf(f.lr, 0):
			return nil, fmt.Errorf("files: %s has the learning rate %v; it must be a positive number", f.name, f.lr)
		}
	}
	return list, nil
}

// tabled returns the files that a table names, relative to its folder.
func tabled(name string, usual float64) (list []weightsFile, err error) {
	var file table.Array[string]
	var step table.Array[int64]
	var lr table.Array[float64]
	err = table.Read(name, table.Field{Names: []string{"file"}, Into: &file}, table.Field{Names: []string{"step"}, Into: &step},
		table.Field{Names: []string{"lr", "learning_rate"}, Into: &lr, Optional: true})
	if err != nil {
		return nil, err
	}
	for i, f := range file.Data {
		w := weightsFile{name: f, step: int(step.Data[i]), lr: usual, lrFrom: "the spec's"}
		if !filepath.IsAbs(f) {
			w.name = filepath.Join(filepath.Dir(name), f)
		}
		if lr.Len() > 0 {
			w.lr, w.lrFrom = lr.Data[i], "from the table"
		}
		list = append(list, w)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s names no files", name)
	}
	return list, nil
}

// globbed returns the files that a pattern of the shell finds.
func globbed(s run.Spec) (list []weightsFile, err error) {
	names, err := filepath.Glob(files.Word(s))
	if err != nil {
		return nil, fmt.Errorf("files: %q: %w", files.Word(s), err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("files: nothing fits %q; quote it, so that no shell puts in names itself", files.Word(s))
	}
	re := regexp.MustCompile(pattern.Word(s)) // judged before
	for _, name := range names {
		w := weightsFile{name: name, lr: s.LR, lrFrom: "the spec's"}
		if re.String() != "" {
			err = w.fromName(re)
		} else {
			err = w.fromMeta()
		}
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// fromName takes step and learning rate from the name, by the groups of a pattern.
func (w *weightsFile) fromName(re *regexp.Regexp) (err error) {
	m := re.FindStringSubmatch(filepath.Base(w.name))
	if m == nil {
		return fmt.Errorf("files: the pattern %q is not found in %s", re, filepath.Base(w.name))
	}
	if w.step, err = strconv.Atoi(m[re.SubexpIndex("step")]); err != nil {
		return fmt.Errorf("files: %s: the step %q is no whole number", w.name, m[re.SubexpIndex("step")])
	}
	if i := re.SubexpIndex("lr"); i >= 0 && m[i] != "" {
		if w.lr, err = strconv.ParseFloat(m[i], 64); err != nil {
			return fmt.Errorf("files: %s: the learning rate %q is no number", w.name, m[i])
		}
		w.lrFrom = "from the file's name"
	}
	return nil
}

// The keys of metadata under which a step and a learning rate are looked for.
var (
	stepKeys = []string{"step", "global_step", "breakeven.step"}
	lrKeys   = []string{"lr", "learning_rate"}
)

var (
	lastNumber   = regexp.MustCompile(`(\d+)\D*$`)
	folderNumber = regexp.MustCompile(`(?i)(?:checkpoint|ckpt|step|epoch|iter)\D*(\d+)$`) // checkpoint-500/model.safetensors
)

// fromMeta takes step and learning rate from the metadata of the file; the step, if it
// is not there, is the last number in the name or, if that has none, in its folder's.
func (w *weightsFile) fromMeta() error {
	meta, err := weights.Meta(w.name)
	if err != nil {
		return err
	}
	lookup := func(keys []string) string {
		for _, key := range keys {
			if v := strings.TrimSpace(meta[key]); v != "" {
				return v
			}
		}
		return ""
	}
	text := lookup(stepKeys)
	if text == "" {
		base := strings.TrimSuffix(filepath.Base(w.name), filepath.Ext(w.name))
		m := lastNumber.FindStringSubmatch(base)
		if m == nil {
			m = folderNumber.FindStringSubmatch(filepath.Base(filepath.Dir(w.name)))
		}
		if m == nil {
			return fmt.Errorf("files: no step stands in the metadata of %s, and no number in its name or its folder's: give a table, or rename it", w.name)
		}
		text = m[1]
	}
	if w.step, err = strconv.Atoi(text); err != nil {
		return fmt.Errorf("files: %s: the step %q is no whole number", w.name, text)
	}
	if text = lookup(lrKeys); text != "" {
		if w.lr, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("files: %s: the learning rate %q in its metadata is no number", w.name, text)
		}
		w.lrFrom = "from the file's metadata"
	}
	return nil
}

// check holds the names and shapes in the file against the network's tensors, and sums its
// contents. Notes are what a user should know of it.
func (w *weightsFile) check(ctx context.Context, must, may []run.Tensor, d weights.Dialect) (notes []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if notes, err = weights.Check(w.name, must, may, d); err != nil {
		return nil, err
	}
	w.sum, err = weights.Sum(w.name)
	return notes, err
}

// digest returns the SHA-256 of steps, learning rates and contents.
func digest(list []weightsFile) string {
	h := sha256.New()
	for _, f := range list {
		fmt.Fprintf(h, "%d %v %s\n", f.step, f.lr, f.sum)
	}
	return hex.EncodeToString(h.Sum(nil))
}
