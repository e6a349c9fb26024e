package export

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// A scalarOf is what an event file says of a number at a step.
type scalarOf struct {
	Tag  string
	Step int64
}

// readEvents reads an event file by the rules of its format.
func readEvents(t *testing.T, file []byte) (version string, scalars map[scalarOf]float32) {
	t.Helper()
	scalars = map[scalarOf]float32{}
	for len(file) > 0 {
		n := binary.LittleEndian.Uint64(file)
		data := file[12 : 12+n]
		if binary.LittleEndian.Uint32(file[8:]) != masked(file[:8]) || binary.LittleEndian.Uint32(file[12+n:]) != masked(data) {
			t.Fatal("a checksum is wrong")
		}
		file = file[16+n:]
		var step int64
		fields(t, data, func(num protowire.Number, number uint64, inner []byte) {
			switch num {
			case eventStep:
				step = int64(number)
			case eventVersion:
				version = string(inner)
			case eventSummary:
				fields(t, inner, func(_ protowire.Number, _ uint64, value []byte) {
					at := scalarOf{Step: step}
					fields(t, value, func(num protowire.Number, number uint64, inner []byte) {
						if num == valueTag {
							at.Tag = string(inner)
						} else {
							scalars[at] = math.Float32frombits(uint32(number))
						}
					})
				})
			}
		})
	}
	return version, scalars
}

// fields calls f with each field of a message: a number, or bytes.
func fields(t *testing.T, message []byte, f func(num protowire.Number, number uint64, inner []byte)) {
	t.Helper()
	for len(message) > 0 {
		num, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		var number uint64
		var inner []byte
		switch message = message[n:]; kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			number, n = protowire.ConsumeFixed64(message)
		case protowire.Fixed32Type:
			var short uint32
			short, n = protowire.ConsumeFixed32(message)
			number = uint64(short)
		case protowire.BytesType:
			inner, n = protowire.ConsumeBytes(message)
		default:
			n = -1
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		message = message[n:]
		f(num, number, inner)
	}
}

// wanted are the scalars of a run.
func wanted(r Run) map[scalarOf]float32 {
	list := map[scalarOf]float32{}
	for _, row := range Rows(r) {
		tag := row.Key
		if row.Index != nil {
			tag = fmt.Sprintf("%s/%d", tag, *row.Index)
		}
		list[scalarOf{tag, row.Step}] = float32(row.Value)
	}
	return list
}

// Every number of a run is a scalar of its event file.
func TestTensorBoard(t *testing.T) {
	for name, r := range difficult() {
		var file bytes.Buffer
		if err := Write(&file, "tensorboard", r); err != nil {
			t.Fatal(err)
		}
		version, got := readEvents(t, file.Bytes())
		want := wanted(r)
		if version != "brain.Event:2" || len(got) != len(want) {
			t.Errorf("%s: version %q, %d scalars, want %d", name, version, len(got), len(want))
		}
		for at, x := range want {
			if y, ok := got[at]; !ok || math.Float32bits(x) != math.Float32bits(y) && x == x {
				t.Errorf("%s: %v is %v, want %v", name, at, y, x)
			}
		}
	}
}

// The checksum is that of the format: the mask of CRC-32C, whose value for these digits is in RFC 3720.
func TestMasked(t *testing.T) {
	sum := uint32(0xe3069283) // of "123456789"
	if got, want := masked([]byte("123456789")), (sum>>15|sum<<17)+0xa282ead8; got != want {
		t.Errorf("%x, want %x", got, want)
	}
}

// TensorBoard itself reads the numbers, where it is installed: $BREAKEVEN_PYTHON names a Python that has it.
func TestTensorBoardReads(t *testing.T) {
	python := os.Getenv("BREAKEVEN_PYTHON")
	if python == "" {
		t.Skip("BREAKEVEN_PYTHON names no Python with TensorBoard")
	}
	r, dir := sample(), t.TempDir()
	var file bytes.Buffer
	if err := Write(&file, "tensorboard", r); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "events.out.tfevents.run"), file.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0})
a.Reload()
print(json.dumps([[t, e.step, repr(e.value)] for t in a.Tags()["scalars"] for e in a.Scalars(t)]))`, dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got [][3]any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := wanted(r)
	if len(got) != len(want) {
		t.Errorf("%d numbers, want %d", len(got), len(want))
	}
	for _, row := range got {
		x, ok := want[scalarOf{row[0].(string), int64(row[1].(float64))}]
		var y float64
		if _, err := fmt.Sscan(row[2].(string), &y); err != nil || !ok || float32(y) != x && x == x {
			t.Errorf("%v, want %v", row, x)
		}
	}
}
