package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"strings"
	"time"
)

// policy lets pages load what this server has, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const (
	received = 10 * time.Second // for the body of a request, unless it is a checkpoint (see uploads)
	answered = time.Minute      // for an answer to be read
)

// guard sets the headers of every answer, and lets nobody in who has to show a token and does not.
func (v *server) guard(next http.Handler) http.Handler {
	next = http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		limit(w, r)
		switch {
		case v.Token == "" && !loopback(r.Host):
			// A page elsewhere whose name was pointed at this machine sees nothing.
			http.Error(w, "This server answers to localhost and 127.0.0.1 alone.", http.StatusMisdirectedRequest)
		case v.Token == "" || open[r.URL.Path] || v.admitted(r):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			h.Set("WWW-Authenticate", "Bearer")
			http.Error(w, "A token is needed: Authorization: Bearer TOKEN", http.StatusUnauthorized)
		}
	})
}

// limit gives a request its time.
func limit(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w) // not all writers have deadlines
	if r.Body != http.NoBody {           // when all has been read the connection is only watched, without a limit
		_ = out.SetReadDeadline(time.Now().Add(received))
	}
	_ = out.SetWriteDeadline(time.Now().Add(answered))
}

// open are the addresses that need no token: what the form for it consists of, and what says that the
// server lives.
var open = map[string]bool{"/login": true, "/style.css": true, "/live.js": true, "/healthz": true}

// Loopback reports whether an address, with a port or without, is reached from its own machine alone.
func Loopback(address string) bool { return loopback(address) }

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// cookie is the name of the cookie of those who have shown the token.
const cookie = "breakeven"

// admitted reports whether a request shows the token, or that it was shown before.
func (v *server) admitted(r *http.Request) bool {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return v.pass(token) == v.pass(v.Token)
	}
	c, err := r.Cookie(cookie)
	return err == nil && hmac.Equal([]byte(c.Value), []byte(v.pass(v.Token)))
}

// pass is what the cookie holds: it says that a token was known, and does not give it away.
func (v *server) pass(token string) string {
	h := hmac.New(sha256.New, []byte(v.Token))
	h.Write([]byte("pass " + token))
	return hex.EncodeToString(h.Sum(nil))
}

// login shows the form for the token.
func (v *server) login(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	return v.write(w, "login", frame{Title: "Token"}, "")
}

// enter takes the token of the form.
func (v *server) enter(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if err := r.ParseForm(); err != nil {
		return failf(http.StatusBadRequest, "The form cannot be read.")
	}
	if v.Token == "" || !hmac.Equal([]byte(v.pass(r.PostForm.Get("token"))), []byte(v.pass(v.Token))) {
		w.WriteHeader(http.StatusForbidden)
		return v.write(w, "login", frame{Title: "Token"}, "This is not the token.")
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: v.pass(v.Token), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}
