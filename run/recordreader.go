package run

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A RecordReader reads records from their JSON, several times as fast as package json, and keeps texts that
// come again and again, such as keys, once for all that it reads. The zero value is ready for use, by one
// goroutine at a time.
type RecordReader struct {
	texts  map[string]string
	values int       // of the last record
	hows   []howSeen // by the place of their value in a record
}

// A howSeen is how a value was made and its text, without what comes after the name of the seconds: values
// at the same place of other records mostly have the same.
type howSeen struct {
	how  How
	text string
}

// Read reads a record as json.Unmarshal does, which it leaves to that if it is written in another way
// than json.Marshal writes one.
func (r *RecordReader) Read(text string) (Record, error) {
	if r.texts == nil {
		r.texts = map[string]string{}
	}
	s := recordScan{text: text, reader: r}
	record := s.record()
	if !s.failed && s.at == len(text) {
		return record, nil
	}
	record = Record{}
	err := json.Unmarshal([]byte(text), &record)
	return record, err
}

// The fields of the objects, in the order in which they are written.
var (
	recordFields   = []string{"step", "epoch", "time", "values", "omitted"}
	omissionFields = []string{"key", "why"}
	valueNames     = []string{"key", "unit", "value", "vector", "error", "sampling_error", "how"}
	howFields      = []string{"probe", "method", "error_kind", "sampling_kind", "examples", "l", "m", "lr", "batch", "n", "products", "seed", "tolerance", "rounding", "seconds", "note"}
)

func (s *recordScan) record() (r Record) {
	for field := s.next(recordFields, -1); field >= 0; field = s.next(recordFields, field) {
		switch field {
		case 0:
			r.Step = s.integer()
		case 1:
			r.Epoch = s.float()
		case 2:
			s.failed = r.Time.UnmarshalText([]byte(s.raw())) != nil || s.failed
		case 3:
			r.Values = make([]Value, 0, s.reader.values)
			for s.more(len(r.Values)) {
				r.Values = append(r.Values, s.value(len(r.Values)))
			}
			s.reader.values = len(r.Values)
		case 4:
			r.Omitted = []Omission{}
			for s.more(len(r.Omitted)) {
				r.Omitted = append(r.Omitted, s.omission())
			}
		}
	}
	return r
}

func (s *recordScan) omission() (o Omission) {
	for field := s.next(omissionFields, -1); field >= 0; field = s.next(omissionFields, field) {
		switch field {
		case 0:
			o.Key = s.string()
		case 1:
			o.Why = s.string()
		}
	}
	return o
}

// value reads the value at a place of its record.
func (s *recordScan) value(place int) (v Value) {
	for field := s.next(valueNames, -1); field >= 0; field = s.next(valueNames, field) {
		switch field {
		case 0:
			v.Key = s.string()
		case 1:
			v.Unit = s.string()
		case 2:
			v.Value = s.number()
		case 3:
			for s.more(len(v.Vector)) {
				v.Vector = append(v.Vector, s.number())
			}
		case 4:
			v.Error = s.number()
		case 5:
			v.Sample = s.number()
		case 6:
			v.How = s.how(place)
		}
	}
	return v
}

// how reads how a value was made. If all but its end is as in a record before, it reads the end.
func (s *recordScan) how(place int) (h How) {
	if place == len(s.reader.hows) {
		s.reader.hows = append(s.reader.hows, howSeen{})
	}
	begin, seen := s.at, &s.reader.hows[place]
	if seen.text != "" && strings.HasPrefix(s.text[begin:], seen.text) {
		s.at += len(seen.text)
		h = seen.how
		if h.Seconds = s.float(); s.accept('}') {
			return h
		}
		s.at = begin
	}
	seconds := 0 // where the number stands
	h = s.howInFull(&seconds)
	if seen.text = ""; seconds > 0 && !s.failed && h.Note == "" {
		*seen = howSeen{h, s.text[begin:seconds]}
	}
	return h
}

func (s *recordScan) howInFull(seconds *int) (h How) {
	for field := s.next(howFields, -1); field >= 0; field = s.next(howFields, field) {
		switch field {
		case 0:
			h.Probe = s.string()
		case 1:
			h.Method = s.string()
		case 2:
			h.Error = s.string()
		case 3:
			h.Sampling = s.string()
		case 4:
			h.Examples = s.integer()
		case 5:
			h.L = s.integer()
		case 6:
			h.M = s.integer()
		case 7:
			h.LR = s.float()
		case 8:
			h.Batch = s.integer()
		case 9:
			h.N = s.integer()
		case 10:
			h.Products = s.integer()
		case 11:
			seed, err := strconv.ParseUint(s.digits(), 10, 64)
			h.Seed, s.failed = seed, s.failed || err != nil
		case 12:
			h.Tolerance = s.float()
		case 13:
			h.Rounding = s.float()
		case 14:
			*seconds = s.at
			h.Seconds = s.float()
		case 15:
			h.Note = s.string()
		}
	}
	return h
}
