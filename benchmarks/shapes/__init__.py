"""Shapes from scans, and closed forms: how far learned surfaces are from true ones; `python -m benchmarks.shapes`."""
