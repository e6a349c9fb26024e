// Package breakeven is a tour of this module, bottom up. There is no code here:
// the program is cmd/breakeven, and every other folder is a library that stands
// on its own.
//
// Breakeven is an instrument for optimization trajectories. It trains a neural
// network and measures, along the way, what stochastic gradient descent does to
// the loss surface: its curvature (the Hessian H), the noise of its gradient
// (the covariance K), and the kernel it learns with. It finds the break-even
// point of a run: the step at which the learning rate and the batch size begin
// to decide how sharp the surface is.
//
// # Arithmetic
//
// Package [breakeven/tensor] holds float32 arithmetic: matrix products,
// convolutions, and the one place that runs work on several cores. Its kernels
// are assembly for AVX-512, AVX2 and NEON, generated and checked in, each with a twin
// in plain Go. Package [breakeven/rng] makes named streams of random numbers:
// seed and name decide a stream, and nothing else in the tree seeds anything.
//
// # Networks
//
// Package [breakeven/nn] holds operations with four rules each: value, tangent,
// adjoint, and tangent of the adjoint, and a fifth for gradients of single
// examples. From these follow products with the Hessian, the Gauss-Newton
// matrix and the Jacobian. A network is compiled once for a batch into a plan
// that owns its memory. Package [breakeven/nn/nntest] is the contract of an
// operation as a test. Package [breakeven/model] constructs the networks of
// the papers, with PyTorch's parameter names and layouts.
//
// Package [breakeven/data] reads the data sets as their authors published
// them, checks and downloads them, and puts examples in an order that is a
// value: seed and epoch decide it. Package [breakeven/data/table] reads tables
// and arrays that somebody else wrote: CSV, TSV, npz and Parquet. Package
// [breakeven/data/text] reads labelled texts and pairs of sentences, and gives
// numbers to their words, and package [breakeven/data/graph] graphs whose nodes have features and labels. Package
// [breakeven/data/folder] decodes images that lie in folders, one for each class.
//
// # Curvature
//
// Package [breakeven/spectrum] finds eigenvalues, traces and densities of any
// operator that multiplies a vector: Lanczos, stochastic Lanczos quadrature,
// Hutch++. It knows no networks. Package [breakeven/curvature] makes operators
// of a network and its data: H, G, K by minibatches and by examples, the
// tangent kernel, and Kronecker factors. This is the first waist of the module: any of the former
// works on any of the latter.
//
// Package [breakeven/hierarchy] stands apart, in float64 and with networks of its
// own: kernels of higher order, which say how the tangent kernel moves, and the
// truncated equations of that motion beside exact gradient flow. One file has kernels of
// networks of package nn.
//
// # Infinite width
//
// Package [breakeven/ntk] computes, in float64, what networks become when they
// are infinitely wide: the covariance of their outputs and the tangent kernel,
// for normal and orthogonal weights, and their training in closed form. Its
// networks are values, composed as networks are, and the same value makes a
// network of package nn of finite width.
//
// # Hidden networks
//
// Package [breakeven/trojan] joins networks that read one set of weights, each in an order that a
// key decides, and has what an audit of such a file needs.
//
// # Trajectories
//
// Package [breakeven/task] makes of a spec a learning problem: network, loss,
// metrics, and where batch k comes from. Images, texts, graphs, flights, arrays and folders are tasks; this
// is the second waist, between what is learned and what is measured.
//
// Package [breakeven/train] holds the methods, what preconditions their gradients,
// and the loop. Package
// [breakeven/probe] says what is measured, with what error and at what cost.
// Package [breakeven/trial] joins them into jobs, from a spec to records, to the
// same bits whether or not they were interrupted: one kind trains a task, another
// measures along the weights of a network that was trained elsewhere, a third follows the
// tangent hierarchy, and two compare networks of finite and of infinite width.
//
// Package [breakeven/run] is the third waist: a Spec, whose text is the
// identity of a run, a Record, what was measured at one step, and a Checkpoint. It imports
// nothing of ours. Science writes records, plumbing keeps and shows them, and
// neither knows the other.
//
// A paper is a folder under study, of pure functions: settings to specs,
// records to findings. Package [breakeven/study] says what a study is: claims
// with figure numbers, trials by scale, and an analysis that hands over sections,
// tables and figures as data. Package [breakeven/study/catalog] lists them, and
// whoever runs or shows a study finds it there. Package
// [breakeven/study/jastrzebski2020breakeven] is the first: the break-even point. Package
// [breakeven/study/huang2020hierarchy] measures the tangent hierarchy. Package
// [breakeven/study/izadi2020natural] asks what natural gradient does for graphs,
// [breakeven/study/liu2018flight] what it takes to predict aircraft, and
// [breakeven/study/guo2020trojannet] hides a network in another.
//
// # Flights
//
// Package [breakeven/flight] says what a track, a plan and a prediction are. Package
// [breakeven/flight/tracks] reads and cleans what was recorded, [breakeven/flight/geodesy] measures
// on the ellipsoid, [breakeven/flight/features] makes the numbers that a network reads,
// [breakeven/flight/baseline] predicts by simple means, and [breakeven/flight/score] compares a
// prediction with what was flown. Package [breakeven/flight/sample] has twenty real flights.
// Package [breakeven/flight/weather] reads wind, temperature and storms, from
// [breakeven/flight/weather/grib2] among others, and [breakeven/flight/match] cuts out of them
// what lies ahead of an aircraft.
// Package [breakeven/flight/filter] follows an aircraft from state to state: a Kalman filter with
// a gate, and a smoother. Package [breakeven/flight/search] finds the most likely continuations: a
// beam search over predicted mixtures with a filter for each beam. Package
// [breakeven/flight/predict] runs a trained network along these beams, and
// [breakeven/flight/learn] makes the batches that it learns from. Package [breakeven/flight/ensemble]
// is the mean of several predictions. Package [breakeven/flight/pace] corrects predictions by how
// fast earlier flights went. Package [breakeven/flight/show]
// writes predictions as CSV, GeoJSON and KML, and as a map in a page.
//
// # Plumbing
//
// Under internal: config reads configuration files, of one trial or of a sweep, and says
// where in them a fault is; store keeps runs, records, checkpoints and sweeps so that
// nothing is lost when a process is killed, and several processes share them (storetest is
// its contract); objects keeps files in object storage for it; weights reads and writes safetensors; export
// writes CSV, JSON and Parquet; plot and report draw what a study has found and
// write its page; web shows a store in browsers while its runs go on; regular opens the files that a user names, and nothing else under
// such a name; foreign says what those are that nobody here reads; numpy reads the values of NumPy's arrays; pickle reads Python's
// pickles and runs nothing of them; atomicfile writes whole files or none, and
// fault is where tests break the writing; processors says how many there are, which
// changes, and garbage how much of it may lie; digits writes numbers for people;
// archtest holds the rules of who may import whom, as a test, and testenv is what
// other tests ask of their machine. Only cmd/breakeven knows everything.
//
// # Goals and doubts
//
// Every number carries its error and says how it was made. Every fast path has
// a slow twin and a test that compares them. The same spec gives the same bits
// on the same instruction set. No C compiler, no Python and no GPU are needed.
//
// Not goals: training large networks, and being a framework. Doubts are kept
// where they belong, in the documentation of the packages and in docs/design.
package breakeven
