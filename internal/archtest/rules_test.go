package archtest

// rooms lists which packages of this module each folder may import. The longest folder
// that holds a package decides; "x/..." means all packages under x. A folder that is
// not listed fails the test: a new room begins with its line in this table.
var rooms = map[string][]string{
	// Science. Spectrum is left of curvature, which implements its Operator, so that
	// spectrum provably knows no network.
	"tensor":              {"tensor/internal/kernel", "internal/processors"},
	"tensor/internal":     {},
	"tensor/internal/...": {"tensor/internal/..."}, // the generator of the kernels beside them
	"rng":                 {},
	"nn":                  {"rng", "tensor"},
	"nn/nntest":           {"rng", "tensor", "nn", "internal/processors", "internal/testenv"},
	"model":               {"rng", "tensor", "nn", "ntk", "onnx", "run", "internal/regular"},
	"data":                {"rng", "tensor", "internal/regular", "internal/foreign"}, // files from users
	"data/table":          {"internal/numpy", "internal/regular", "internal/foreign"},
	"data/text":           {"data", "data/table", "internal/regular", "internal/foreign"},
	"data/folder":         {"rng", "tensor", "data", "internal/regular", "internal/foreign"},
	"data/graph":          {"tensor", "data", "data/table", "internal/pickle", "internal/regular", "internal/foreign"},
	"spectrum":            {"rng", "tensor"},
	"curvature":           {"rng", "tensor", "nn", "model", "data", "spectrum"},
	"hierarchy":           {"rng", "tensor", "nn", "internal/numpy", "hierarchy/internal/ode"},
	"hierarchy/internal":  {},                      // imports nothing of this module
	"ntk":                 {"tensor", "rng", "nn"}, // float64, on gonum; its networks are infinitely wide
	"flight":              {},
	"trojan":              {"nn"},
	"onnx":                {"nn", "internal/regular"}, // files from users
	"flight/geodesy":      {"flight"},
	"flight/tracks":       {"flight", "flight/geodesy", "data/table"}, // files from users
	"flight/sample":       {"flight/tracks", "flight/weather"},
	"flight/sample/gen":   {},
	"flight/features":     {"flight", "flight/geodesy"},
	"flight/score":        {"flight", "flight/geodesy", "flight/tracks"},
	"flight/pace":         {"flight", "flight/geodesy", "flight/tracks"},
	"flight/baseline":     {"flight", "flight/geodesy", "flight/pace", "flight/score", "flight/tracks"},
	"flight/weather":      {"flight", "flight/weather/grib2", "flight/weather/netcdf", "data/table", "internal/regular", "internal/foreign"},
	"flight/weather/...":  {}, // formats of files; they know nothing of flights
	"flight/match":        {"flight", "flight/geodesy", "flight/weather", "tensor"},
	"flight/show":         {"flight", "flight/geodesy", "flight/score", "flight/weather"},
	"flight/show/gen":     {},
	"flight/learn":        {"flight", "flight/features", "flight/geodesy", "flight/match", "flight/tracks", "flight/weather", "rng", "nn", "model", "internal/regular"},
	"flight/filter":       {}, // float64
	"flight/search":       {"tensor", "flight", "flight/filter"},
	"flight/predict": {"tensor", "nn", "model", "run", "flight", "flight/geodesy", "flight/tracks", "flight/features", "flight/match", "flight/filter", "flight/search",
		"data/table"}, // files of the released network
	"flight/ensemble": {"flight", "flight/geodesy", "flight/pace", "flight/score"},
	"train":           {"rng", "tensor", "nn", "model", "data", "spectrum", "curvature", "run"},
	"probe":           {"rng", "tensor", "nn", "model", "data", "spectrum", "curvature", "train", "run"},
	"task": {"rng", "tensor", "nn", "model", "data", "data/table", "data/text", "data/graph", "data/folder", "run", "trojan", "internal/regular",
		"flight", "flight/features", "flight/learn", "flight/predict", "flight/sample", "flight/score", "flight/search", "flight/tracks", "flight/weather"},
	"trial": {"rng", "tensor", "nn", "ntk", "model", "data", "data/table", "spectrum", "curvature", "hierarchy", "trojan", "task", "train", "probe", "run",
		"internal/weights", "internal/pickle", "internal/foreign", "internal/regular", "internal/digits"},

	// The waist.
	"run": {},

	// Studies: settings to specs, records to findings. No study knows another.
	"study":         {"run", "internal/digits"}, // numbers for people
	"study/...":     {"run", "study", "internal/digits", "internal/embed"},
	"study/catalog": {"run", "study", "study/..."},

	// Plumbing.
	"internal/fault":      {},
	"internal/atomicfile": {"internal/fault"},
	"internal/regular":    {},
	"internal/foreign":    {},
	"internal/digits":     {},
	"internal/embed":      {"rng"},
	"internal/numpy":      {},
	"internal/pickle":     {"internal/numpy", "internal/regular"},
	"internal/weights":    {"run", "internal/atomicfile", "internal/regular", "internal/foreign", "internal/pickle"},
	"internal/config":     {"run", "rng"},
	"internal/objects":    {},
	"internal/store":      {"run", "internal/objects", "internal/weights", "internal/atomicfile", "internal/fault", "internal/regular"},
	"internal/export":     {"run", "internal/weights", "internal/atomicfile"},
	"internal/plot":       {"internal/digits"},
	"internal/report":     {"run", "study", "internal/plot", "internal/atomicfile", "internal/digits"},                  // draws the findings of any study
	"internal/metrics":    {"run", "internal/store"},                                                                    // for programs that watch
	"internal/web":        {"run", "study", "internal/store", "internal/report", "internal/export", "internal/metrics"}, // pages of a store
	"internal/worker":     {"run", "internal/store"},
	"internal/archtest":   {},
	"internal/processors": {},
	"internal/garbage":    {},
	"internal/testenv":    {"internal/processors"}, // for tests
	"internal/golden":     {},                      // tests only: the whole engine against reference values

	// The contract of a store, for tests.
	"internal/store/storetest": {"run", "internal/store"},
	// A database server, an object storage, and a browser, for tests.
	"internal/store/servertest":    {},
	"internal/objects/objectstest": {},
	"internal/browsertest":         {},

	// The root is documentation.
	".": {},

	// The race against other programs, which is not part of the product.
	"bench/units":   {},
	"bench/compare": {"internal/garbage", "bench/units", "rng", "tensor", "nn", "ntk", "model", "data", "data/text", "data/graph", "flight/learn", "flight/match", "flight/sample", "run", "spectrum", "curvature", "hierarchy", "trojan", "train", "probe"},
	"bench/queue":   {"bench/units", "rng", "run", "internal/store", "internal/store/servertest"},
	"bench/growth":  {"bench/units", "rng", "tensor", "nn", "ntk", "model", "run", "curvature"},

	// The only place that imports everything.
	"cmd/breakeven": {"..."},
}

