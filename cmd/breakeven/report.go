package main

import (
	"errors"

	"breakeven/internal/store"

	"github.com/spf13/cobra"
)

func (a *app) reportCommand() *cobra.Command { return &cobra.Command{Use: "report"} }

func (a *app) writeReport(*store.Store, []store.Run, string) error { return errors.New("to come") }
