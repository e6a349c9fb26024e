package objects_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"breakeven/internal/objects"
	"breakeven/internal/objects/objectstest"
)

func open(t *testing.T, address string) *objects.Bucket {
	t.Helper()
	b, err := objects.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(b *objects.Bucket, name, text string) error {
	return b.Put(name, int64(len(text)), func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// Objects are read as they were written, under their prefix alone, and are gone when they are removed.
func TestBucket(t *testing.T) {
	s := objectstest.Start(t)
	b, other := open(t, s.Address("lab", "a/b")), open(t, s.Address("lab", ""))
	if err := errors.Join(put(b, "f/2", "two"), put(b, "f/1", "first"), put(b, "f/1", "one"), put(b, "g", strings.Repeat("x", 1<<20)), put(other, "f/9", "nine")); err != nil {
		t.Fatal(err)
	}
	if text, err := b.Get("f/1"); string(text) != "one" || err != nil {
		t.Errorf("%q, error %v", text, err)
	}
	if list, err := b.List("f"); !reflect.DeepEqual(list, []objects.Object{{Name: "1", Size: 3}, {Name: "2", Size: 3}}) || err != nil {
		t.Errorf("%v, error %v", list, err)
	}
	if list, err := b.List("none"); list != nil || err != nil {
		t.Errorf("%v, error %v", list, err)
	}
	if size, err := other.Size("a/b/g"); size != 1<<20 || err != nil {
		t.Errorf("%d bytes, error %v", size, err)
	}
	if err := errors.Join(b.Remove("g"), b.Remove("g")); err != nil {
		t.Error(err)
	}
	if _, err := b.Size("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the size of what is not there: error %v", err)
	}
	if _, err := b.Get("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: error %v", err)
	}
}

// A file that cannot be written to its end is not stored.
func TestHalfWritten(t *testing.T) {
	b := open(t, objectstest.Start(t).Address("lab", ""))
	broken := errors.New("broken")
	err := b.Put("half", 10, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, broken)
	})
	if _, found := b.Size("half"); !errors.Is(err, broken) || !errors.Is(found, fs.ErrNotExist) {
		t.Errorf("errors %v, %v", err, found)
	}
}

// Each fault has its kind and says what to do.
func TestFaults(t *testing.T) {
	s := objectstest.Start(t)
	b := open(t, s.Address("lab", ""))
	check := func(what string, err, kind error, words string) {
		t.Helper()
		if !errors.Is(err, kind) || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %v with %q", what, err, kind, words)
		}
	}
	check("no bucket", put(open(t, s.Address("none", "")), "x", "x"), objects.ErrRefused, "make the bucket first")
	s.Cut(1)
	check("cut off", put(b, "x", "x"), objects.ErrAway, "x in s3://lab")
	check("encrypted", put(open(t, strings.Replace(s.Address("lab", ""), "http:", "https:", 1)), "x", "x"), objects.ErrRefused, "endpoint=http://")
	for _, answer := range []struct {
		status      int
		code, words string
		kind        error
	}{
		{http.StatusServiceUnavailable, "SlowDown", "", objects.ErrAway},
		{http.StatusInsufficientStorage, "XMinioStorageFull", "make room", objects.ErrRefused},
		{http.StatusForbidden, "AccessDenied", "must allow", objects.ErrRefused},
		{http.StatusForbidden, "RequestTimeTooSkewed", "clock", objects.ErrRefused},
		{http.StatusBadRequest, "AuthorizationHeaderMalformed", "region=", objects.ErrRefused},
	} {
		refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, "<Error><Code>"+answer.code+"</Code></Error>")
		}))
		check(answer.code, put(open(t, "s3://lab?endpoint="+refuses.URL), "x", "x"), answer.kind, answer.words)
		refuses.Close()
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "stranger")
	check("wrong keys", put(open(t, s.Address("lab", "")), "x", "x"), objects.ErrRefused, "those of this server?")
	s.Close()
	check("away", put(open(t, s.Address("lab", "")), "x", "x"), objects.ErrAway, "cannot be reached")
}

// The keys come from the environment, or from the file of Amazon's programs, and from nowhere else.
func TestKeys(t *testing.T) {
	s := objectstest.Start(t)
	file := filepath.Join(t.TempDir(), "credentials")
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_PROFILE", "AWS_CONFIG_FILE"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	if err := put(open(t, s.Address("lab", "")), "x", "x"); !errors.Is(err, objects.ErrRefused) || !strings.Contains(err.Error(), "set AWS_ACCESS_KEY_ID") {
		t.Errorf("no keys: error %v", err)
	}
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = "+objectstest.Key+"\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := put(open(t, s.Address("lab", "")), "x", "x"); err != nil {
		t.Errorf("keys in a file: error %v", err)
	}
}

// Addresses that are none, and those with secrets in them, are refused without repeating them.
func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"s3://":                             "no address",
		"s3://lab?endpoint=a/b":             "no host",
		"s3://lab?secret=hush":              `"secret" is no field`,
		"s3://key:hush@lab":                 "can be read by everybody",
		"s3://key:hu%zzsh@lab":              "no address",
		"/shared/lab":                       "no address",
		"s3://lab?endpoint=http://u:hush@h": "no host",
	} {
		if _, err := objects.Open(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"s3://lab", "s3://lab/a/b/", "s3://lab/a?endpoint=host:9000&region=eu"} {
		if b, err := objects.Open(text); err != nil || b.String() != text {
			t.Errorf("%s: error %v", text, err)
		}
	}
}
