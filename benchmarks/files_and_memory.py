"""Malformed files, each read in a process of its own: its error, and the memory that reading took; then 512³ cells.

    python -m benchmarks.files_and_memory [--save]

The files are truncated, of another byte order than they say, without faces, full of NaN, of numbers out of range, of
another format than their suffix, or announce up to 10¹² elements. Goals: one `FileFormatError` or `GeometryError` that
names the file, and bounded memory; at most 2 GiB for a surface from 512³ cells.

Memory is what the resident set of a forked process grows by at its peak (`VmHWM` of Linux), for surfaces the whole
peak with Python, torch and pinr.
"""

import argparse
import io
import multiprocessing
import os
import struct
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from sympy import cos, sin, sqrt

from pinr import Audio, Box, Image, LevelSet, PinrError, PointCloud, Solid, Surface, Volume, coordinates
from pinr.surfaces import Lattice
from pinr.surfaces.dense import dense_cut_cells
from pinr.surfaces.facets import facets_of

ROOT = Path(__file__).resolve().parents[1]
MEBI = 2**20
MOST_FOR_A_FILE = 64 * MEBI
MOST_FOR_A_SURFACE = 2**31
CELLS = 512

VERTICES = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=np.float64)
OBJ = "".join(f"v {x} {y} {z}\n" for x, y, z in VERTICES)


def ply(form: str, vertices: int, faces: int | None, content: bytes) -> bytes:
    lines = ["ply", f"format {form} 1.0", f"element vertex {vertices}", *(f"property float {n}" for n in "xyz")]
    if faces is not None:
        lines += [f"element face {faces}", "property list uchar int vertex_indices"]
    return "\n".join([*lines, "end_header\n"]).encode() + content


def triangles(order: str, *faces: tuple[int, ...]) -> bytes:
    return VERTICES.astype(f"{order}f4").tobytes() + b"".join(
        struct.pack(f"{order}B{len(face)}i", len(face), *face) for face in faces
    )


def stl(claimed: int) -> bytes:
    corners = np.float32([0, 0, 0, *VERTICES[0], *VERTICES[1], *VERTICES[2]]).tobytes()
    return b"binary".ljust(80) + struct.pack("<I", claimed) + corners + b"\0\0"


def npz(*, shape: tuple[int, ...] | None = None, packed: int = 0, **arrays: Any) -> bytes:
    """An archive of arrays; with a shape, one that announces it and has `packed` zeros that compress to nothing."""
    buffer = io.BytesIO()
    if shape is None:
        np.savez(buffer, **arrays)
        return buffer.getvalue()
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("points.npy", head.getvalue() + bytes(packed))
    return buffer.getvalue()


