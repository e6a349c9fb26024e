package web

import (
	_ "embed"
	"encoding/json"
	"net/http"
)

//go:embed openapi.json
var openAPI []byte

// document describes the addresses of measurements for programs, in OpenAPI 3.1, with the names that this
// server has.
func (m *meters) document(_ http.ResponseWriter, r *http.Request) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	var doc map[string]any
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		return nil, err
	}
	names := []string{}
	for _, one := range m.list {
		names = append(names, one.Name)
	}
	parts := doc["components"].(map[string]any)["schemas"].(map[string]any)
	parts["Name"].(map[string]any)["enum"] = names
	return doc, nil
}
