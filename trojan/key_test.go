package trojan

import (
	"fmt"
	"strings"
	"testing"
)

// No verb shows anything of a key, alone or in a structure.
func TestKeysAreNotPrinted(t *testing.T) {
	k := testKey(t, "a")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		if got := fmt.Sprintf(verb, k); got != "[key]" {
			t.Errorf("%s prints %q", verb, got)
		}
		if got := fmt.Sprintf(verb, struct{ K Key }{k}); !strings.Contains(got, "[key]") || strings.Contains(got, fmt.Sprint(k.master[0])+" ") {
			t.Errorf("%s prints %q of a structure", verb, got)
		}
	}
}

func TestEmptyKeysAreRefused(t *testing.T) {
	if _, err := Bytes(nil); err == nil {
		t.Error("a key of no bytes is taken")
	}
	if _, err := Password(""); err == nil {
		t.Error("an empty password is taken")
	}
}

// A password is stretched, so it is not the key of its bytes.
func TestPasswords(t *testing.T) {
	a, err := Password("correct horse")
	b, other := Password("correct horse")
	c := testKey(t, "correct horse")
	if err != nil || other != nil || a != b || a == c {
		t.Errorf("passwords: %v, %v, equal %v, like bytes %v", err, other, a == b, a == c)
	}
}

func TestCommitments(t *testing.T) {
	a, b := testKey(t, "a"), testKey(t, "b")
	c := Commit([]byte("salt"), a, b)
	for _, test := range []struct {
		keys []Key
		want bool
	}{{[]Key{a, b}, true}, {[]Key{b, a}, false}, {[]Key{a}, false}} {
		if got, err := c.Opens(test.keys...); got != test.want || err != nil {
			t.Errorf("%d keys: %v, %v, want %v", len(test.keys), got, err, test.want)
		}
	}
	if c == Commit([]byte("other"), a, b) {
		t.Error("another salt makes the same commitment")
	}
	if c.Check() != nil {
		t.Errorf("%v is refused", c)
	}
	for _, text := range []Commitment{"", "73616c74", "73616c74:12", "x:" + c[5:], ":" + c[9:]} {
		if _, err := text.Opens(a); err == nil {
			t.Errorf("%q is taken as a commitment", text)
		}
	}
}
