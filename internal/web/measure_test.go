package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"breakeven/run"
)

// A fake measures what its checkpoint says: "wait" until the request is given up, "unfit", "broken", or
// anything else.
type fake struct{ begun, ended chan struct{} }

func (f fake) measure(ctx context.Context, file io.ReaderAt, size int64, step int, lr float64) (run.Record, []string, error) {
	b := make([]byte, size)
	if _, err := file.ReadAt(b, 0); err != nil {
		return run.Record{}, nil, err
	}
	switch string(b) {
	case "wait":
		f.begun <- struct{}{}
		<-ctx.Done()
		f.ended <- struct{}{}
		return run.Record{}, nil, ctx.Err()
	case "unfit":
		return run.Record{}, nil, Unfit{"missing: fc.weight [10, 2]"}
	case "broken":
		return run.Record{}, nil, errors.New("no such thing")
	}
	return run.Record{Step: step, Omitted: []run.Omission{{Key: "noise_scale", Why: "the gradient is 0"}}, Values: []run.Value{
		{Key: "h_max", Unit: "nat", Value: lr, Error: 0.5, Sample: 0.25, How: run.How{Probe: "h"}},
		{Key: "layer_h_max", Value: 2, Vector: []float64{math.NaN(), 2}, Names: []string{"a", "b"}, Errors: []float64{math.NaN(), 1}},
	}}, []string{string(b)}, nil
}

func meter(t *testing.T, token string) (place, fake) {
	t.Helper()
	f := fake{make(chan struct{}), make(chan struct{}, 8)}
	return serve(t, func(s *Site) {
		s.Token = token
		s.Measurements = []Measurement{{"mlp", "mlp on flowers: h", 100, f.measure}, {"other", "", 100, f.measure}}
	}), f
}

// The answers of measurements, and of what cannot be measured, are those of the document that is served.
func TestMeasurements(t *testing.T) {
	p, _ := meter(t, "")
	d := documentOf(t, p)
	for _, c := range []struct {
		method, path, body string
		code               int
		text               string
	}{
		{"GET", "/measure", "", 200, `{"name":"mlp","about":"mlp on flowers: h","largest":100}`},
		{"GET", "/measure?x=1", "", 400, "no parameter"},
		{"GET", "/openapi.json", "", 200, `"enum":["mlp","other"]`},
		{"GET", "/openapi.json?x=1", "", 400, "no parameter"},
		{"POST", "/measure/mlp?step=7&lr=0.25", "ten", 200, `"step":7`},
		{"POST", "/measure/mlp", "ten", 200, `"notes":["ten"]`},
		{"POST", "/measure/nothing", "ten", 404, "there are mlp, other"},
		{"POST", "/measure/mlp?step=-1", "ten", 400, "step must be a whole number from 0"},
		{"POST", "/measure/mlp?lr=0", "ten", 400, "lr must be a number above 0"},
		{"POST", "/measure/mlp?lr=NaN", "ten", 400, "lr must be a number above 0"},
		{"POST", "/measure/mlp?probe=h", "ten", 400, "no parameter"},
		{"POST", "/measure/mlp", "", 400, "no body"},
		{"POST", "/measure/mlp", strings.Repeat("x", 100), 200, "xxx"},
		{"POST", "/measure/mlp", strings.Repeat("x", 101), 413, "at most 100 bytes"},
		{"POST", "/measure/mlp", "unfit", 422, "missing: fc.weight"},
		{"POST", "/measure/mlp", "broken", 500, "no such thing"},
	} {
		answer, body := p.do(t, c.method, c.path, c.body)
		if answer.StatusCode != c.code || !strings.Contains(body, c.text) || answer.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, answer.StatusCode, body, c.code, c.text)
		}
		path, _, _ := strings.Cut(c.path, "?")
		if strings.HasPrefix(path, "/measure/") {
			path = "/measure/{name}"
		}
		d.describes(t, strings.ToLower(c.method), path, answer.StatusCode, body)
	}
	// Without the length of the body, which is only found to be too large.
	request, _ := http.NewRequest("POST", p.url+"/measure/mlp", io.MultiReader(strings.NewReader(strings.Repeat("x", 101))))
	if answer, err := http.DefaultClient.Do(request); err != nil || answer.StatusCode != 413 {
		t.Errorf("a long body of no known length: %v, %v", answer, err)
	}
	// A body that breaks off is no fault of the server.
	request, _ = http.NewRequest("POST", p.url+"/measure/mlp", io.MultiReader(strings.NewReader("half"), broken{}))
	if _, err := http.DefaultClient.Do(request); err == nil {
		t.Error("half a body has an answer")
	}
	if answer := raw(t, p, "POST /measure/mlp HTTP/1.1\r\nHost: "+strings.TrimPrefix(p.url, "http://")+"\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"); !strings.Contains(answer, " 400 ") {
		t.Errorf("a malformed body: %s", answer)
	}
	for _, code := range []int{http.StatusRequestTimeout, http.StatusServiceUnavailable} { // see TestSlowUploads and TestBriskStay
		d.describes(t, "post", "/measure/{name}", code, `{"error": "slow, or too many"}`)
	}
	// Addresses and methods of the document are those of the handlers.
	var described []string
	for path, methods := range d.at("paths") {
		for method := range methods.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	have := slices.Sorted(maps.Keys(newMeters(context.Background(), nil, nil).handlers()))
	if slices.Sort(described); !slices.Equal(described, have) {
		t.Errorf("described: %q, answered: %q", described, have)
	}
}

