"""Jets on the CPU by compiled C: whole networks, block by block of points, inside the cache."""
