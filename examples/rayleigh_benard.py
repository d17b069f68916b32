"""Data of turbulent convection
============================

A fluid between a warm and a cold plate begins to turn over. This makes such runs, one for each seed, for
super-resolution to learn from:
`python examples/rayleigh_benard.py --Ra 1e6 --nx 256 --nz 64 --seed 2 --until 50 --out run2.h5` takes a minute or two
on one core; without arguments a small run takes a few seconds.

How far the fields are from the balance of energy, `dE/dt = ⟨w b⟩ − ε`, is computed from the file.
"""

import argparse

import matplotlib.pyplot as plt
import numpy as np

from pinr.superresolution import GridDataset, simulate, statistics

parser = argparse.ArgumentParser(description="Rayleigh–Bénard convection in two dimensions, to an HDF5 file.")
parser.add_argument("seconds", type=float, nargs="?", help="not used: a small run takes a few seconds")
parser.add_argument("--Ra", type=float, default=1e5, help="Rayleigh number")
parser.add_argument("--Pr", type=float, default=1.0, help="Prandtl number")
parser.add_argument("--nx", type=int, default=64, help="cells along the plates")
parser.add_argument("--nz", type=int, default=24, help="cells between them")
parser.add_argument("--length", type=float, default=4.0, help="period along the plates, in heights")
parser.add_argument("--until", type=float, default=30.0, help="last time, in free-fall times")
parser.add_argument("--every", type=float, default=0.25, help="time between two frames")
parser.add_argument("--seed", type=int, default=0, help="of the buoyancy at the start")
parser.add_argument("--out", default="rayleigh_benard.h5", help="the file")
chosen = vars(parser.parse_args())
path, _ = chosen.pop("out"), chosen.pop("seconds")

simulate(path, **chosen)
run = GridDataset(path, coarsen={}).fine()
found = statistics(run)
for name in ("kinetic_energy", "nusselt_volume", "nusselt_bottom", "kolmogorov_length", "integral_scale"):
    print(f"{name:18} {float(found[name][-1]):.4g}")

run["b"].isel(t=-1).plot.imshow(cmap="RdBu_r", figsize=(10, 3))
plt.savefig("rayleigh_benard.png")

power = (found["nusselt_volume"].values - 1) * (chosen["Ra"] * chosen["Pr"]) ** -0.5
change = np.gradient(found["kinetic_energy"].values, chosen["every"])
missing = (power - found["dissipation"].values - change)[1:-1]
print(f"relative L2 error: {np.linalg.norm(missing) / np.linalg.norm(power):.1e}")
