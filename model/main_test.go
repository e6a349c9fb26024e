package model

import (
	"testing"

	"breakeven/internal/testenv"
)

func TestMain(m *testing.M) {
	testenv.OneProcessor()
	m.Run()
}
