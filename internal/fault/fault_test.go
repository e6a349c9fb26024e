package fault

import (
	"errors"
	"testing"
)

func TestAt(t *testing.T) {
	if err := At("sync x"); err != nil {
		t.Errorf("without a hook: error %v", err)
	}
	broken := errors.New("broken")
	var reached []string
	Hook = func(place string) error {
		reached = append(reached, place)
		return broken
	}
	defer func() { Hook = nil }()
	if err := At("sync x"); err != broken || len(reached) != 1 || reached[0] != "sync x" {
		t.Errorf("error %v at %v", err, reached)
	}
}
