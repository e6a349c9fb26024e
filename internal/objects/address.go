package objects

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

// Scheme is how addresses of buckets begin.
const Scheme = "s3://"

// An address says where a bucket is:
//
//	s3://BUCKET[/PREFIX][?endpoint=HOST[:PORT]&region=REGION]
//
// The endpoint is Amazon's unless it is given here or in AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, and
// http:// in front of it leaves out encryption. The region may also come from AWS_REGION or
// AWS_DEFAULT_REGION.
type address struct {
	text           string
	bucket, prefix string // the prefix is "" or ends in a slash
	host, region   string
	secure         bool
}

func (a address) String() string { return a.text }

func parse(text string) (a address, err error) {
	fault := func(why string) (address, error) {
		return a, errors.New(why + ": write s3://BUCKET/PREFIX?endpoint=HOST:PORT")
	}
	u, err := url.Parse(text)
	if err != nil || !strings.HasPrefix(text, Scheme) || u.Host == "" {
		return fault("this is no address of a bucket") // it may have a secret in it, which is not repeated
	}
	if u.User != nil {
		return fault("keys in an address can be read by everybody on the machine, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	fields := u.Query()
	for name := range fields {
		if !slices.Contains([]string{"endpoint", "region"}, name) {
			return fault(fmt.Sprintf("%q is no field of the address of a bucket", name))
		}
	}
	a = address{text: text, bucket: u.Host}
	if prefix := strings.Trim(u.Path, "/"); prefix != "" {
		a.prefix = prefix + "/"
	}
	const amazon = "s3.amazonaws.com"
	endpoint := cmp.Or(fields.Get("endpoint"), os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), amazon)
	a.region = cmp.Or(fields.Get("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if a.region == "" && endpoint != amazon {
		a.region = "us-east-1" // what most other servers expect
	}
	a.host, a.secure = strings.CutPrefix(strings.TrimSuffix(endpoint, "/"), "http://")
	a.host, a.secure = strings.TrimPrefix(a.host, "https://"), !a.secure
	if a.host == "" || strings.ContainsAny(a.host, "/@?") {
		return fault("its endpoint is no host")
	}
	return a, nil
}
