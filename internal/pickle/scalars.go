package pickle

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDigits bounds an integer in decimal, whose reading takes more than its length.
const maxDigits = 4300

// decimal reads a line that is the number of a value.
func (m *machine) decimal() (uint64, error) {
	line, err := m.line()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(line, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("damaged: %s is no number of a value", label(line))
	}
	return n, nil
}

// decimalInt reads an int of protocol 0. 00 and 01 are its bools.
func decimalInt(m *machine) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	switch line {
	case "00":
		return m.push(false)
	case "01":
		return m.push(true)
	}
	return m.pushDecimal(line)
}

// decimalLong reads a long of Python 2, which ends in L.
func decimalLong(m *machine) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	return m.pushDecimal(strings.TrimSuffix(line, "L"))
}

func (m *machine) pushDecimal(s string) error {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return m.push(i)
	}
	if len(s) > maxDigits {
		return fmt.Errorf("an integer of more than %d digits", maxDigits)
	}
	i, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return fmt.Errorf("damaged: %s is no integer", label(s))
	}
	return m.push(i)
}

// long pushes an integer of any length, little-endian and signed.
func (m *machine) long(b []byte, err error) error {
	if err != nil {
		return err
	}
	if len(b) <= 8 {
		var full [8]byte
		copy(full[:], b)
		shift := 64 - 8*len(b)
		return m.push(int64(binary.LittleEndian.Uint64(full[:])<<shift) >> shift)
	}
	reversed := make([]byte, len(b))
	for i, x := range b {
		reversed[len(b)-1-i] = x
	}
	i := new(big.Int).SetBytes(reversed)
	if b[len(b)-1] >= 0x80 {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if i.IsInt64() {
		return m.push(i.Int64())
	}
	return m.push(i)
}

func decimalFloat(m *machine) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	f, err := strconv.ParseFloat(line, 64)
	if err != nil && !math.IsInf(f, 0) {
		return fmt.Errorf("damaged: %s is no float", label(line))
	}
	return m.push(f)
}

func binaryFloat(m *machine) error {
	b, err := m.take(8)
	if err != nil {
		return err
	}
	return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
}

// text pushes a str. A half of a surrogate pair, which Python lets pass, is no
// text here.
func (m *machine) text(b []byte, err error) error {
	if err != nil {
		return err
	}
	if !utf8.Valid(b) {
		return fmt.Errorf("damaged: %s is not UTF-8", label(string(b)))
	}
	return m.push(string(b))
}

// quotedOld reads a str of Python 2 in protocol 0: as Python writes it in a
// program.
func quotedOld(m *machine) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	line = strings.TrimRight(line, " \r")
	n := len(line)
	if n < 2 || line[0] != line[n-1] || line[0] != '\'' && line[0] != '"' {
		return errors.New("damaged: a text without its quotes")
	}
	s, err := unescape(line[1 : n-1])
	if err != nil {
		return err
	}
	return m.push(Old(s))
}

// simple are the escapes of one letter.
var simple = map[byte]string{
	'\\': "\\", '\'': "'", '"': `"`, 'n': "\n", 'r': "\r", 't': "\t", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '\n': "",
}

// unescape reads the backslashes of a str of Python 2.
func unescape(s string) (string, error) {
	var out strings.Builder
	for s != "" {
		if s[0] != '\\' {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		if len(s) == 1 {
			return "", errors.New("damaged: a text that ends in a backslash")
		}
		if plain, ok := simple[s[1]]; ok {
			out.WriteString(plain)
			s = s[2:]
			continue
		}
		digits, base, from := 0, 8, 1
		if s[1] == 'x' {
			base, from, digits = 16, 2, 2
		} else {
			for digits < 3 && from+digits < len(s) && s[from+digits] >= '0' && s[from+digits] <= '7' {
				digits++
			}
		}
		if digits == 0 || from+digits > len(s) {
			out.WriteByte('\\') // as Python, which lets an unknown one stand
			s = s[1:]
			continue
		}
		x, err := strconv.ParseUint(s[from:from+digits], base, 9)
		if err != nil {
			return "", fmt.Errorf("damaged: %s in a text", label(s[:from+digits]))
		}
		out.WriteByte(byte(x))
		s = s[from+digits:]
	}
	return out.String(), nil
}

// escapedText reads a str in protocol 0: Latin-1, and \u for what is not in it.
func escapedText(m *machine) error {
	line, err := m.line()
	if err != nil {
		return err
	}
	var units []rune
	for i := 0; i < len(line); {
		digits := 0
		if line[i] == '\\' && i+1 < len(line) {
			digits = map[byte]int{'u': 4, 'U': 8}[line[i+1]]
		}
		if digits == 0 {
			units = append(units, rune(line[i]))
			i++
			continue
		}
		end := min(i+2+digits, len(line))
		x, err := strconv.ParseUint(line[i+2:end], 16, 32)
		if err != nil || end != i+2+digits || x > utf8.MaxRune {
			return fmt.Errorf("damaged: %s in a text", label(line[i:end]))
		}
		// A letter beyond 16 bits may be written as two.
		if r := rune(x); len(units) > 0 && utf16.IsSurrogate(r) && utf16.DecodeRune(units[len(units)-1], r) != utf8.RuneError {
			units[len(units)-1] = utf16.DecodeRune(units[len(units)-1], r)
		} else {
			units = append(units, r)
		}
		i = end
	}
	for _, r := range units {
		if !utf8.ValidRune(r) {
			return errors.New("damaged: half of a letter in a text")
		}
	}
	return m.push(string(units))
}
