//! One run of a source: fetched, imported, told to the log of runs.
