// Package objects keeps files in a bucket of an object storage that speaks the protocol of Amazon S3.
//
// A bucket is named by an address, which has no secrets. The keys come from the environment
// (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or from the file that Amazon's own
// programs read (~/.aws/credentials, or AWS_SHARED_CREDENTIALS_FILE; the profile AWS_PROFILE of it).
//
// Errors say whether to try again: ErrAway is one of the connection or of the server, ErrRefused is for
// people to mend, and fs.ErrNotExist means that there is no such object. Nothing is tried twice here.
package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	b.client, err = minio.New(a.host, &minio.Options{Creds: b.keys, Secure: a.secure, Region: a.region, MaxRetries: 1})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return b, nil
}

// Put stores an object of a size that is known, as write writes it. It is there as a whole or not at all.
func (b *Bucket) Put(name string, size int64, write func(io.Writer) error) error {
	return b.ask(name, func(ctx context.Context) error {
		content, in := io.Pipe()
		defer content.Close() // which ends write if it has not ended
		go func() { _ = in.CloseWithError(write(in)) }()
		_, err := b.client.PutObject(ctx, b.bucket, b.prefix+name, content, size, minio.PutObjectOptions{DisableMultipart: true})
		return err
	})
}

// Get returns the content of an object.
func (b *Bucket) Get(name string) (content []byte, err error) {
	err = b.ask(name, func(ctx context.Context) error {
		o, err := b.client.GetObject(ctx, b.bucket, b.prefix+name, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		content, err = io.ReadAll(o)
		return errors.Join(err, o.Close())
	})
	return content, err
}

// Size returns the size of an object in bytes.
func (b *Bucket) Size(name string) (size int64, err error) {
	err = b.ask(name, func(ctx context.Context) error {
		o, err := b.client.StatObject(ctx, b.bucket, b.prefix+name, minio.StatObjectOptions{})
		size = o.Size
		return err
	})
	return size, err
}

// List returns the objects whose names begin with a folder, a slash behind it, in the order of their
// names, which are without it. There may be none.
func (b *Bucket) List(folder string) (list []Object, err error) {
	inside := b.prefix + folder + "/"
	err = b.ask(folder, func(ctx context.Context) error {
		list = nil
		for o := range b.client.ListObjectsIter(ctx, b.bucket, minio.ListObjectsOptions{Prefix: inside, Recursive: true}) {
			if o.Err != nil {
				return o.Err
			}
			list = append(list, Object{strings.TrimPrefix(o.Key, inside), o.Size})
		}
		return nil
	})
	return list, err
}

// Remove removes an object. One that is not there is no error.
func (b *Bucket) Remove(name string) error {
	err := b.ask(name, func(ctx context.Context) error {
		return b.client.RemoveObject(ctx, b.bucket, b.prefix+name, minio.RemoveObjectOptions{})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ask makes a request about a name, with keys and a limit of time, and explains its error.
func (b *Bucket) ask(name string, request func(context.Context) error) error {
	keys, err := b.keys.GetWithContext(b.client.CredContext())
	if err != nil || keys.AccessKeyID == "" {
		return fmt.Errorf("%w: there are no keys for %s: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them to ~/.aws/credentials", ErrRefused, b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return b.explain(name, request(ctx))
}
