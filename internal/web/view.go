package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"breakeven/internal/report"
)

//go:embed page
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"formula": report.Formula}).ParseFS(files, "page/*.tmpl"))

// A frame is what stands around every page.
type frame struct {
	Title, Subtitle, Source string
	Nav                     string // which of the pages of the navigation this is
	Events                  string // the address of the events that say when to load it again; "": none
	Version                 string // of the list of runs that it shows
	Main                    template.HTML
}

// write writes a page: the named template in its frame.
func (v *server) write(w http.ResponseWriter, name string, f frame, data any) error {
	var main, page bytes.Buffer
	if err := templates.ExecuteTemplate(&main, name, data); err != nil {
		return err
	}
	f.Main = template.HTML(main.String())
	if err := templates.ExecuteTemplate(&page, "frame", f); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page.Bytes()) // the reader may have gone
	return nil
}

// colours is how many runs of a page have a colour.
const colours = 200

// styleSheet is that of reports, and of what only pages of a server have.
func styleSheet() []byte {
	return append([]byte(report.StyleSheet(colours)), file("page/serve.css")...)
}

func script() []byte { return file("page/live.js") }

// file is a part of the program.
func file(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return b
}

// asset serves a part of the program, which browsers keep as long as it is the same.
func asset(media string, data []byte) func(http.ResponseWriter, *http.Request) error {
	tag := fmt.Sprintf(`"%x"`, sha256.Sum256(data))
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		return nil
	}
}
