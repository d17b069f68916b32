"""Sounds, films and volumes from files: what is read is what was written, and what is damaged is refused."""

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.io import wavfile

from pinr.errors import FileFormatError
from pinr.files.read_audio import read_audio
from pinr.files.read_video import read_video
from pinr.files.read_volume import ChunkedDataset, read_volume

SOUND = np.int16([0, 2**14, -(2**15), 5])
FRAMES = np.random.default_rng(0).integers(0, 256, (6, 16, 32, 3), dtype=np.uint8)
CUBE = np.random.default_rng(0).normal(size=(5, 6, 7))


@pytest.mark.parametrize(
    ("samples", "parts"),
    [
        (SOUND, SOUND / 2**15),
        (np.uint8([0, 128, 192]), [-1, 0, 0.5]),
        (np.int32([2**30, -(2**31)]), [0.5, -1]),
        (np.float32([0.25, -1]), [0.25, -1]),
    ],
    ids=["16 bits", "8 bits", "32 bits", "floats"],
)
def test_samples_are_parts_of_full_scale(tmp_path, samples, parts):
    wavfile.write(tmp_path / "a.wav", 8000, samples)
    rate, found = read_audio(tmp_path / "a.wav")
    assert rate == 8000 and found[:, 0] == pytest.approx(np.asarray(parts))


def test_channels_are_columns(tmp_path):
    wavfile.write(tmp_path / "a.wav", 8000, np.stack([SOUND, SOUND // 2], axis=1))
    assert read_audio(tmp_path / "a.wav")[1].shape == (4, 2)


def test_damaged_sounds_are_refused(tmp_path):
    wavfile.write(tmp_path / "whole.wav", 8000, np.arange(1000, dtype=np.int16))
    whole = (tmp_path / "whole.wav").read_bytes()
    for end in (0, 3, 10, 30, 44, 45, 500, 2043):
        (tmp_path / "cut.wav").write_bytes(whole[:end])
        with pytest.raises(FileFormatError, match=r"cut\.wav"):
            read_audio(tmp_path / "cut.wav")
    for content in (b"RIFF", b"no sound at all", whole[:44][::-1]):
        (tmp_path / "no.wav").write_bytes(content)
        with pytest.raises(FileFormatError, match="cannot be read as WAV"):
            read_audio(tmp_path / "no.wav")
    with pytest.raises(FileFormatError, match=r"read from \.wav"):
        read_audio(tmp_path / "song.mp3")
    with pytest.raises(FileFormatError, match="no such file"):
        read_audio(tmp_path / "song.wav")


@pytest.fixture
def film(tmp_path):
    """A film without losses: FFV1 in the container of Matroska."""
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.height, stream.width, stream.pix_fmt = 16, 32, "bgr0"
        for pixels in FRAMES:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return tmp_path / "film.mkv"


def test_a_film_is_its_frames(film):
    assert_array_equal(read_video(film), FRAMES)
    assert_array_equal(read_video(film, frames=(2, 5)), FRAMES[2:5])
    mapped = read_video(film, in_memory=1000)
    assert isinstance(mapped, np.memmap)
    assert_array_equal(mapped, FRAMES)


def test_damaged_films_are_refused(film, tmp_path):
    for frames in ((3, 3), (-1, 2), (2,)):
        with pytest.raises(FileFormatError, match="first frame and the one after the last"):
            read_video(film, frames=frames)
    with pytest.raises(FileFormatError, match="ends after 6 frames"):
        read_video(film, frames=(8, 12))
    (tmp_path / "no.mp4").write_bytes(b"no film at all")
    with pytest.raises(FileFormatError, match="cannot be read as a film"):
        read_video(tmp_path / "no.mp4")
    with pytest.raises(FileFormatError, match=r"read from \.mp4"):
        read_video(tmp_path / "playlist.m3u8")
    with pytest.raises(FileFormatError, match="no such file"):
        read_video(tmp_path / "other.mp4")


def test_a_sound_is_no_film(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 100), dtype=np.int16), format="s16", layout="mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(FileFormatError, match="no film in it"):
        read_video(tmp_path / "sound.mkv")


def test_volumes_stay_in_their_files(tmp_path):
    np.save(tmp_path / "a.npy", CUBE)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["flat"] = CUBE
        file.create_dataset("deep/chunked", data=CUBE, chunks=(2, 3, 4), compression="gzip", shuffle=True)
        file.create_dataset("deep/big_endian", data=CUBE.astype(">f4"))
    assert isinstance(read_volume(tmp_path / "a.npy"), np.memmap)
    flat = read_volume(tmp_path / "a.h5")
    assert isinstance(flat, np.memmap)
    assert_array_equal(flat, CUBE)
    assert_array_equal(read_volume(tmp_path / "a.h5", dataset="deep/big_endian"), CUBE.astype("f4"))
    chunked = read_volume(tmp_path / "a.h5", dataset="deep/chunked")
    assert isinstance(chunked, ChunkedDataset)
    wanted = tuple(np.random.default_rng(1).integers(0, n, 90) for n in CUBE.shape)
    assert_array_equal(chunked[wanted], CUBE[wanted])
    assert chunked[tuple(np.empty(0, dtype=int) for _ in range(3))].shape == (0,)


def test_damaged_volumes_are_refused(tmp_path):
    np.save(tmp_path / "whole.npy", CUBE)
    whole = (tmp_path / "whole.npy").read_bytes()
    for end in (0, 5, 60, 200):
        (tmp_path / "cut.npy").write_bytes(whole[:end])
        with pytest.raises(FileFormatError, match="cannot be read as an array"):
            read_volume(tmp_path / "cut.npy")
    np.save(tmp_path / "objects.npy", np.array([{}, None]), allow_pickle=True)
    with pytest.raises(FileFormatError, match="hold objects"):
        read_volume(tmp_path / "objects.npy")
    np.savez(tmp_path / "several.npz", CUBE)
    (tmp_path / "several.npz").rename(tmp_path / "several.npy")
    with pytest.raises(FileFormatError, match="archive of arrays"):
        read_volume(tmp_path / "several.npy")
    np.save(tmp_path / "empty.npy", np.zeros((0, 3, 3)))
    with pytest.raises(FileFormatError, match="no values in it"):
        read_volume(tmp_path / "empty.npy")
    for name, message in {"a.mat": r"read from \.npy", "a.npy": "no such file", "a.h5": "no such file"}.items():
        with pytest.raises(FileFormatError, match=message):
            read_volume(tmp_path / name)


def test_data_sets_in_other_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["data"] = CUBE
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["link"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "data")
        layout = h5py.VirtualLayout(CUBE.shape, CUBE.dtype)
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "data", CUBE.shape)
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", CUBE.shape, CUBE.dtype, external=[(str(tmp_path / "secret.h5"), 0, CUBE.nbytes)])
        file["text"] = "words"
        file.create_dataset("unwritten", CUBE.shape, "f8", chunks=(2, 2, 2))
        file.create_dataset("claimed", CUBE.shape, "f8")
    wrong = {
        "link": "no data set `link`",
        "virtual": "lies in other files",
        "outside": "lies in other files",
        "text": "no real numbers",
        "unwritten": "holds no numbers",
        "claimed": "claims more numbers",
        "missing": "no data set `missing`",
    }
    for name, message in wrong.items():
        with pytest.raises(FileFormatError, match=message):
            read_volume(tmp_path / "a.h5", dataset=name)
    with pytest.raises(FileFormatError, match=r"5 data sets at its root.*Say which"):
        read_volume(tmp_path / "a.h5")
