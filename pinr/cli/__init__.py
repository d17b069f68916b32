"""The command line: `pinr solve problems/poisson.py`."""
