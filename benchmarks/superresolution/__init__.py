"""Fine convection from coarse data, by interpolation, networks and pinr; `python -m benchmarks.superresolution`."""
