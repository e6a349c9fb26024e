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
	"strconv"
	"strings"
	"unicode"

	"github.com/minio/minio-go/v7"
)

// What can go wrong, for errors.Is, beside fs.ErrNotExist.
var (
	ErrAway    = errors.New("the object storage cannot be reached")
	ErrRefused = errors.New("the object storage refuses")
	ErrOther   = errors.New("its SHA-256 is not the one on record")
)

// explain returns the error of a request with its kind, and what to do about it.
func (b *Bucket) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	advice, kind := judge(err)
	err = short{err}
	if kind == nil {
		return fmt.Errorf("%s in %s: %w", name, b, err)
	}
	return fmt.Errorf("%w: %s in %s: %w%s", kind, name, b, err, advice)
}

// A short error is another one whose text, which a server may have sent, is a line of a bearable length.
type short struct{ error }

func (s short) Unwrap() error { return s.error }

func (s short) Error() string {
	const most = 300
	text := []rune(strings.Join(strings.FieldsFunc(s.error.Error(), func(r rune) bool { return !unicode.IsPrint(r) }), " "))
	if len(text) > most {
		text = append(text[:most], '…')
	}
	return string(text)
}

// whatAnswers is what to do if what answers speaks another protocol.
const whatAnswers = "; is the endpoint right, or does a proxy or a page to log in answer in its place?"

// judge returns what the user can do about an error, and its kind, nil if it has none.
func judge(err error) (advice string, kind error) {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return judgeConnection(err)
	}
	switch code := answer.Code; {
	case code == "NoSuchKey", code == "NotFound": // other things may be missing, too
		return "", fs.ErrNotExist
	case code == "NoSuchBucket":
		return "; make the bucket first, or name another one", ErrRefused
	case slices.Contains([]string{"InvalidAccessKeyId", "XAdminUserNotFound", "SignatureDoesNotMatch", "InvalidToken"}, code):
		return "; are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the keys in ~/.aws/credentials, those of this server?", ErrRefused
	case slices.Contains([]string{"BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout"}, code):
		return "", ErrAway // it did not come as it was sent
	case code == "RequestTimeTooSkewed":
		return "; set the clock of this machine", ErrRefused
	case code == "PermanentRedirect", code == "AuthorizationHeaderMalformed":
		return "; name the bucket's region: …?region=REGION", ErrRefused
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return "; its keys must allow to list the bucket, and to read, write and remove objects", ErrRefused
	case answer.StatusCode == http.StatusInsufficientStorage, strings.Contains(code, "Quota"):
		return "; make room there", ErrRefused
	case code == "InternalError" && answer.StatusCode == 0: // of the library, which does not understand it
		return whatAnswers, ErrAway
	case answer.StatusCode >= 500, answer.StatusCode == http.StatusTooManyRequests, answer.StatusCode == http.StatusRequestTimeout:
		return "", ErrAway
	case strings.HasPrefix(code, strconv.Itoa(answer.StatusCode)+" "): // it has no code of the protocol
		return whatAnswers, ErrRefused
	}
	return "", ErrRefused
}

// judgeConnection is judge for requests without an answer of the protocol.
func judgeConnection(err error) (advice string, kind error) {
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var other strange
	switch {
	case errors.Is(err, ErrOther), errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.As(err, &certificate):
		return "; its certificate must be one that this machine trusts", ErrRefused
	case errors.Is(err, http.ErrSchemeMismatch), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "; it speaks without encryption: …?endpoint=http://HOST:PORT", ErrRefused
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("; one request may take %v", patience), ErrAway
	case errors.As(err, &other):
		return whatAnswers, ErrAway
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return "", ErrAway
	}
	return whatAnswers, ErrAway // it cannot be understood
}
