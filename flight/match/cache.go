package match

// A cache keeps a number of values by their keys. Those that were asked for since the last release
// stay; of the others the one that was not wanted for longest makes room.
type cache[K comparable, V any] struct {
	entries map[K]*entry[V]
	most    int
	clock   int
}

// An entry is a value and when it was asked for.
type entry[V any] struct {
	value V
	used  int
}

func newCache[K comparable, V any](most int64) cache[K, V] {
	return cache[K, V]{entries: map[K]*entry[V]{}, most: int(max(most, 1))}
}

// room returns how many of n values are kept at most.
func (c *cache[K, V]) room(n int) int64 { return int64(min(n, c.most)) }

// entry returns the place for a key, and whether its value is known. If not, the value is another
// key's, or zero. It returns nil if there is no room.
func (c *cache[K, V]) entry(key K) (e *entry[V], known bool) {
	if e, known = c.entries[key]; known {
		e.used = c.clock
		return e, true
	}
	if len(c.entries) < c.most {
		e = &entry[V]{}
	} else {
		var oldest K
		for k, other := range c.entries {
			if other.used < c.clock && (e == nil || other.used < e.used) {
				oldest, e = k, other
			}
		}
		if e == nil {
			return nil, false
		}
		delete(c.entries, oldest)
	}
	e.used = c.clock
	c.entries[key] = e
	return e, false
}

// drop forgets a key.
func (c *cache[K, V]) drop(key K) { delete(c.entries, key) }

// release lets everything go that was asked for.
func (c *cache[K, V]) release() { c.clock++ }
