package main

import (
	"fmt"
	"strings"
)

// A vector instruction is written as its word: Go's assembler knows few of them (of those in
// the loops of products, none: no multiply-add by one lane). The comment behind the word is the
// instruction as GNU's assembler reads it, which the tests compare.
type encoding struct {
	// format is the instruction with %d for each operand: registers, then a lane or the
	// distance of a shift. "" is that of equal arrangements, made of the name.
	format string
	base   uint32
	last   func(n int) uint32 // places an operand that is no register
}

// encodings are the vector instructions of the kernels by name and arrangement, from the
// Arm Architecture Reference Manual, C7.2.
var encodings = map[string]encoding{
	"fadd.4s":   {base: 0x4e20d400},
	"fadd.2d":   {base: 0x4e60d400},
	"fsub.4s":   {base: 0x4ea0d400},
	"fmul.4s":   {base: 0x6e20dc00},
	"fdiv.4s":   {base: 0x6e20fc00},
	"fmla.4s":   {base: 0x4e20cc00},
	"fmla.2d":   {base: 0x4e60cc00},
	"fmls.4s":   {base: 0x4ea0cc00},
	"fmax.4s":   {base: 0x4e20f400},
	"fmin.4s":   {base: 0x4ea0f400},
	"fcmgt.4s":  {base: 0x6ea0e400},
	"fcmge.4s":  {base: 0x6e20e400},
	"fcmeq.4s":  {base: 0x4e20e400},
	"fneg.4s":   {base: 0x6ea0f800},
	"fabs.4s":   {base: 0x4ea0f800},
	"frintn.4s": {base: 0x4e218800},
	"fcvtns.4s": {base: 0x4e21a800},
	"add.4s":    {base: 0x4ea08400},
	"sub.4s":    {base: 0x6ea08400},
	"smax.4s":   {base: 0x4ea06400},
	"cmeq.4s":   {base: 0x6ea08c00},
	"trn1.4s":   {base: 0x4e802800},
	"trn2.4s":   {base: 0x4e806800},
	"trn1.2d":   {base: 0x4ec02800},
	"trn2.2d":   {base: 0x4ec06800},
	"and.16b":   {base: 0x4e201c00},
	"bic.16b":   {base: 0x4e601c00},
	"orr.16b":   {base: 0x4ea01c00},
	"eor.16b":   {base: 0x6e201c00},
	"bit.16b":   {base: 0x6ea01c00}, // the bits of the second where the third has ones

	"fcmgt.4s.zero": {format: "fcmgt v%d.4s, v%d.4s, #0.0", base: 0x4ea0c800},
	"fcmlt.4s.zero": {format: "fcmlt v%d.4s, v%d.4s, #0.0", base: 0x4ea0e800},
	"fcvtl":         {format: "fcvtl v%d.2d, v%d.2s", base: 0x0e617800},
	"fcvtl2":        {format: "fcvtl2 v%d.2d, v%d.4s", base: 0x4e617800},
	"uxtl.8h":       {format: "uxtl v%d.8h, v%d.8b", base: 0x2f08a400},
	"uxtl.4s":       {format: "uxtl v%d.4s, v%d.4h", base: 0x2f10a400},
	"xtn.4h":        {format: "xtn v%d.4h, v%d.4s", base: 0x0e612800},
	"xtn.8b":        {format: "xtn v%d.8b, v%d.8h", base: 0x0e212800},
	"smaxv":         {format: "smaxv s%d, v%d.4s", base: 0x4eb0a800},
	"dup.4s":        {format: "dup v%d.4s, v%d.s[0]", base: 0x4e040400},
	"dup.4s.w":      {format: "dup v%d.4s, w%d", base: 0x4e040c00},

	"fmla.s": {format: "fmla v%d.4s, v%d.4s, v%d.s[%d]", base: 0x4f801000, last: func(lane int) uint32 { return uint32(lane&1)<<21 | uint32(lane>>1)<<11 }},
	"fmla.d": {format: "fmla v%d.2d, v%d.2d, v%d.d[%d]", base: 0x4fc01000, last: func(lane int) uint32 { return uint32(lane) << 11 }},
	"sshr":   {format: "sshr v%d.4s, v%d.4s, #%d", base: 0x4f000400, last: func(n int) uint32 { return uint32(64-n) << 16 }},
	"shl":    {format: "shl v%d.4s, v%d.4s, #%d", base: 0x4f005400, last: func(n int) uint32 { return uint32(32+n) << 16 }},
}

// encode returns the word of an instruction, and its text for GNU's assembler.
func encode(name string, operands ...int) (word uint32, text string) {
	e, ok := encodings[name]
	if !ok {
		panic("no encoding of " + name)
	}
	if e.format == "" {
		mnemonic, arrangement, _ := strings.Cut(name, ".")
		e.format = mnemonic + strings.Repeat(fmt.Sprintf(", v%%d.%s", arrangement), len(operands))
		e.format = strings.Replace(e.format, ",", "", 1)
	}
	args := make([]any, len(operands))
	word = e.base
	for i, v := range operands {
		args[i] = v
		if e.last != nil && i == len(operands)-1 {
			word |= e.last(v)
			continue
		}
		word |= uint32(v) << [3]int{0, 5, 16}[i]
	}
	return word, fmt.Sprintf(e.format, args...)
}
