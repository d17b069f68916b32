"""Figures of solutions: lines, images and snapshots by the number of dimensions, with matplotlib's own objects."""
