package store

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"breakeven/internal/objects"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// IsAddress reports whether the name of a store is the address of one on a PostgreSQL server:
//
//	postgres://[user@]host[:port]/database[?field=value&…]
//
// The fields are those of PostgreSQL's own programs, such as service and sslmode, and two more:
// search_path names the schema that has the tables, "breakeven" if it is not given, and checkpoints is
// a folder that all machines share, or a bucket (s3://BUCKET/PREFIX?endpoint=HOST:PORT, see package objects).
// If that is not given when the store is made, the checkpoints are in the database. There is no password in an
// address: it comes from the environment (PGPASSWORD), from ~/.pgpass or from a service file.
func IsAddress(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// checkName returns an error if what names a store is the address of something else, or a file.
func checkName(name string) error {
	if scheme, _, ok := strings.Cut(name, "://"); ok && !IsAddress(name) {
		hint := ""
		if scheme+"://" == objects.Scheme {
			hint = "; only its checkpoints can be in a bucket: postgres://user@host/database?" + filesField + "=" + name
		}
		return fmt.Errorf("store %s: a store is a folder, or a database at an address that begins with postgres://%s", name, hint)
	}
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return fmt.Errorf("store %s: it is a file, and a store is a folder: name another one", name)
	}
	return nil
}

// schemaField and filesField are the fields of an address that are not PostgreSQL's own, and
// usualSchema is the schema where none is named.
const (
	schemaField, filesField = "search_path", "checkpoints"

	usualSchema = "breakeven"
)

// An address says where a store on a server is.
type address struct {
	config *pgx.ConnConfig
	schema string
	files  string // where the checkpoints are; "": as the store says
}

func parseAddress(text string) (a address, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return a, errors.New("its address is none: write postgres://user@host:port/database")
	}
	u.RawQuery = strings.ReplaceAll(u.RawQuery, "+", "%2B") // no space, as in PostgreSQL's programs
	fields := u.Query()
	if _, given := u.User.Password(); given || fields.Has("password") {
		return a, errors.New("a password in an address can be read by everybody on the machine: " +
			"leave it out, and set the environment variable PGPASSWORD or write it to the file ~/.pgpass")
	}
	a.files = fields.Get(filesField)
	if fields.Has(filesField) {
		if _, err := openDepot(a.files); err != nil {
			return a, err
		}
	}
	fields.Del(filesField)
	if fields.Get(schemaField) == "" {
		fields.Set(schemaField, usualSchema)
	}
	a.schema = fields.Get(schemaField)
	if strings.ContainsAny(a.schema, `,"`) {
		return a, fmt.Errorf("%s=%s: name one schema", schemaField, a.schema)
	}
	fields.Set(schemaField, pgx.Identifier{a.schema}.Sanitize())
	u.RawQuery = strings.ReplaceAll(fields.Encode(), "+", "%20")
	if a.config, err = pgx.ParseConfig(written(u)); err != nil {
		var fault *pgconn.ParseConfigError
		if errors.As(err, &fault) {
			fault.ConnString = withoutSecrets(text) // as it was written, without the schema from here
		}
		return a, err
	}
	if a.config.ConnectTimeout == 0 {
		a.config.ConnectTimeout = 10 * time.Second
	}
	return a, nil
}

// withoutSecrets returns an address for people to read.
func withoutSecrets(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "at an address"
	}
	fields := u.Query()
	files, err := url.Parse(fields.Get(filesField))
	if keys := err != nil || files.User != nil; keys || fields.Has("password") {
		fields.Del("password")
		if keys {
			fields.Del(filesField)
		}
		u.RawQuery = fields.Encode()
	}
	if _, given := u.User.Password(); given {
		u.User = url.User(u.User.Username())
	}
	return written(u)
}

// written returns the text of an address, with the slashes that String leaves out if nothing stands behind them.
func written(u *url.URL) string {
	if u.Host == "" && u.User == nil && u.Path == "" {
		return strings.Replace(u.String(), ":", "://", 1)
	}
	return u.String()
}
