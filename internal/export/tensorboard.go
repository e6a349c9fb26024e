package export

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// writeEvents writes the numbers as TensorBoard's event file, which is a sequence of records of TFRecord. Each holds a message
// Event of tensorflow/core/util/event.proto: first the version of the file, then one for each
// step, with a scalar for each number. Scalars there have 32 bits.
func writeEvents(w io.Writer, rows []Row) error {
	begun := 0.0
	if len(rows) > 0 {
		begun = seconds(rows[0])
	}
	if err := writeFrame(w, protowire.AppendString(protowire.AppendTag(event(begun, 0), eventVersion, protowire.BytesType), "brain.Event:2")); err != nil {
		return err
	}
	for len(rows) > 0 {
		first, summary := rows[0], []byte(nil)
		for len(rows) > 0 && rows[0].Step == first.Step {
			summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
			summary = protowire.AppendBytes(summary, scalar(rows[0]))
			rows = rows[1:]
		}
		e := protowire.AppendTag(event(seconds(first), first.Step), eventSummary, protowire.BytesType)
		if err := writeFrame(w, protowire.AppendBytes(e, summary)); err != nil {
			return err
		}
	}
	return nil
}

// Numbers of the fields of the messages Event, Summary and Summary.Value.
const (
	eventTime, eventStep, eventVersion, eventSummary protowire.Number = 1, 2, 3, 5
	summaryValue                                     protowire.Number = 1
	valueTag, valueScalar                            protowire.Number = 1, 2
)

// event returns the time, in seconds since 1970, and the step of an event.
func event(time float64, step int64) []byte {
	e := protowire.AppendFixed64(protowire.AppendTag(nil, eventTime, protowire.Fixed64Type), math.Float64bits(time))
	return protowire.AppendVarint(protowire.AppendTag(e, eventStep, protowire.VarintType), uint64(step))
}

func seconds(r Row) float64 { return float64(r.Time.UnixMicro()) / 1e6 }

// scalar returns a number under its key: an element of a vector under key/index, which TensorBoard shows
// as one group.
func scalar(r Row) []byte {
	tag := r.Key
	if r.Index != nil {
		tag += "/" + strconv.Itoa(int(*r.Index))
	}
	v := protowire.AppendString(protowire.AppendTag(nil, valueTag, protowire.BytesType), tag)
	return protowire.AppendFixed32(protowire.AppendTag(v, valueScalar, protowire.Fixed32Type), math.Float32bits(float32(r.Value)))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeFrame writes a record of TFRecord: its length and the bytes, each with a masked checksum.
func writeFrame(w io.Writer, data []byte) error {
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	frame := binary.LittleEndian.AppendUint32(head, masked(head))
	frame = append(frame, data...)
	_, err := w.Write(binary.LittleEndian.AppendUint32(frame, masked(data)))
	return err
}

// masked is the checksum that TFRecord has.
func masked(data []byte) uint32 {
	sum := crc32.Checksum(data, castagnoli)
	return (sum>>15 | sum<<17) + 0xa282ead8
}