// A program that sends a whole checkpoint before it reads the answer gets one.
func TestMeasurementsDrained(t *testing.T) {
	const largest = 8 << 20
	p := serve(t, func(s *Site) { s.Measurements = []Measurement{{"mlp", "", largest, fake{}.measure}} })
	for _, path := range []string{"/measure/nothing", "/measure/mlp?step=-1"} {
		if answer, body := p.do(t, "POST", path, strings.Repeat("x", largest)); answer.StatusCode/100 != 4 {
			t.Errorf("%s: %d %s", path, answer.StatusCode, body)
		}
	}
}

// broken is a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

// raw sends a request as it is, and returns how the answer begins.
func raw(t *testing.T, p place, request string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// Pages of other origins, other names of this machine and those without the token are kept out; without
// measurements there are no such addresses.
func TestMeasurementsGuarded(t *testing.T) {
	p, _ := meter(t, "")
	for header, want := range map[string]int{"Origin: https://elsewhere.example": 403, "Sec-Fetch-Site: cross-site": 403, "Host: elsewhere.example": 421} {
		name, value, _ := strings.Cut(header, ": ")
		if answer, _ := p.do(t, "POST", "/measure/mlp", "ten", name, value); answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", header, answer.StatusCode, want)
		}
	}
	const token = "0123456789abcdef"
	p, _ = meter(t, token)
	if answer, _ := p.do(t, "POST", "/measure/mlp", "ten"); answer.StatusCode != 401 {
		t.Errorf("without the token: %d", answer.StatusCode)
	}
	if answer, _ := p.do(t, "POST", "/measure/mlp", "ten", "Authorization", "Bearer "+token); answer.StatusCode != 200 {
		t.Errorf("with the token: %d", answer.StatusCode)
	}
	p = serve(t, nil)
	for _, path := range []string{"/measure", "/openapi.json"} {
		if answer, _ := p.get(t, path); answer.StatusCode != 404 {
			t.Errorf("%s without measurements: %d", path, answer.StatusCode)
		}
	}
}

