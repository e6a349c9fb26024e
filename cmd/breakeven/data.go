package main

import (
	"fmt"

	"breakeven/data"
	"breakeven/run"
	"breakeven/task"

	"github.com/spf13/cobra"
)

func (a *app) dataCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "data",
		GroupID: "know",
		Short:   "List, find, check and download data sets",
		Long: `Works on the data sets. They lie in the folder given by --data-dir, or by the
variable BREAKEVEN_DATA, or in breakeven/data in the user's cache folder, as
their authors published them: Fashion-MNIST as idx files, gzipped or not;
CIFAR-10 and CIFAR-100 in their binary version, as a folder or as the tar.gz;
SVHN as train_32x32.mat and test_32x32.mat; German traffic signs (gtsrb) as the
folder GTSRB/Final_Training/Images, resized to 32×32; the reviews of IMDB as the
tar.gz, as the folder aclImdb, or as imdb/train.tsv and test.tsv; graphs of
Planetoid as ind.NAME.*; sentence pairs in GLUE's folders, as NAME_train.tsv and
NAME_dev.tsv or, of SICK, as sick.tsv, gzipped or not.

A part of CIFAR-100 or of the traffic signs is read from train_N.bin and
test_N.bin, with or without .gz: N records of labels, a byte each (the coarse one
first, for CIFAR-100), and 3,072 bytes of image, red, green and blue.

Your own data are a file: --data train.npz, or a table (.csv, .tsv, .parquet).
An npz file holds inputs x [examples, features], [examples, height, width] or
[examples, channels, height, width], and targets y: whole numbers from 0 for
classes, or real numbers for --loss mse. Networks in ONNX may also read signals
[examples, channels, length] or sequences [examples, steps, numbers]. It may
hold x_test and y_test. In a table each row is an example; the column of the
target is called y, label, target or class, or what --target says, and all
others are inputs.

Or they are a folder of JPEG and PNG images, with a folder for each class, in
train and val or without these: --data photos/. Training with --augment sees a
random part of each image, measurements its middle, both of --image-size pixels.`,
		Example: "  breakeven data list\n  breakeven data verify fashion-mnist-sample",
	}
	c.AddCommand(a.dataListCommand(), a.dataPathCommand(), a.dataVerifyCommand(), a.dataFetchCommand())
	return c
}

// A setJSON describes a data set.
type setJSON struct {
	Name     string   `json:"name"`
	Doc      string   `json:"doc"`
	Shape    [3]int   `json:"shape"`
	Classes  []string `json:"classes"`
	Train    int      `json:"train"`
	Test     int      `json:"test"`
	Embedded bool     `json:"embedded"`
	Licence  string   `json:"licence"`
	Source   string   `json:"source"`
	Cite     string   `json:"cite"`
}

func (a *app) dataListCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the data sets",
		Example: "  breakeven data list\n  breakeven data list --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var list []setJSON
			t := &table{head: []string{"data set", "train", "test", "example", "licence", "what"}}
			for _, in := range task.Sets() {
				list = append(list, setJSON{in.Name, in.Doc, in.Shape, in.ClassNames, in.Train, in.Test, in.Embedded(), in.Licence, in.Source, in.Cite})
				t.add(in.Name, fmt.Sprint(in.Train), fmt.Sprint(in.Test), exampleText(in), in.Licence, in.Doc)
			}
			if a.json {
				return printJSON(a.stdout, list)
			}
			return t.write(a.stdout)
		},
	}
	a.jsonFlag(c)
	return c
}

// exampleText says what an example is: the shape of an image, a text or a node.
func exampleText(in data.Info) string {
	if in.Shape == [3]int{} {
		if f, _ := task.FamilyOf(run.Spec{Data: in.Name}); f.Name == "graph" {
			return "node"
		}
		return "text"
	}
	return fmt.Sprintf("%d×%d×%d", in.Shape[0], in.Shape[1], in.Shape[2])
}

