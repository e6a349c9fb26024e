package foreign

import (
	"bytes"
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for head, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n": "a pointer of Git LFS",
		"\n <!DOCTYPE html><title>404</title>":                                "a web page",
		"\xef\xbb\xbf<HTML>":                                                  "a web page",
		strings.Repeat("\x00", 257) + "ustar\x00":                             "a tar archive",
		"\x89PNG\r\n\x1a\n":                                                   "a picture",
		"":                                                                    "",
		"a,b\n1,2\n":                                                          "",
		"<":                                                                   "",
	} {
		if got := Name([]byte(head)); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%.20q is %q, want %q", head, got, want)
		}
	}
}

func TestHead(t *testing.T) {
	for _, n := range []int{0, 1, Size, Size + 1} {
		head, err := Head(bytes.NewReader(make([]byte, n)))
		if err != nil || len(head) != min(n, Size) {
			t.Errorf("%d bytes of %d, error %v", len(head), n, err)
		}
	}
}