// One checkpoint is measured at a time and few wait; a request that is given up ends its measurement, and
// the next one begins.
func TestMeasurementsBounded(t *testing.T) {
	p, f := meter(t, "")
	var cancels []func()
	gone := make(chan error, maxWaiting)
	send := func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancels = append(cancels, cancel)
		request, _ := http.NewRequestWithContext(ctx, "POST", p.url+"/measure/mlp", strings.NewReader("wait"))
		go func() {
			_, err := http.DefaultClient.Do(request)
			gone <- err
		}()
	}
	// Each measures when the one before has been given up. Meanwhile one more fills a place, at most.
	send()
	for range 3 {
		<-f.begun
		send()
		cancels[0]()
		cancels = cancels[1:]
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
		<-f.ended
	}
	<-f.begun
	cancels[0]()
	<-f.ended
	<-gone

	// With all places taken the next one is refused at once.
	m := newMeters(context.Background(), []Measurement{{"mlp", "", 100, f.measure}}, nil)
	for range maxWaiting {
		m.places <- struct{}{}
	}
	request, _ := http.NewRequest("POST", "/measure/mlp", strings.NewReader("ten"))
	request.SetPathValue("name", "mlp")
	var fail failure
	if _, err := m.measure(nil, request); !errors.As(err, &fail) || fail.code != 503 {
		t.Errorf("all places taken: %v", err)
	}
}

// A document is an OpenAPI document.
type document map[string]any

func documentOf(t *testing.T, p place) document {
	t.Helper()
	_, body := p.get(t, "/openapi.json")
	var d document
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// at returns an object of the document.
func (d document) at(path ...string) map[string]any {
	part := map[string]any(d)
	for _, name := range path {
		part, _ = part[name].(map[string]any)
	}
	return part
}

// resolved follows a reference.
func (d document) resolved(part map[string]any) map[string]any {
	if ref, ok := part["$ref"].(string); ok {
		return d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return part
}

// describes checks an answer against what the document says of it.
func (d document) describes(t *testing.T, method, path string, code int, body string) {
	t.Helper()
	answer := d.resolved(d.at("paths", path, method, "responses", fmt.Sprint(code)))
	content, _ := answer["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	schema, ok := media["schema"].(map[string]any)
	if !ok {
		t.Errorf("%s %s: no answer %d is described", method, path, code)
		return
	}
	var value any
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatal(err)
	}
	if err := d.fits(schema, value); err != nil {
		t.Errorf("%s %s: %d: %v", method, path, code, err)
	}
}

// fits checks a value against a schema: type, enum, required, properties, additionalProperties, items.
func (d document) fits(schema map[string]any, value any) error {
	schema = d.resolved(schema)
	types, _ := schema["type"].([]any)
	if one, ok := schema["type"]; ok && types == nil {
		types = []any{one}
	}
	_, isObject := value.(map[string]any)
	_, isList := value.([]any)
	_, isText := value.(string)
	x, isNumber := value.(float64)
	is := map[any]bool{"object": isObject, "array": isList, "string": isText, "number": isNumber, "integer": isNumber && x == math.Trunc(x)}
	if !slices.ContainsFunc(types, func(t any) bool { return is[t] }) {
		return fmt.Errorf("%v is none of %v", value, types)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		return fmt.Errorf("%v is none of %v", value, enum)
	}
	for _, name := range listOf(schema["required"]) {
		if _, ok := value.(map[string]any)[name.(string)]; !ok {
			return fmt.Errorf("%v is missing in %v", name, value)
		}
	}
	if isObject {
		for name, v := range value.(map[string]any) {
			properties, _ := schema["properties"].(map[string]any)
			part, ok := properties[name].(map[string]any)
			if !ok {
				switch more := schema["additionalProperties"].(type) {
				case bool:
					return fmt.Errorf("%s is not described", name)
				case map[string]any:
					part = more
				default:
					continue
				}
			}
			if err := d.fits(part, v); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for _, v := range listOf(value) {
		if err := d.fits(schema["items"].(map[string]any), v); err != nil {
			return err
		}
	}
	return nil
}

func listOf(v any) []any {
	list, _ := v.([]any)
	return list
}