// alone are the files, by name or pattern, which alone import another room in theirs.
var alone = map[string]map[string]string{
	"ntk":       {"nn": "ntk/finite*.go"},
	"hierarchy": {"nn": "hierarchy/finite.go"},
}

// science are the rooms of pure computation.
var science = []string{"tensor", "rng", "nn", "model", "data", "curvature", "spectrum", "ntk", "hierarchy", "flight", "onnx"}

// forbidden are packages of the standard library that the rooms of science do
// not use: no logger, no context (what takes time is handed its Err), no database,
// no network.
var forbidden = []string{"log", "log/slog", "context", "database/sql", "database/sql/driver", "net", "net/http"}

// excused are files that are exempt from a rule, with the reason.
var excused = map[string]string{
	"data/fetch.go":                      "downloads the public data sets",
	"data/answer.go":                     "judges what a server answers to that",
	"data/files.go":                      "downloads the files of sets that are not images",
	"tensor/internal/kernel/gen/main.go": "a program that writes the kernels, not part of ours",
}

// libraries lists which folders may import which external library, by the beginning of
// its path. A library that is not listed fails the test.
var libraries = map[string][]string{
	"codeberg.org/go-fonts":               {"internal/plot"},
	"github.com/goccy/go-yaml":            {"internal/config"},
	"github.com/jackc/pgx":                {"internal/store", "internal/store/servertest"}, // PostgreSQL, the store of many machines
	"github.com/klauspost/compress":       {"data/table"},                                  // compressed pages of Parquet
	"github.com/mattn/go-isatty":          {"cmd/breakeven"},
	"github.com/minio/minio-go":           {"internal/objects"}, // signed requests to object storage, and its many errors
	"github.com/mmcloughlin/avo":          {"tensor/internal/kernel/gen"},
	"github.com/nlpodyssey":               {}, // the second reader of safetensors, in tests
	"github.com/parquet-go":               {"internal/export", "data/table"},
	"github.com/pressly/goose":            {"internal/store"},
	"github.com/prometheus/client_golang": {"cmd/breakeven", "internal/metrics", "internal/web"}, // what is told Prometheus
	"github.com/sbinet/npyio":             {"."},                                                 // in tests, by the rule below; reads reference arrays
	"github.com/spf13":                    {"cmd/breakeven"},
	"github.com/vbauerster/mpb":           {"cmd/breakeven"},
	"golang.org/x/crypto":                 {"trojan"},                               // argon2id and ChaCha20, which the standard library lacks
	"golang.org/x/image":                  {"internal/plot", "data", "data/folder"}, // faces of fonts; resampling of pictures
	"golang.org/x/net":                    {"cmd/breakeven"},                        // a limit of connections
	"golang.org/x/sys":                    {"."},                                    // processors, locks, memory
	"golang.org/x/term":                   {"cmd/breakeven"},
	"golang.org/x/text":                   {"data/text"}, // characters without their accents
	"gonum.org/v1/gonum":                  {"."},         // small dense linear algebra and statistics
	"gonum.org/v1/plot":                   {"internal/plot"},
	"google.golang.org/protobuf":          {"internal/export", "onnx"}, // the encoding of TensorBoard's events, and of ONNX
	"modernc.org/sqlite":                  {"internal/store"},
	"github.com/google/go-cmp":            {},
	"github.com/johannesboyne/gofakes3":   {"internal/objects/objectstest"}, // an object storage for tests
	"github.com/rogpeppe/go-internal":     {},
	"github.com/chromedp":                 {"internal/browsertest"}, // a browser for tests
	"pgregory.net/rapid":                  {},
}

// testOnly are libraries that no program contains.
var testOnly = []string{"github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "pgregory.net/rapid", "github.com/sbinet/npyio", "github.com/nlpodyssey"}

// randomness are packages that only rng uses to seed anything. Of math/rand/v2
// others may name the types, so that a stream can be handed to them.
var (
	randomness  = []string{"math/rand", "math/rand/v2", "crypto/rand"}
	randomTypes = []string{"Rand", "Source", "New"} // New wraps an existing source
)

// counting are the folders that may ask how many processors there are. The answer
// changes while a program runs.
var counting = []string{"internal/processors", "internal/testenv", "nn/nntest", "bench"}

// No file may import these.
var banned = map[string]string{
	"C":      "the program builds without a C compiler",
	"plugin": "the program is one file",
}
