package web

import (
	"slices"
	"sync"

	"breakeven/internal/report"
)

// What a cache keeps at most.
const (
	keptPages = 64
	keptBytes = 64 << 20
)

// A cache keeps drawn pages, each under a key that says all of what it shows: so none is ever wrong.
// Those who ask for the same one wait for one drawing.
type cache struct {
	mu      sync.Mutex
	entries map[string]*entry
	order   []string // used last: at the end
	bytes   int
	drawing chan struct{} // so many are drawn at a time
}

type entry struct {
	once sync.Once
	part report.Part
	err  error
}

func newCache() *cache {
	return &cache{entries: map[string]*entry{}, drawing: make(chan struct{}, 2)}
}

// get returns the part of a key, which make draws if it is not there.
func (c *cache) get(key string, make func() (report.Part, error)) (report.Part, error) {
	c.mu.Lock()
	e, ok := c.entries[key]
	if !ok {
		e = &entry{}
		c.entries[key] = e
	}
	c.use(key)
	c.mu.Unlock()
	e.once.Do(func() {
		c.drawing <- struct{}{}
		defer func() { <-c.drawing }()
		e.part, e.err = make()
		c.keep(key, e)
	})
	return e.part, e.err
}

// keep counts a part that was drawn, and lets others go for it. A part that failed is not kept.
func (c *cache) keep(key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] != e {
		return
	}
	c.bytes += len(e.part.Main)
	if e.err != nil {
		c.drop(key)
	}
	for len(c.order) > 0 && (len(c.order) > keptPages || c.bytes > keptBytes) {
		c.drop(c.order[0])
	}
}

func (c *cache) use(key string) {
	c.order = append(slices.DeleteFunc(c.order, func(k string) bool { return k == key }), key)
}

func (c *cache) drop(key string) {
	c.bytes -= len(c.entries[key].part.Main)
	delete(c.entries, key)
	c.order = slices.DeleteFunc(c.order, func(k string) bool { return k == key })
}
