"""One file for every method; `table` has them all."""
