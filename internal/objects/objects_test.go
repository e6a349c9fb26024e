package objects_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
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

// sum is the SHA-256 of a text.
func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// Objects are read as they were written, under their prefix alone, and are gone when they are removed.
func TestBucket(t *testing.T) { objectstest.Each(t, bucket) }

func bucket(t *testing.T, s *objectstest.Server) {
	b, other := open(t, s.Address("lab", "a/b")), open(t, s.Address("lab", ""))
	if err := errors.Join(put(b, "f/2", "two"), put(b, "f/1", "first"), put(b, "f/1", "one"), put(b, "g", strings.Repeat("x", 1<<20)), put(other, "f/9", "nine")); err != nil {
		t.Fatal(err)
	}
	if text, err := b.Get("f/1", sum("one")); string(text) != "one" || err != nil {
		t.Errorf("%q, error %v", text, err)
	}
	if text, err := b.Text("f/1"); text != "one" || err != nil {
		t.Errorf("%q, error %v", text, err)
	}
	if _, err := b.Get("f/1", sum("two")); !errors.Is(err, objects.ErrOther) || !strings.HasPrefix(err.Error(), "f/1 in s3://lab/a/b?") {
		t.Errorf("another digest: error %v", err)
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
	for _, name := range []string{"g", "f", "f/"} { // a folder is no object
		if _, err := b.Size(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the size of %s: error %v", name, err)
		}
	}
	if _, err := b.Get("g", sum("")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: error %v", err)
	}
	if _, err := b.Text("g"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the text of what is not there: error %v", err)
	}
}

// A file that cannot be written to its end is not stored.
func TestHalfWritten(t *testing.T) { objectstest.Each(t, halfWritten) }

func halfWritten(t *testing.T, s *objectstest.Server) {
	b := open(t, s.Address("lab", ""))
	broken := errors.New("broken")
	err := b.Put("half", 10, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, broken)
	})
	if _, found := b.Size("half"); !errors.Is(err, broken) || !errors.Is(found, fs.ErrNotExist) {
		t.Errorf("errors %v, %v", err, found)
	}
}

// check fails unless an error is of a kind, has certain words, and is one line without the secret.
func check(t *testing.T, what string, err, kind error, words string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), objectstest.Secret) {
		t.Errorf("%s: error %v, want %v with %q", what, err, kind, words)
	}
}

// Each fault has its kind and says what to do, and the next request is answered again.
func TestFaults(t *testing.T) { objectstest.Each(t, faults) }

func faults(t *testing.T, s *objectstest.Server) {
	b := open(t, s.Address("lab", ""))
	content := strings.Repeat("y", 100_000)
	get := func(b *objects.Bucket) error { _, err := b.Get("y", sum(content)); return err }
	if err := put(b, "y", content); err != nil {
		t.Fatal(err)
	}
	check(t, "no bucket", put(open(t, s.Address("none", "")), "x", "x"), objects.ErrRefused, "make the bucket first")
	for name, fault := range map[string]objectstest.Fault{"cut off": objectstest.Cut, "broken": objectstest.Broken} {
		s.Fail(1, fault)
		check(t, name, put(b, "x", "x"), objects.ErrAway, "x in s3://lab")
		s.Fail(1, fault)
		check(t, name, get(b), objects.ErrAway, "y in s3://lab")
	}
	s.Fail(1, objectstest.CutAnswer)
	check(t, "cut in the middle", get(b), objects.ErrAway, "y in s3://lab")
	if text, err := b.Get("y", sum(content)); string(text) != content || err != nil {
		t.Errorf("after the faults %d bytes, error %v", len(text), err)
	}
	check(t, "encrypted", put(open(t, strings.Replace(s.Address("lab", ""), "http:", "https:", 1)), "x", "x"), objects.ErrRefused, "endpoint=http://")
	t.Setenv("AWS_ACCESS_KEY_ID", "stranger")
	check(t, "wrong keys", put(open(t, s.Address("lab", "")), "x", "x"), objects.ErrRefused, "those of this server?")
	check(t, "wrong keys", get(open(t, s.Address("lab", ""))), objects.ErrRefused, "those of this server?")
	t.Setenv("AWS_ACCESS_KEY_ID", objectstest.Key)
	s.Close()
	check(t, "away", put(open(t, s.Address("lab", "")), "x", "x"), objects.ErrAway, "cannot be reached")
}

// Each answer of a server has its kind and says what to do.
func TestAnswers(t *testing.T) {
	objectstest.Start(t) // for its keys
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
		{http.StatusBadRequest, "RequestTimeout", "", objects.ErrAway},
		{http.StatusBadRequest, "BadDigest", "", objects.ErrAway},
		{http.StatusNotFound, "NoSuchKey", "", fs.ErrNotExist},
		{http.StatusNotFound, "NoSuchTenant", "", objects.ErrRefused},
	} {
		refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, "<Error><Code>"+answer.code+"</Code></Error>")
		}))
		check(t, answer.code, put(open(t, "s3://lab?endpoint="+refuses.URL), "x", "x"), answer.kind, answer.words)
		refuses.Close()
	}
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
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = "+objectstest.Key+"\naws_secret_access_key = "+objectstest.Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := put(open(t, s.Address("lab", "")), "x", "x"); err != nil {
		t.Errorf("keys in a file: error %v", err)
	}
}

// A server that checks signatures refuses another secret, and what was damaged on its way to it; that is
// stored neither as it was nor as it came.
func TestSignatures(t *testing.T) {
	s := objectstest.Gateway(t)
	b := open(t, s.Address("lab", ""))
	s.Fail(1, objectstest.DamageRequest)
	check(t, "damaged", put(b, "x", strings.Repeat("x", 100_000)), objects.ErrRefused, "signature")
	if _, err := b.Size("x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was damaged: error %v", err)
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "another")
	check(t, "another secret", put(open(t, s.Address("lab", "")), "x", "x"), objects.ErrRefused, "those of this server?")
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