func (a *app) dataPathCommand() *cobra.Command {
	c := &cobra.Command{
		Use:               "path [NAME]",
		Short:             "Print the folder of the data sets, or where the files of one are",
		Example:           "  breakeven data path\n  breakeven data path fashion-mnist-sample",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSets,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.setPath(args[0])
			}
			dir, err := a.dataFolder()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, dir)
			return err
		},
	}
	a.dataFlag(c)
	return c
}

// dataFolder is the folder of the data sets.
func (a *app) dataFolder() (string, error) {
	if a.dataDir != "" {
		return a.dataDir, nil
	}
	return data.DefaultDir()
}

// setPath prints where the files of a set were found, or are looked for.
func (a *app) setPath(name string) error {
	checks, err := a.verify(name)
	if err != nil {
		return err
	}
	for _, check := range checks {
		fmt.Fprintf(a.stdout, "%s%s\n", check.Path, either(check.State == data.Missing, " (missing)", ""))
	}
	return nil
}

// verify compares the files of a set with the published checksums.
func (a *app) verify(name string) ([]data.Check, error) {
	if _, err := task.Lookup(name); err != nil {
		return nil, usageError{err}
	}
	return task.Verify(name, a.dataDir)
}

func (a *app) dataVerifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:               "verify NAME",
		Short:             "Compare the files of a data set with the published checksums",
		Example:           "  breakeven data verify fashion-mnist-sample",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeSets,
		RunE: func(_ *cobra.Command, args []string) error {
			checks, err := a.verify(args[0])
			if err != nil {
				return err
			}
			if err := a.printChecks(checks); err != nil {
				return err
			}
			for _, check := range checks {
				if check.State != data.Good {
					in, _ := task.Lookup(args[0])
					return fmt.Errorf("data: %s: %s; get it %s", check.Path, firstOf(check.Detail, string(check.State)),
						either(in.ByHand == "", "with: breakeven data fetch "+in.Name, "from "+in.Source))
				}
			}
			return nil
		},
	}
	a.dataFlag(c)
	a.jsonFlag(c)
	return c
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

func (a *app) printChecks(checks []data.Check) error {
	if a.json {
		return printJSON(a.stdout, checks)
	}
	t := &table{head: []string{"file", "state", "where", "detail"}}
	for _, check := range checks {
		t.add(check.File, string(check.State), check.Path, check.Detail)
	}
	return t.write(a.stdout)
}

func (a *app) dataFetchCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "fetch NAME",
		Short: "Download a data set from its public address",
		Long: `Downloads the files of a data set from their public addresses, unless they are
there, and compares them with the published checksums. A download that was
interrupted goes on where it stopped when the same command is run again, if
the server still has the same version of the file.`,
		Example:           "  breakeven data fetch fashion-mnist",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeSets,
		RunE:              func(_ *cobra.Command, args []string) error { return a.fetch(args[0]) },
	}
	a.dataFlag(c)
	a.jsonFlag(c)
	a.quietFlag(c)
	return c
}

func (a *app) fetch(name string) error {
	in, err := task.Lookup(name)
	if err != nil {
		return usageError{err}
	}
	if in.Embedded() {
		_, err := fmt.Fprintf(a.stderr, "%s is inside the program: there is nothing to fetch\n", name)
		return err
	}
	dir, err := a.dataFolder()
	if err != nil {
		return err
	}
	v := a.newView()
	ctx, cancel := a.interruptible(v)
	meters := map[string]*meter{}
	err = task.Fetch(ctx, name, dir, func(file string, done, total int64) {
		m := meters[file]
		if m == nil {
			m = v.meter(file, float64(done)/float64(total))
			meters[file] = m
		}
		m.set(float64(done)/float64(total), fmt.Sprintf("%s of %s", bytesText(done), bytesText(total)))
		if done == total {
			m.end(true)
		}
	})
	for _, m := range meters {
		m.end(err == nil)
	}
	cancel()
	v.close()
	if err != nil {
		return err
	}
	checks, err := task.Verify(name, dir)
	if err != nil {
		return err
	}
	if err := a.printChecks(checks); err != nil {
		return err
	}
	return nil
}

// completeSets completes the name of a data set.
func completeSets(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return task.SetNames(), cobra.ShellCompDirectiveNoFileComp
}
