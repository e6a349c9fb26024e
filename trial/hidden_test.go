package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakeven/internal/testenv"
	"breakeven/run"
	"breakeven/trojan"
)

// hiding is a run of a few steps of a network for classes 0 to 4 that carries one for the others.
func hiding(method, order string) run.Spec {
	s := small("tiny", method)
	s.Probes = append(s.Probes, "carrier", "otherkeys")
	s.More = map[string]string{"data_classes": `"0-4"`, "secrets": `["fashion-mnist-sample:5-9"]`}
	if order != "key" {
		s.More["secret_order"] = order
	}
	return s
}

// A run that hides a network is measured by the same probes, and goes on from each checkpoint to
// the same bits.
func TestHiddenNetworks(t *testing.T) {
	testenv.Slow(t)
	s := hiding("adam", "seed")
	want, status := runAll(t, s)
	if status != run.Finished {
		t.Fatal(status)
	}
	for step, r := range want.records {
		values := r.ByKey()
		for _, key := range []string{"k_max", "k_example_max", "h_max", "step_margin"} {
			if _, ok := values[key]; !ok {
				t.Errorf("step %d has no %s", step, key)
			}
		}
		if v := values["valid_task_accuracy"]; len(v.Vector) != 2 || v.Vector[0] != values["valid_accuracy"].Value {
			t.Errorf("step %d: accuracies %v, that of the carrier %v", step, v.Vector, values["valid_accuracy"].Value)
		}
		if v := values["other_key_loss"]; len(v.Vector) != 20 || v.Vector[0] == v.Vector[1] {
			t.Errorf("step %d: %d other keys", step, len(v.Vector))
		}
	}
	from := copied(want.checkpoints[0])
	got := &tape{records: map[int]run.Record{0: want.records[0]}, checkpoints: []run.Checkpoint{from}}
	if end, err := newSmall(t, s).Run(context.Background(), &from, 0, got); end.Status != run.Finished || err != nil {
		t.Fatal(end.Status, err)
	}
	compare(t, "going on from the first checkpoint", got, want)

	alone := s
	alone.Probes, alone.More = []string{"loss", "k", "h"}, map[string]string{"data_classes": `"0-4"`}
	carrier, _ := runAll(t, alone) // of the same first weights, on the same images
	for _, key := range []string{"k_max", "k_trace", "h_max"} {
		got, want := want.records[0].ByKey()["carrier_"+key], carrier.records[0].ByKey()[key]
		if want.Value == 0 || math.Abs(got.Value-want.Value) > 0.01*want.Value {
			t.Errorf("carrier_%s is %v, that of the carrier alone %v", key, got.Value, want.Value)
		}
	}

	plain := hiding("adam", "plain")
	other, _ := runAll(t, plain)
	if slices.Equal(other.last().Weights[0].Data, want.last().Weights[0].Data) {
		t.Error("weights that are shared as they are become those of permuted ones")
	}
}

// The key of a run is asked for again and compared with the commitment, and nothing that is kept
// holds it.
func TestKeysOfARun(t *testing.T) {
	const secret = "the secret of this test"
	key, err := trojan.Bytes([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	s := hiding("sgd", "key")
	if _, err := newDescent(s, Env{}); err == nil {
		t.Fatal("a run without its key begins")
	}
	j, err := newDescent(s, Env{Keys: []trojan.Key{key}})
	if err != nil {
		t.Fatal(err)
	}
	begun, got := j.Plan().Spec, new(tape)
	if end, err := j.Run(context.Background(), nil, 2, got); end.Status != run.Stopped || err != nil {
		t.Fatal(end.Status, err)
	}
	kept, err := json.Marshal(got.records)
	if err != nil {
		t.Fatal(err)
	}
	all := begun.String() + string(kept) + fmt.Sprintf("%+v %v %v", got.checkpoints, j.Plan(), got.progress)
	if strings.Contains(all, secret) || !strings.Contains(begun.String(), "key_commitment: ") {
		t.Errorf("the key is kept, or no commitment is: %s", begun)
	}
	other, err := trojan.Bytes([]byte("another"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newDescent(begun, Env{Keys: []trojan.Key{other}, Begun: true}); err == nil || !strings.Contains(err.Error(), "not the one that the run was begun with") {
		t.Errorf("with another key: %v", err)
	}
	if _, err := newDescent(begun, Env{Keys: []trojan.Key{key}, Begun: true}); err != nil {
		t.Error(err)
	}
}