def wav(announced: int, samples: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 8000, 16000, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", min(announced + 36, 2**32 - 1), b"WAVE")
    return head + form + struct.pack("<4sI", b"data", announced) + bytes(2 * samples)


def png(side: int, rows: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(rows * (min(side, 1000) + 1)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def hdf5(fill: Callable[[h5py.File], Any]) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
    return buffer.getvalue()


def malformed() -> list[tuple[str, str, Callable[[Path], Any], bytes]]:
    """What is wrong, the name of the file, who reads it, and its bytes."""
    little, big = "binary_little_endian", "binary_big_endian"
    soup = np.column_stack([VERTICES[:, :2], [np.nan] * 4])
    words = hdf5(lambda file: file.create_dataset("rho", data="words"))
    volume = hdf5(lambda file: file.create_dataset("rho", data=np.ones((8, 8, 8))))
    return [
        ("truncated", "cut.ply", PointCloud.read, ply(little, 4, None, triangles("<")[:-7])),
        ("other byte order than it says", "order.ply", PointCloud.read, ply(big, 4, None, triangles("<"))),
        ("announces 10¹² points", "claim.ply", PointCloud.read, ply(little, 10**12, None, bytes(4800))),
        ("announces 10¹² points, as text", "text.ply", PointCloud.read, ply("ascii", 10**12, None, b"0 0 0\n")),
        ("NaN", "nan.ply", PointCloud.read, ply(little, 4, None, soup.astype("<f4").tobytes())),
        ("no faces", "empty.ply", Surface.read, ply(little, 4, 0, triangles("<"))),
        ("announces 10¹² faces", "faces.ply", Surface.read, ply(little, 4, 10**12, triangles("<", (0, 1, 2)))),
        ("vertex number out of range", "index.ply", Surface.read, ply(little, 4, 1, triangles("<", (0, 1, 2**30)))),
        ("faces with two corners", "edges.obj", Surface.read, (OBJ + "f 1 2\nf 2 3\n").encode()),
        ("vertex number 10³⁰", "huge.obj", Surface.read, f"{OBJ}f 1 2 {10**30}\n".encode()),
        ("a PLY file by another name", "renamed.obj", Surface.read, ply(little, 4, 1, triangles("<", (0, 1, 2)))),
        ("announces 4·10⁹ triangles", "claim.stl", Surface.read, stl(4 * 10**9)),
        ("truncated", "cut.stl", Surface.read, stl(1)[:-20]),
        ("triangles that make no hollow", "flat.obj", Solid.read, (OBJ + "f 1 2 3\nf 1 3 4\nf 1 3 2\n").encode()),
        ("announces 10¹² points", "claim.npz", PointCloud.read, npz(shape=(10**12, 3), packed=4800)),
        ("unpacks a thousandfold", "bomb.npz", PointCloud.read, npz(shape=(10**7, 3), packed=12 * 10**7)),
        ("objects in place of numbers", "objects.npz", PointCloud.read, npz(points=np.array([{}, None]))),
        ("words between the numbers", "words.xyz", PointCloud.read, b"0 0 0\n1 zero 1\n"),
        ("suffix of no format", "scan.las", PointCloud.read, b"LASF" + bytes(200)),
        ("announces 4 GB of sound", "claim.wav", Audio.read, wav(2**32 - 100, 50)),
        ("truncated", "cut.wav", Audio.read, wav(2000, 1000)[:600]),
        ("announces 10¹⁰ pixels", "claim.png", Image.read, png(100_000, 1)),
        ("truncated", "cut.png", Image.read, png(1000, 1000)[:-200]),
        ("announces 10¹² numbers that are not there", "claim.h5", Volume.read, hdf5(
            lambda file: file.create_dataset("rho", (10**4, 10**4, 10**4), "f4", chunks=(10, 100, 100))
        )),
        ("truncated", "cut.h5", Volume.read, volume[: len(volume) // 2]),
        ("text in place of numbers", "words.h5", Volume.read, words),
    ]  # fmt: skip


def resident(which: str) -> int:
    """Bytes of this process, `VmRSS` now or `VmHWM` at its peak."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(which))


def measured(work: Callable[[], str]) -> tuple[str, int, int, float]:
    """What some work says, the peak memory of its own process and what of that it began with, and its CPU seconds."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child(answer: Connection) -> None:
        began, clock = resident("VmRSS"), time.process_time()
        said = work()
        answer.send((said, resident("VmHWM"), began, time.process_time() - clock))

    process = context.Process(target=child, args=(theirs,))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return "the process was killed", 0, 0, 0.0
    finally:
        process.join()


def refusal(read: Callable[[Path], Any], path: Path) -> str:
    """The error of reading a file, or what happened instead."""
    try:
        read(path)
    except PinrError as error:
        said = f"{type(error).__name__}: {error}".replace(f"{path.parent}{os.sep}", "")
        return said if path.name in said else f"FAILED, the file is not named: {said}"
    except BaseException as error:
        return f"FAILED: {type(error).__name__}: {error}"
    return "FAILED: it was read"


def files() -> list[str]:
    rows = ["| file | what is wrong | error | MiB |", "| --- | --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as folder:
        for wrong, name, read, content in malformed():
            path = Path(folder) / name
            path.write_bytes(content)
            said, peak, began, _ = measured(lambda read=read, path=path: refusal(read, path))
            grown = max(0, peak - began)
            excess = " FAILED" if grown > MOST_FOR_A_FILE else ""
            shown = said.replace("|", "\\|").replace("\n", " ")
            rows.append(f"| `{name}` | {wrong} | {shown} | {grown / MEBI:.0f}{excess} |")
            print(rows[-1], flush=True)
    return rows


def surfaces() -> list[str]:
    """Torus and gyroid from a lattice of 512³ cells, each looked at everywhere, and refined near the surface."""
    x, y, z = coordinates("x y z")
    cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    shapes = {
        "torus": sqrt((sqrt(x**2 + y**2) - 0.6) ** 2 + z**2) - 0.25,
        "gyroid": sin(4 * x) * cos(4 * y) + sin(4 * y) * cos(4 * z) + sin(4 * z) * cos(4 * x),
    }

    def refined(shape: Any) -> str:
        return f"{len(LevelSet(shape < 0, cube).surface(CELLS).cells[0].data):,}"

    def dense(shape: Any) -> str:
        level = LevelSet(shape < 0, cube, resolution=16).level
        facets = facets_of(dense_cut_cells(level.values, Lattice.over((-1,) * 3, (1,) * 3, CELLS)))
        return f"{len(facets.corners):,}"

    rows = ["| surface | lattice | triangles | CPU s | peak GiB |", "| --- | --- | --- | --- | --- |"]
    for name, shape in shapes.items():
        for how, work in {"refined near the surface": refined, "all points": dense}.items():
            said, peak, _, seconds = measured(lambda work=work, shape=shape: work(shape))
            excess = " FAILED" if peak > MOST_FOR_A_SURFACE or not peak else ""
            rows.append(f"| {name} | {CELLS}³, {how} | {said} | {seconds:.0f} | {peak / 2**30:.2f}{excess} |")
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks.files_and_memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("--save", action="store_true", help="write benchmarks/results/files_and_memory.md")
    options = arguments.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads, of which none runs
    rows = files()
    tables = ["\n".join(rows), "\n".join(surfaces())]
    text = (
        f"# Malformed files and memory\n\n{len(rows) - 2} malformed files, each read in a process of its own, and what "
        "its memory grew by; then surfaces from 512³ cells with the whole peak of their process. "
        f"`python -m benchmarks.files_and_memory`, {date.today()}.\n\n" + "\n\n".join(tables) + "\n"
    )
    if options.save:
        (ROOT / "benchmarks" / "results" / "files_and_memory.md").write_text(text)
    if "FAILED" in text:
        print("a goal is missed: see FAILED")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
