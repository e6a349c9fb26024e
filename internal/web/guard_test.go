package web

import (
	"net/http"
	"strings"
	"testing"
)

// What cannot be answered is 4xx, in words, and nothing is changed by anything.
func TestBadRequests(t *testing.T) {
	p := serve(t, nil)
	l := p.begin(t, specWith(0.1, 32, 1), 0)
	long := strings.Repeat("x", 300)
	for path, want := range map[string]int{
		"/nothing": 404, "/runs/nothing": 404, "/runs/" + long: 400, "/runs/" + l.Run + "/records.exe": 404,
		"/runs/" + l.Run + "/figures/nothing.svg": 404, "/runs/" + l.Run + "?x=1": 400,
		"/?page=0": 400, "/?page=x": 400, "/?page=2": 404, "/?page=99999999999999999999": 400, "/?sort=nothing": 400, "/?sort=-": 200,
		"/?q=" + long: 400, "/?q=%ff": 400, "/?q=%": 400, "/?q=1&q=2": 400, "/?other=1": 400, "/?q=a;b": 400,
		"/compare": 400, "/compare?run=nothing": 404, "/compare?" + strings.Repeat("run="+l.Run+"&", 13): 400,
		"/sweeps/nothing": 404, "/sweeps/" + long: 400, "/studies/nothing": 404, "/studies/one": 400, "/studies/one?scale=large": 400, "/studies/one?scale=small": 200,
		"/events?run=nothing": 404, "/events?x=1": 400, "/?" + strings.Repeat("x", 2<<20): 431,
	} {
		if answer, body := p.get(t, path); answer.StatusCode != want {
			t.Errorf("%.60s: status %d, want %d\n%.300s", path, answer.StatusCode, want, body)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if answer, _ := p.do(t, method, "/runs/"+l.Run, ""); answer.StatusCode != 405 || answer.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, allowed %q", method, answer.StatusCode, answer.Header.Get("Allow"))
		}
	}
}

func TestHeaders(t *testing.T) {
	p := serve(t, nil)
	answer, body := p.get(t, "/")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8",
	} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if csp := answer.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if strings.Contains(body, "<style") || strings.Contains(body, " style=") || strings.Contains(body, "<script>") {
		t.Error("the page has styles or scripts that the policy forbids")
	}
	answer, _ = p.get(t, "/style.css")
	if again, _ := p.get(t, "/style.css", "If-None-Match", answer.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("the style sheet again: %d", again.StatusCode)
	}
	if answer, _ := p.get(t, "/", "Host", "elsewhere.example"); answer.StatusCode != 421 {
		t.Errorf("under another name: %d", answer.StatusCode)
	}
}

func TestToken(t *testing.T) {
	const token = "0123456789abcdef"
	p := serve(t, func(s *Site) { s.Token = token })
	l := p.begin(t, specWith(0.1, 32, 1), 0)
	for _, path := range []string{"/", "/runs/" + l.Run, "/events", "/compare", "/nothing"} {
		if answer, body := p.get(t, path); answer.StatusCode != 401 || strings.Contains(body, l.Run) {
			t.Errorf("%s without token: %d\n%s", path, answer.StatusCode, body)
		}
	}
	if answer, _ := p.get(t, "/", "Accept", "text/html"); answer.StatusCode != 303 || answer.Header.Get("Location") != "/login" {
		t.Errorf("a browser without token: %d", answer.StatusCode)
	}
	p.has(t, "/healthz", 200, "ok")
	p.has(t, "/login", 200, `type="password"`)
	if answer, _ := p.get(t, "/", "Authorization", "Bearer "+token, "Host", "cluster.example:8731"); answer.StatusCode != 200 {
		t.Errorf("with token: %d", answer.StatusCode)
	}
	for _, bad := range []string{"Bearer ", "Bearer x", "Basic " + token, token} {
		if answer, _ := p.get(t, "/", "Authorization", bad); answer.StatusCode != 401 {
			t.Errorf("with %q: %d", bad, answer.StatusCode)
		}
	}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	if answer, body := p.do(t, "POST", "/login", "token=wrong", form...); answer.StatusCode != 403 || len(answer.Cookies()) > 0 || !strings.Contains(body, "not the token") {
		t.Errorf("a wrong token: %d", answer.StatusCode)
	}
	if answer, _ := p.do(t, "POST", "/login", "token="+token, append(form, "Origin", "http://elsewhere.example", "Sec-Fetch-Site", "cross-site")...); answer.StatusCode != 403 {
		t.Errorf("the form of another page: %d", answer.StatusCode)
	}
	if answer, _ := p.do(t, "POST", "/login", "token="+strings.Repeat("x", 5000), form...); answer.StatusCode != 400 {
		t.Errorf("a huge form: %d", answer.StatusCode)
	}
	answer, _ := p.do(t, "POST", "/login", "token="+token, form...)
	cookies := answer.Cookies()
	if answer.StatusCode != 303 || len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || strings.Contains(cookies[0].Value, token) {
		t.Fatalf("the token: %d, cookies %v", answer.StatusCode, cookies)
	}
	if answer, _ := p.get(t, "/", "Cookie", cookies[0].Name+"="+cookies[0].Value); answer.StatusCode != 200 {
		t.Errorf("with the cookie: %d", answer.StatusCode)
	}
}
