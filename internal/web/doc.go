// Package web serves a store of runs to browsers, for reading: the table of runs, a run with its curves
// and downloads, several runs laid over each other, sweeps, and studies.
//
// Figures and style are those of package report. What a run means, which study reads it and what its
// status is called comes from whoever makes a Site; the package meets no network and no study by name.
//
// # Laws
//
//   - Nothing is changed: no address has a state that a request alters. Those that take anything but GET are
//     the form for the token and, if the server measures for others, that which takes a checkpoint.
//   - Nothing is loaded from elsewhere, and the pages work without a script. With it they follow the runs.
//   - All watchers together cost one reading of the store in each interval, and one drawing of a page for
//     each change. None of that is done while nobody watches.
//   - What a request can ask for is bounded, and answered with 4xx beyond that; so is the time in which it must come, and
//     an answer must be read. A checkpoint lies in a file of bounded size while it is measured, a few of them at a
//     time, one is measured at a time, and when its sender goes so does the work. A checkpoint that comes slowly keeps
//     nobody else out.
//
// # Addresses
//
//	/                              the runs; q: words to look for, sort: a column ("-" in front: descending), page: from 1
//	/runs/{run}                    a run, by its ID; a name, the beginning of an ID or "last" leads there
//	/runs/{run}/records.{format}   its records as csv, json or parquet, as `export` writes them
//	/runs/{run}/figures/{name}.svg a figure
//	/compare?run=…&run=…           several runs
//	/sweeps, /sweeps/{sweep}       sweeps
//	/studies, /studies/{study}     studies; scale: one of them
//	/events                        server-sent events: "changed" if a run has (run=…: of those alone)
//	/measure                       what is measured for programs, as JSON; POST /measure/{name}: a checkpoint
//	/openapi.json                  these two, described for programs
//	/healthz                       "ok" if the store can be read
//	/metrics                       for Prometheus and OpenMetrics: runs and trials by status, last values of runs under way
package web
