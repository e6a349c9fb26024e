package task

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"breakeven/data"
	"breakeven/nn"
	"breakeven/run"
	"breakeven/trojan"
)

// The fields of images that hide networks in the weights of another.
var (
	classes = run.Field{Name: "data_classes", Default: "", Check: checkClasses,
		Doc: "of the data set that are classified, from one to another, such as 0-4; default: all"}
	secrets = run.Field{Name: "secrets", Default: []string(nil), Check: checkSecrets,
		Doc: "data sets of networks hidden in the weights, with classes such as cifar10:0-4 (Guo et al. 2020); the network of data carries them"}
	secretOrder = run.Field{Name: "secret_order", Default: "key", Choices: []string{"key", "seed", "plain"}, Check: checkOrder,
		Doc: "in which secret networks read the weights: key: that of your key; seed: of the run's seed, which hides nothing; plain: as they are, a control"}
	keyCommitment = run.Field{Name: "key_commitment", Default: "", Derived: true,
		Doc: "salted commitment to the keys of secret networks"}
)

func checkClasses(f run.Field, s run.Spec, _ run.Known) string {
	if _, err := parsePart(s.Data, f.Word(s)); err != nil {
		return err.Error()
	}
	return ""
}

func checkSecrets(f run.Field, s run.Spec, _ run.Known) string {
	for _, word := range f.Value(s).([]string) {
		if _, err := parseWord(word); err != nil {
			return err.Error()
		}
	}
	if len(f.Value(s).([]string)) > 0 && len(mean.Floats(s)) > 0 {
		return "each data set has means of its own; leave mean and std out"
	}
	return ""
}

func checkOrder(f run.Field, s run.Spec, _ run.Known) string {
	if len(Secrets(s)) == 0 && !f.IsDefault(f.Value(s)) {
		return "means nothing without secrets; leave it out"
	}
	return ""
}

// Secrets returns the data of the secret networks of a spec.
func Secrets(s run.Spec) []string {
	if s.Check([]run.Field{secrets}) != nil {
		return nil
	}
	return secrets.Value(s).([]string)
}

// Keyed reports whether a spec needs keys of its user.
func Keyed(s run.Spec) bool {
	return len(Secrets(s)) > 0 && secretOrder.Word(s) == secretOrder.Default
}

// A dataPart is some classes of a data set: those from first to last.
type dataPart struct {
	info        data.Info
	first, last int
}

// parsePart reads a part: the name of a set, and "" for all of its classes or a range such as 5-9.
func parsePart(name, classes string) (dataPart, error) {
	in, err := data.Lookup(name)
	if err != nil {
		return dataPart{}, errors.New(strings.TrimPrefix(err.Error(), "data: "))
	}
	p := dataPart{in, 0, in.Classes - 1}
	if classes == "" {
		return p, nil
	}
	from, to, ok := strings.Cut(classes, "-")
	first, err := strconv.Atoi(from)
	last, other := strconv.Atoi(to)
	if !ok || err != nil || other != nil || first < 0 || last <= first || last >= in.Classes {
		return dataPart{}, fmt.Errorf("classes %q of %s: give two or more from 0 to %d, such as 0-%d", classes, name, in.Classes-1, min(4, in.Classes-1))
	}
	p.first, p.last = first, last
	return p, nil
}

// parseWord reads a part as one of secrets.
func parseWord(word string) (dataPart, error) {
	name, classes, _ := strings.Cut(word, ":")
	return parsePart(name, classes)
}

// shape returns the network's input.
func (p dataPart) shape() nn.Input {
	return nn.Input{Shape: nn.Shape{C: p.info.Shape[0], H: p.info.Shape[1], W: p.info.Shape[2]}}
}

// classes returns how many there are.
func (p dataPart) classes() int { return p.last - p.first + 1 }

// whole reports whether the part is the whole set.
func (p dataPart) whole() bool { return p.classes() == p.info.Classes }

// A KeyError says that keys are missing, or are not those that a run was begun with.
type KeyError struct {
	Missing bool
	msg     string
}

func (e *KeyError) Error() string {
	if e.msg == "" {
		return "data: secret networks need a key"
	}
	return "data: " + e.msg
}

// order returns the order in which the networks of a spec read the weights, and the commitment to
// the keys.
func order(s run.Spec, keys []trojan.Key) (trojan.Order, trojan.Commitment, error) {
	n := len(Secrets(s))
	switch secretOrder.Word(s) {
	case "plain":
		return trojan.Plain, "", nil
	case "seed":
		k, err := SeedKey(s)
		return trojan.Keyed(k), "", err
	}
	begun := trojan.Commitment(keyCommitment.Word(s))
	switch {
	case len(keys) == 0:
		return nil, "", &KeyError{true, fmt.Sprintf("the %d secret networks need a key", n)}
	case len(keys) != 1 && len(keys) != n:
		return nil, "", &KeyError{false, fmt.Sprintf("%d keys for %d secret networks: give one for all, or one for each", len(keys), n)}
	}
	c := trojan.Commit(salt(s), keys...)
	if begun != "" && begun != c {
		return nil, "", &KeyError{false, "the key is not the one that the run was begun with: its commitment is another"}
	}
	return trojan.Keyed(keys...), c, nil
}

// salt returns the salt of the commitment of a spec: what it says of networks and data, so that
// the same spec has the same commitment.
func salt(s run.Spec) []byte {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{s.Data, classes.Word(s), s.Model, fmt.Sprint(s.Seed)}, Secrets(s)...), "\n")))
	return sum[:16]
}

// SeedKey returns the public key of the order of the seed.
func SeedKey(s run.Spec) (trojan.Key, error) { return publicKey(s.Seed, "order") }

// BySeed reports whether the order of the secret networks of a spec is that of its seed.
func BySeed(s run.Spec) bool { return secretOrder.Word(s) == "seed" }

// publicKey returns a key that everybody can make of the seed of a run and a name.
func publicKey(seed uint64, name string) (trojan.Key, error) {
	return trojan.Bytes(fmt.Appendf(nil, "public/%d/%s", seed, name))
}
