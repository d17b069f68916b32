"""Time and memory of one training step by engine; `python -m benchmarks.derivatives --help`."""
