"""Error against CPU seconds of `solve(problem, seconds=…)`; `python -m benchmarks.accuracy --help`."""
