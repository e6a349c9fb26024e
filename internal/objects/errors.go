package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
)

// What can go wrong, for errors.Is, beside fs.ErrNotExist.
var (
	ErrAway    = errors.New("the object storage cannot be reached")
	ErrRefused = errors.New("the object storage refuses")
)

// explain returns the error of a request with its kind, and what to do about it.
func (b *Bucket) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	kind, advice := judge(err)
	if kind == nil {
		return fmt.Errorf("%s in %s: %w", name, b, err)
	}
	return fmt.Errorf("%w: %s in %s: %w%s", kind, name, b, err, advice)
}

// judge returns the kind of an error, nil if it has none, and what its user can do.
func judge(err error) (kind error, advice string) {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return judgeConnection(err)
	}
	switch code := answer.Code; {
	case code == "NoSuchKey":
		return fs.ErrNotExist, ""
	case code == "NoSuchBucket":
		return ErrRefused, "; make the bucket first, or name another one"
	case slices.Contains([]string{"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"}, code):
		return ErrRefused, "; are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the keys in ~/.aws/credentials, those of this server?"
	case code == "RequestTimeTooSkewed":
		return ErrRefused, "; set the clock of this machine"
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed":
		return ErrRefused, "; name the bucket's region: …?region=REGION"
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return ErrRefused, "; its keys must allow to list the bucket, and to read, write and remove objects"
	case answer.StatusCode == http.StatusNotFound:
		return fs.ErrNotExist, ""
	case answer.StatusCode == http.StatusInsufficientStorage, strings.Contains(code, "Quota"):
		return ErrRefused, "; make room there"
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusRequestTimeout:
		return ErrAway, ""
	}
	return ErrRefused, ""
}

// judgeConnection is judge for requests without an answer.
func judgeConnection(err error) (kind error, advice string) {
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case errors.As(err, &certificate):
		return ErrRefused, "; its certificate must be one that this machine trusts"
	case errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return ErrRefused, "; it speaks without encryption: …?endpoint=http://HOST:PORT"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, context.DeadlineExceeded):
		return ErrAway, ""
	}
	return nil, ""
}
