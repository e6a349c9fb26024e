package web

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"breakeven/internal/store"
)

// A listing is the runs of the store at a time, newest first. Nobody changes it.
type listing struct {
	runs    []store.Run
	byID    map[string]int
	bySpec  map[string][]int // newest first; without damaged ones
	version string
	read    time.Time
}

// A feed reads the list of runs for all who ask, and tells watchers of changes.
type feed struct {
	read  func() ([]store.Run, error)
	poll  time.Duration
	birth int64 // so that versions of two servers differ

	reading sync.Mutex // held while the store is read

	mu       sync.Mutex // of the rest
	last     *listing
	version  int
	watchers map[*watcher]bool
	follows  bool // a goroutine reads for them
}

// A watcher is told of changes of some runs, or of any.
type watcher struct {
	runs    []string // none: any
	changed chan struct{}
}

func newFeed(read func() ([]store.Run, error), poll time.Duration) *feed {
	return &feed{read: read, poll: poll, birth: time.Now().Unix(), watchers: map[*watcher]bool{}}
}

// now returns the runs as they were at most an interval ago.
func (f *feed) now() (*listing, error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	before := f.latest()
	if before != nil && time.Since(before.read) < f.poll {
		return before, nil
	}
	runs, err := f.read()
	if err != nil {
		return nil, err
	}
	next := &listing{runs: runs, byID: make(map[string]int, len(runs)), bySpec: make(map[string][]int, len(runs)), read: time.Now()}
	for i, r := range runs {
		next.byID[r.ID] = i
		if r.Damage == nil {
			id := specOf(r)
			next.bySpec[id] = append(next.bySpec[id], i)
		}
	}
	f.tell(before, next)
	return next, nil
}

// specOf is the identity of a run's spec, which its ID begins with.
func specOf(r store.Run) string {
	id, _, _ := strings.Cut(r.ID, "-")
	return id
}

func (f *feed) latest() *listing {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// tell puts a listing in place of the one before, and tells those who watch what differs.
func (f *feed) tell(before, next *listing) {
	changed := differing(before, next)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(changed) > 0 || before == nil {
		f.version++
	}
	next.version = f.versionText()
	f.last = next
	for w := range f.watchers {
		if len(changed) > 0 && (len(w.runs) == 0 || slices.ContainsFunc(w.runs, func(id string) bool { return changed[id] })) {
			w.tell()
		}
	}
}

func (f *feed) versionText() string { return fmt.Sprintf("%d.%d", f.birth, f.version) }

// tell never waits: one who has not yet read of a change reads of all at once.
func (w *watcher) tell() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// differing returns the IDs of the runs that differ in what pages show.
func differing(before, next *listing) map[string]bool {
	changed := map[string]bool{}
	if before == nil {
		return changed
	}
	for _, r := range next.runs {
		i, ok := before.byID[r.ID]
		if !ok || stateOf(before.runs[i]) != stateOf(r) {
			changed[r.ID] = true
		}
	}
	for _, r := range before.runs {
		if _, ok := next.byID[r.ID]; !ok {
			changed[r.ID] = true
		}
	}
	return changed
}

// stateOf is all of a run that changes, as a text.
func stateOf(r store.Run) string {
	return fmt.Sprintf("%s %d %d %s %t %s %s %s", r.ID, r.LastStep, r.Checkpoint, r.Status, r.Working, r.Updated.Format(time.RFC3339Nano), r.Name, strings.Join(r.Tags, " "))
}

// touch says to those who watch any run that there is more to be seen.
func (f *feed) touch() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
	if f.last != nil {
		next := *f.last
		next.version = f.versionText()
		f.last = &next
	}
	for w := range f.watchers {
		if len(w.runs) == 0 {
			w.tell()
		}
	}
}

// mostWatchers is how many pages are followed at the same time.
const mostWatchers = 1000

// watch adds a watcher, and begins to read the store now and then if it is the first. The second
// value is false where there are too many.
func (f *feed) watch(runs []string) (*watcher, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.watchers) >= mostWatchers {
		return nil, false
	}
	w := &watcher{runs: runs, changed: make(chan struct{}, 1)}
	f.watchers[w] = true
	if !f.follows {
		f.follows = true
		go f.follow()
	}
	return w, true
}

// leave ends what watch began.
func (f *feed) leave(w *watcher) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.watchers, w)
}

// follow reads the store as long as somebody watches.
func (f *feed) follow() {
	for {
		time.Sleep(f.poll)
		f.mu.Lock()
		f.follows = len(f.watchers) > 0
		goes := f.follows
		f.mu.Unlock()
		if !goes {
			return
		}
		_, _ = f.now() // if the store cannot be read now it is read later, and pages say why
	}
}
