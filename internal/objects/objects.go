// Package objects keeps files in a bucket of an object storage that speaks the protocol of Amazon S3.
//
// A bucket is named by an address, which has no secrets. The keys come from the environment
// (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or from the file that Amazon's own
// programs read (~/.aws/credentials, or AWS_SHARED_CREDENTIALS_FILE; the profile AWS_PROFILE of it).
//
// Errors say whether to try again: ErrAway is one of the connection or of the server, ErrRefused is for
// people to mend, and fs.ErrNotExist means that there is no such object. Nothing is tried twice here.
//
// What answers may be no object storage, but a proxy or a page to log in, for a while or always. Then the
// error is ErrAway: nothing is taken for stored, missing or empty that is not. No answer takes more memory than the
// object that was asked for.
package objects

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// patience is how long one request may take. The largest objects here have some hundred megabytes.
const patience = 5 * time.Minute

// A Bucket is the part of a bucket whose keys begin with a prefix. Names of objects are relative to it.
// Its methods may be called from several goroutines.
type Bucket struct {
	address
	client *minio.Client
	keys   *credentials.Credentials
}

// An Object is the name of an object and its size in bytes.
type Object struct {
	Name string
	Size int64
}

// Open returns the bucket at an address. It does not ask the server.
func Open(text string) (*Bucket, error) {
	a, err := parse(text)
	if err != nil {
		return nil, err
	}
	b := &Bucket{address: a, keys: credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})}
	transport, err := minio.DefaultTransport(a.secure)
	if err == nil {
		b.client, err = minio.New(a.host, &minio.Options{Creds: b.keys, Secure: a.secure, Region: a.region, MaxRetries: 1, Transport: inspector{transport}})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return b, nil
}

// Put stores an object of a size that is known, as write writes it. It is there as a whole or not at all.
func (b *Bucket) Put(name string, size int64, write func(io.Writer) error) error {
	return b.ask(name, answered, func(ctx context.Context) error {
		content, in := io.Pipe()
		written := make(chan error, 1)
		go func() {
			err := write(in)
			_ = in.CloseWithError(err)
			written <- err
		}()
		_, err := b.client.PutObject(ctx, b.bucket, b.prefix+name, content, size, minio.PutObjectOptions{DisableMultipart: true})
		_ = content.Close() // which ends write if it has not ended
		if unread := <-written; err == nil && errors.Is(unread, io.ErrClosedPipe) {
			err = strange("it says that it has all before that was sent")
		}
		return err
	})
}

// atOnce is how many bytes of an object are kept before it is known whether they are the right ones. Tests keep fewer.
var atOnce int64 = 64 << 20

// Get returns the content of an object whose SHA-256 is known, in hexadecimal. If it has another one the error is
// ErrOther. An object that is not small is read twice: only when its digest was right is its length believed.
func (b *Bucket) Get(name, sum string) ([]byte, error) {
	size := atOnce
	for {
		content, n, err := b.read(name, sum, size)
		if err != nil || n <= size {
			return content, err
		}
		size = n
	}
}

// read reads an object whose SHA-256 is known, and returns its size, and its content if it has most bytes or less.
func (b *Bucket) read(name, sum string, most int64) (content []byte, size int64, err error) {
	err = b.open(name, math.MaxInt64, func(from io.Reader) (err error) {
		digest := sha256.New()
		from = io.TeeReader(from, digest)
		if content, err = io.ReadAll(io.LimitReader(from, most)); err == nil {
			size, err = io.Copy(io.Discard, from)
			size += int64(len(content))
		}
		if err == nil && hex.EncodeToString(digest.Sum(nil)) != sum {
			err = ErrOther
		}
		return err
	})
	return content, size, err
}

// Text returns the content of a short object.
func (b *Bucket) Text(name string) (text string, err error) {
	err = b.open(name, answered, func(from io.Reader) error {
		content, err := io.ReadAll(from)
		text = string(content)
		return err
	})
	return text, err
}

// open gives the content of an object, of most bytes, to a function.
func (b *Bucket) open(name string, most int64, read func(io.Reader) error) error {
	return b.ask(name, most, func(ctx context.Context) error {
		from, _, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.bucket, b.prefix+name, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		defer from.Close()
		return read(from)
	})
}

// Size returns the size of an object in bytes. It is taken from a list, since the answer to a question for the object
// alone would have no body, by which that of an object storage is known.
func (b *Bucket) Size(name string) (size int64, err error) {
	key := b.prefix + name
	err = b.ask(name, answered, func(ctx context.Context) error {
		for o := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: key, Recursive: true, MaxKeys: 1}) {
			if o.Err != nil || o.Key == key { // the first one in their order
				size = o.Size
				return o.Err
			}
			break
		}
		return fs.ErrNotExist
	})
	return size, err
}

// List returns the objects whose names begin with a folder, a slash behind it, in the order of their
// names, which are without it. There may be none.
func (b *Bucket) List(folder string) (list []Object, err error) {
	inside := b.prefix + folder + "/"
	err = b.ask(folder, answered, func(ctx context.Context) error {
		list = nil
		for o := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: inside, Recursive: true}) {
			if o.Err != nil {
				return o.Err
			}
			if rest, ok := strings.CutPrefix(o.Key, inside); ok {
				list = append(list, Object{rest, o.Size})
			}
		}
		return nil
	})
	return list, err
}

// Remove removes an object. One that is not there is no error.
func (b *Bucket) Remove(name string) error {
	err := b.ask(name, answered, func(ctx context.Context) error {
		return b.client.RemoveObject(ctx, b.bucket, b.prefix+name, minio.RemoveObjectOptions{})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ask makes a request about a name, with keys and with limits of time and of bytes that are answered, and explains its
// error.
func (b *Bucket) ask(name string, most int64, request func(context.Context) error) error {
	keys, err := b.keys.GetWithContext(b.client.CredContext())
	if err != nil || keys.AccessKeyID == "" {
		return fmt.Errorf("%w: there are no keys for %s: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to ~/.aws/credentials", ErrRefused, b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return b.explain(name, request(allow(ctx, most)))
}
