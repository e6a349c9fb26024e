package table

import (
	"encoding/binary"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"breakeven/internal/testenv"
)

// dataPage returns the header of a data page, version 1.
func dataPage(size, values int, e format.Encoding) *format.PageHeader {
	return &format.PageHeader{Type: format.DataPage, UncompressedPageSize: int32(size), DataPageHeader: thrift.New(format.DataPageHeader{
		NumValues: int32(values), Encoding: e, DefinitionLevelEncoding: format.RLE,
	})}
}

// Pages that unpack to more than they claim, or repeat a value more often than there
// are rows, take no memory.
func TestPageBombs(t *testing.T) {
	zeros := make([]byte, 32<<20)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := binary.AppendUvarint(nil, 1<<31) // a billion times
	run = append(run, 1)
	long := append([]byte{0, 0, 0, 0}, run...)
	binary.LittleEndian.PutUint32(long, uint32(len(run)))
	good := []byte{2, 0, 0, 0, 8 << 1, 1, 1, 2, 3, 4, 5, 6, 7, 8}
	total := binary.AppendUvarint([]byte{0x80, 1, 4}, 1<<31-1)
	claim := append(binary.AppendUvarint(nil, 1<<31), 0, 0, 0)
	for name, test := range map[string]struct {
		codec format.CompressionCodec
		h     *format.PageHeader
		body  []byte
		good  bool
	}{
		"good":                {format.Uncompressed, dataPage(len(good), 8, format.Plain), good, true},
		"other size":          {format.Uncompressed, dataPage(len(good)+1, 8, format.Plain), good, false},
		"gzip":                {format.Gzip, dataPage(100, 8, format.Plain), zipped(t, zeros), false},
		"zstd":                {format.Zstd, dataPage(100, 8, format.Plain), z.EncodeAll(zeros, nil), false},
		"snappy":              {format.Snappy, dataPage(100, 8, format.Plain), snappy.Encode(nil, zeros), false},
		"snappy by its claim": {format.Snappy, dataPage(1<<31-1, 8, format.Plain), claim, false},
		"levels":              {format.Uncompressed, dataPage(len(long), 8, format.Plain), long, false},
		"levels too short":    {format.Uncompressed, dataPage(3, 8, format.Plain), good[:3], false},
		"indices":             {format.Uncompressed, dataPage(7+len(run), 8, format.RLEDictionary), append(append(good[:6:6], 1), run...), false},
		"bools":               {format.Uncompressed, dataPage(6+len(long), 8, format.RLE), append(good[:6:6], long...), false},
		"differences":         {format.Uncompressed, dataPage(6+len(total), 8, format.DeltaBinaryPacked), append(good[:6:6], total...), false},
		"prefixes":            {format.Uncompressed, dataPage(len(good), 8, format.DeltaByteArray), good, false},
		"old levels": {format.Uncompressed, &format.PageHeader{UncompressedPageSize: int32(len(good)), DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: 8, DefinitionLevelEncoding: format.BitPacked})}, good, false},
		"LZ4": {format.Lz4Raw, dataPage(len(good), 8, format.Plain), good, false},
		"second kind": {format.Gzip, &format.PageHeader{UncompressedPageSize: 100, DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: 8, DefinitionLevelsByteLength: 2})}, append([]byte{8 << 1, 1}, zipped(t, zeros)...), false},
		"levels of the second kind": {format.Uncompressed, &format.PageHeader{UncompressedPageSize: int32(len(run)), DataPageHeaderV2: thrift.New(format.DataPageHeaderV2{
			NumValues: 8, DefinitionLevelsByteLength: int32(len(run))})}, run, false},
		"dictionary": {format.Gzip, &format.PageHeader{UncompressedPageSize: 100, DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{})}, zipped(t, zeros), false},
	} {
		c := &pageCheck{codec: test.codec, optional: true}
		taken := testenv.Allocated(func() { err = c.check(test.h, test.body) })
		if (err == nil) != test.good {
			t.Errorf("%s: error %v", name, err)
		}
		if taken > 24<<20 { // zstd has a window of 8 MB
			t.Errorf("%s: %d bytes were taken", name, taken)
		}
	}
}

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		b        []byte
		width, n int64
		good     bool
	}{
		{nil, 1, 0, true},
		{[]byte{8 << 1, 1}, 1, 8, true},
		{[]byte{8 << 1}, 1, 8, false},
		{[]byte{1<<1 | 1, 0xff}, 1, 1, true}, // eight values in a group, of which one counts
		{[]byte{1<<1 | 1, 0xff}, 2, 8, false},
		{[]byte{1<<1 | 1, 0xff, 0xff}, 2, 8, true},
		{[]byte{8 << 1, 1, 2, 4 << 1, 3, 4}, 12, 12, true},
		{[]byte{0xff}, 1, 8, false},
		{binary.AppendUvarint(nil, 1<<63|1), 0, 8, false},
		{binary.AppendUvarint(nil, 1000<<1), 0, 8, false},
	} {
		if err := runs(test.b, test.width, test.n); (err == nil) != test.good {
			t.Errorf("%v of %d values of %d bits: %v", test.b, test.n, test.width, err)
		}
	}
}

// Thrift structures are measured as the library writes them, and a truncated one is
// noticed.
func TestThriftLength(t *testing.T) {
	b := fixtureBytes(t, "types.parquet")
	n := int(binary.LittleEndian.Uint32(b[len(b)-8:]))
	footer := b[len(b)-8-n : len(b)-8]
	if got, err := thriftLength(append(footer[:n:n], 1, 2, 3)); got != n || err != nil {
		t.Errorf("length %d (%v), want %d", got, err, n)
	}
	for cut := 0; cut < n; cut += 1 + n/1000 {
		if _, err := thriftLength(footer[:cut]); err == nil {
			t.Fatalf("no error for %d of %d bytes", cut, n)
		}
	}
	deep := make([]byte, 100)
	for i := range deep {
		deep[i] = 0x1c // a structure in a structure
	}
	many := append([]byte{0x19, 0xf3}, binary.AppendUvarint(nil, maxThriftItems+1)...)
	many = append(many, make([]byte, maxThriftItems+2)...)
	for name, b := range map[string][]byte{"deep": deep, "many": many, "a map": {0x1b, 0, 0}} {
		if _, err := thriftLength(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
