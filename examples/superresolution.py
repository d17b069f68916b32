"""Fine fields from coarse ones
============================

A network learns from one run of convection how fine fields follow from averages over 4 × 4 cells and every second
frame; what it finds is refined by the equations. Here it is shown another run: `python examples/superresolution.py
[seconds]`. Twenty minutes instead of seconds, and a run as `examples/rayleigh_benard.py` makes them, are what it is
meant for.

`fine.xdmf`, with its numbers in `fine.h5`, opens in ParaView as a series in time.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
import xarray

from pinr import superresolution
from pinr.superresolution import LocalImplicitGrid, compare, rayleigh_benard

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
RAYLEIGH, LENGTH = 2e4, 4.0

for seed, name in enumerate(("training.h5", "another.h5")):
    superresolution.simulate(
        name, Ra=RAYLEIGH, nx=32, nz=16, length=LENGTH, until=18.0, every=0.25, seed=seed, noise=0.3
    )
data = superresolution.GridDataset(
    "training.h5", fields=("p", "b", "u", "w"), coarsen={"t": 2, "z": 4, "x": 4}, select={"t": (2, None)}
)
equations = rayleigh_benard(Ra=RAYLEIGH, Pr=1)
model = superresolution.fit(data, equations, seconds=SECONDS, network=LocalImplicitGrid(width=24, depth=3))

coarse, truth = data.coarsened("another.h5"), data.fine("another.h5")
model.write("fine.xdmf", coarse, like=truth)  # some frames at a time, however many there are
fine = data.fine("fine.h5")

around = xarray.concat([coarse.assign_coords(x=coarse["x"] + shift) for shift in (-LENGTH, 0, LENGTH)], "x")
between = around.interp_like(truth, kwargs={"fill_value": "extrapolate"})
found = {"linear": between, "network": model.upsample(coarse, like=truth, refine=0), "refined": fine}
scores = {name: compare(fields, truth) for name, fields in found.items()}
print("R²          " + "".join(f"{name:>9}" for name in scores))
for quantity in ("p", "b", "u", "w", "dissipation"):
    print(f"{quantity:12}" + "".join(f"{score[quantity].r2:9.3f}" for score in scores.values()))
left = {name: superresolution.residuals(fields, Ra=RAYLEIGH, Pr=1, plates=(0, 1)) for name, fields in found.items()}
print("what is left of the equations, by their largest terms")
for equation in equations:
    print(f"{equation:12}" + "".join(f"{own[equation].attrs['relative']:9.3f}" for own in left.values()))

figure, panels = plt.subplots(4, 1, figsize=(6, 7), sharex=True, layout="constrained")
shown = {"coarse": coarse, "linear": between, "refined": fine, "truth": truth}
for panel, (name, fields) in zip(panels, shown.items(), strict=True):
    picture = fields["b"].sel(t=12.0)
    panel.pcolormesh(picture["x"], picture["z"], picture.transpose("z", "x"), cmap="RdBu_r", vmin=-0.5, vmax=0.5)
    panel.set_title(name, loc="left")
figure.savefig("superresolution.png")

errors = [score.error for score in scores["refined"].fields.values()]
print(f"relative L2 error: {np.mean(errors):.1e}")
