package run

// Columns are the values of records by key: of each key the records that have it, in their order. To look
// for many keys in many records takes much longer.
type Columns map[string][]Cell

// A Cell is a value and the index of its record.
type Cell struct {
	Index int
	*Value
}

// ColumnsOf returns the columns of records, which share their values. If a record has a key twice the
// first one counts, as for [Record.Get].
func ColumnsOf(records []Record) Columns {
	columns := map[string]*[]Cell{}
	var same []*[]Cell // of the values of the record before, which mostly has the same keys
	var keys []string
	for i := range records {
		for j := range records[i].Values {
			v := &records[i].Values[j]
			if j == len(keys) {
				keys, same = append(keys, ""), append(same, nil)
			}
			if same[j] == nil || keys[j] != v.Key {
				if columns[v.Key] == nil {
					cells := make([]Cell, 0, len(records)-i)
					columns[v.Key] = &cells
				}
				keys[j], same[j] = v.Key, columns[v.Key]
			}
			if n := len(*same[j]); n == 0 || (*same[j])[n-1].Index < i {
				*same[j] = append(*same[j], Cell{i, v})
			}
		}
	}
	all := Columns{}
	for key, cells := range columns {
		all[key] = *cells
	}
	return all
}
