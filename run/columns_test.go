package run

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Columns have what Get finds, in records with whatever keys.
func TestColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var records []Record
	for step := range 50 {
		r := Record{Step: step}
		for range random.IntN(6) {
			r.Values = append(r.Values, Value{Key: fmt.Sprint("k", random.IntN(4)), Value: random.Float64()})
		}
		records = append(records, r, Record{Step: step, Values: r.Values})
	}
	columns := ColumnsOf(records)
	for key := range 5 {
		name := fmt.Sprint("k", key)
		cells := columns[name]
		for i, r := range records {
			want, ok := r.Get(name)
			if !ok {
				continue
			}
			if len(cells) == 0 || cells[0].Index != i || cells[0].Value.Value != want.Value {
				t.Fatalf("%s of record %d: %v, want %v", name, i, cells, want)
			}
			cells = cells[1:]
		}
		if len(cells) > 0 {
			t.Errorf("%s has %d more cells", name, len(cells))
		}
	}
}
