package run

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// plain matches the words that need no quotes in YAML, but for those in
// reserved.
var plain = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

var reserved = map[string]bool{"true": true, "false": true, "null": true, "yes": true, "no": true, "on": true, "off": true, "y": true, "n": true}

// format returns the canonical text of a value.
func format(v any) string {
	switch v := v.(type) {
	case string:
		return word(v)
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	case uint64:
		return strconv.FormatUint(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []string:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = word(w)
		}
		return "[" + strings.Join(words, ", ") + "]"
	case []int:
		return strings.Join(strings.Fields(fmt.Sprint(v)), ", ")
	case []float64:
		words := make([]string, len(v))
		for i, x := range v {
			words[i] = format(x)
		}
		return "[" + strings.Join(words, ", ") + "]"
	}
	panic(fmt.Sprintf("run: a field of type %T has no canonical text", v))
}

func word(s string) string {
	if plain.MatchString(s) && !reserved[s] {
		return s
	}
	return strconv.Quote(s)
}

// scan reads the canonical text of a value of the type of like.
func scan(text string, like any) (any, error) {
	v, err := scanned(text, like)
	var number *strconv.NumError
	if errors.As(err, &number) {
		err = fmt.Errorf("%s: %w", quote(text), number.Err)
	}
	return v, err
}

// quote quotes a text for a message, and cuts a long one.
func quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return strconv.Quote(s)
}

func scanned(text string, like any) (any, error) {
	switch like.(type) {
	case string:
		v, rest, err := unword(text)
		if err == nil && rest != "" {
			err = fmt.Errorf("text after the value: %s", quote(rest))
		}
		return v, err
	case int:
		return strconv.Atoi(text)
	case bool:
		return strconv.ParseBool(text)
	case uint64:
		return strconv.ParseUint(text, 10, 64)
	case float64:
		return strconv.ParseFloat(text, 64)
	case []string:
		return scanList(text)
	case []int:
		inner, err := inner(text)
		if err != nil {
			return nil, err
		}
		return numbers(inner, "whole number", strconv.Atoi)
	case []float64:
		inner, err := inner(text)
		if err != nil {
			return nil, err
		}
		return numbers(inner, "number", readFloat)
	}
	panic(fmt.Sprintf("run: a field of type %T has no canonical text", like))
}

// inner returns what stands between the brackets of a list.
func inner(text string) (string, error) {
	inner, ok := strings.CutPrefix(strings.TrimSuffix(text, "]"), "[")
	if !ok {
		return "", fmt.Errorf("a list begins with [: %s", quote(text))
	}
	return inner, nil
}

func readFloat(text string) (float64, error) { return strconv.ParseFloat(text, 64) }

// numbers reads numbers with commas between them, each by read.
func numbers[T any](text, noun string, read func(string) (T, error)) ([]T, error) {
	var list []T
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		n, err := read(word)
		if err != nil {
			return nil, fmt.Errorf("%s is no %s", quote(word), noun)
		}
		list = append(list, n)
	}
	return list, nil
}

// scanList reads "[a, b]"; an empty list reads as nil.
func scanList(text string) ([]string, error) {
	rest, ok := strings.CutPrefix(text, "[")
	if !ok {
		return nil, fmt.Errorf("a list begins with [: %s", quote(text))
	}
	var list []string
	for rest != "]" {
		w, after, err := unword(rest)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
		switch {
		case strings.HasPrefix(after, ", "):
			rest = after[2:]
		case after == "]":
			rest = after
		default:
			return nil, fmt.Errorf("a list goes on with a comma or ends with ]: %s", quote(after))
		}
	}
	return list, nil
}

// unword reads one word, quoted or plain, from the beginning of text.
func unword(text string) (value, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", "", fmt.Errorf("broken quotes: %s", quote(text))
		}
		value, err = strconv.Unquote(quoted)
		return value, text[len(quoted):], err
	}
	end := strings.IndexAny(text, ",] ")
	if end < 0 {
		end = len(text)
	}
	if !plain.MatchString(text[:end]) {
		return "", "", fmt.Errorf("%s needs quotes", quote(text[:end]))
	}
	return text[:end], text[end:], nil
}
