import errno
import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from minimlp.storage import read_archive, write_archive, write_atomic

HEADER = {"layers": ["Dense"], "note": "σ", "nested": {"a": [1, 2.5, None, True]}}
ARRAYS = {
    "parameters": np.arange(7, dtype=np.float32),
    "frozen": np.array([[True, False]]),
    "step": np.array(3),
}

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and links as POSIX has them")


def same(found: tuple[dict[str, Any], dict[str, Any]]) -> bool:
    header, arrays = found
    return (
        header == HEADER
        and arrays.keys() == ARRAYS.keys()
        and all(
            arrays[name].dtype == array.dtype and np.array_equal(arrays[name], array)
            for name, array in ARRAYS.items()
        )
    )


def write_bytes(content: bytes) -> Any:
    def write(file: BinaryIO) -> None:
        file.write(content)

    return write


# Writing


def test_a_new_file(tmp_path: Path) -> None:
    write_atomic(tmp_path / "new", write_bytes(b"content"))
    assert (tmp_path / "new").read_bytes() == b"content"
    assert os.listdir(tmp_path) == ["new"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"something longer")
    write_atomic(str(path), write_bytes(b"new"))
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomic("file", write_bytes(b"new"))
    assert (tmp_path / "file").read_bytes() == b"new"


def test_the_longest_name(tmp_path: Path) -> None:
    write_atomic(tmp_path / ("n" * 255), write_bytes(b"new"))
    assert os.listdir(tmp_path) == ["n" * 255]


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")],
)
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_failed_write_loses_nothing(
    tmp_path: Path, error: BaseException, old: bytes | None
) -> None:
    path = tmp_path / "file"
    if old is not None:
        path.write_bytes(old)

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        file.flush()
        raise error

    with pytest.raises(type(error)):
        write_atomic(path, write)
    assert os.listdir(tmp_path) == ([] if old is None else ["file"])
    if old is not None:
        assert path.read_bytes() == old


def test_a_full_disk_names_the_file(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left on device") as caught:
        write_atomic(tmp_path / "file", write)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(tmp_path / "file")


def test_an_error_about_another_file_keeps_its_name(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        (tmp_path / "other").read_bytes()

    with pytest.raises(FileNotFoundError) as caught:
        write_atomic(tmp_path / "file", write)
    assert caught.value.filename == str(tmp_path / "other")


@posix
def test_a_file_that_grows_too_large(tmp_path: Path) -> None:
    # A real failure in the middle of an archive, in a process of its own: its limit is lowered.
    path = tmp_path / "model.npz"
    write_archive(path, HEADER, ARRAYS)
    program = f"""
import resource
import numpy as np
from minimlp.storage import write_archive
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write_archive({str(path)!r}, {{}}, {{"parameters": np.zeros(100_000)}})
except OSError as error:
    print(type(error).__name__, error.filename)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout == f"OSError {path}\n"
    assert done.stderr == ""
    assert os.listdir(tmp_path) == ["model.npz"]
    assert same(read_archive(path))


def test_a_missing_folder(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomic(path, write_bytes(b"new"))
    assert caught.value.filename == str(path)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomic(tmp_path / "folder", write_bytes(b"new"))
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("path", [None, 3, 1.5, ["file"]])
def test_what_is_no_path(path: Any) -> None:
    with pytest.raises(TypeError, match="path must be"):
        write_atomic(path, write_bytes(b"new"))
    with pytest.raises(TypeError, match="path must be"):
        read_archive(path)


def test_a_temporary_name_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "file"
    seen: list[list[str]] = []

    def write(file: BinaryIO) -> None:
        file.write(b"new")
        seen.append(sorted(os.listdir(tmp_path)))

    (tmp_path / "file.part").write_bytes(b"what a killed process has left")
    write_atomic(path, write, temporary="file.part")
    assert seen == [["file.part"]]
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"new"
    write_archive(path, HEADER, ARRAYS, temporary="file.part")
    assert os.listdir(tmp_path) == ["file"]
    assert same(read_archive(path))


@pytest.mark.parametrize("temporary", ["", ".", "..", "file", "a/b", "/a", "../file"])
def test_what_is_no_temporary_name(tmp_path: Path, temporary: str) -> None:
    with pytest.raises(ValueError, match="temporary must be the name of another file"):
        write_atomic(tmp_path / "file", write_bytes(b"new"), temporary=temporary)
    assert os.listdir(tmp_path) == []


@posix
def test_a_link_of_the_temporary_name_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"old")
    (tmp_path / "part").symlink_to("precious")
    write_atomic(tmp_path / "file", write_bytes(b"new"), temporary="part")
    assert (tmp_path / "precious").read_bytes() == b"old"
    assert not (tmp_path / "file").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["file", "precious"]


@posix
def test_a_folder_of_the_temporary_name_is_no_reason_to_lose_anything(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "part").mkdir()
    with pytest.raises(OSError, match="file"):
        write_atomic(tmp_path / "file", write_bytes(b"new"), temporary="part")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["file", "part"]


@posix
def test_content_then_name_then_folder_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(number: int) -> None:
        fsync(number)
        steps.append("folder" if stat.S_ISDIR(os.fstat(number).st_mode) else "content")

    def replaced(old: str, new: str) -> None:
        replace(old, new)
        steps.append("name")

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    write_atomic(tmp_path / "file", write_bytes(b"new"))
    assert steps == ["content", "name", "folder"]


@posix
@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_of_a_new_file_follow_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write_atomic(tmp_path / "file", write_bytes(b"new"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o666 & ~mask


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_permissions_of_an_old_file_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomic(path, write_bytes(b"new"))
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "target").write_bytes(b"old")
    for name, target in [("link", "target"), ("dangling", "new")]:
        (tmp_path / name).symlink_to(folder / target)
        write_atomic(tmp_path / name, write_bytes(b"new"))
        assert (tmp_path / name).is_symlink()
        assert (folder / target).read_bytes() == b"new"
    assert sorted(os.listdir(folder)) == ["new", "target"]


@posix
def test_what_is_no_regular_file_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="Not a regular file"):
        write_atomic(pipe, write_bytes(b"new"))
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_what_is_write_protected_stays_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        write_atomic(path, write_bytes(b"new"))
    assert path.read_bytes() == b"old"
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o555)
    with pytest.raises(PermissionError) as caught:
        write_atomic(folder / "file", write_bytes(b"new"))
    assert caught.value.filename == str(folder / "file")


# Archives


@pytest.mark.parametrize("name", ["model.npz", "model", "model.bin", "mödel σ.npz"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    write_archive(tmp_path / name, HEADER, ARRAYS)
    assert os.listdir(tmp_path) == [name]
    assert same(read_archive(tmp_path / name))
    assert same(read_archive(str(tmp_path / name)))


def test_an_archive_is_an_ordinary_npz(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    write_archive(path, HEADER, ARRAYS)
    with np.load(path, allow_pickle=False) as archive:
        assert set(archive.files) == {"header", *ARRAYS}
        assert archive["header"].dtype == np.uint8
        header = json.loads(archive["header"].tobytes().decode())
    assert header == {**HEADER, "format": "minimlp", "version": 1, "arrays": [*ARRAYS]}
    with zipfile.ZipFile(path) as archive:
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    write_archive(tmp_path / "a", HEADER, ARRAYS)
    write_archive(tmp_path / "b", HEADER, ARRAYS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("value", [{1, 2}, object(), 1j, np.zeros(2), b"bytes"])
def test_a_header_json_cannot_hold(tmp_path: Path, value: Any) -> None:
    with pytest.raises(TypeError, match="header must be JSON-able"):
        write_archive(tmp_path / "model", {"value": value}, {})
    assert os.listdir(tmp_path) == []


def test_a_header_that_could_not_be_read_again(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(99):
        deep = [deep]
    write_archive(tmp_path / "model", {"deep": deep}, {})
    assert read_archive(tmp_path / "model")[0] == {"deep": deep}
    with pytest.raises(ValueError, match="nested deeper than 100 levels"):
        write_archive(tmp_path / "other", {"deep": [deep]}, {})
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(TypeError, match="header must be JSON-able"):
        write_archive(tmp_path / "other", {"deep": deep}, {})
    with pytest.raises(ValueError, match="the header takes 17,000,"):
        write_archive(tmp_path / "other", {"long": "x" * 17_000_000}, {})
    assert os.listdir(tmp_path) == ["model"]


def test_arrays_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"arrays\['text'\] holds objects"):
        write_archive(tmp_path / "model", {}, {"text": np.array(["a", None], object)})
    with pytest.raises(ValueError, match="'header'"):
        write_archive(tmp_path / "model", {}, {"header": np.zeros(3)})
    assert os.listdir(tmp_path) == []


# Reading what is not right


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_archive(tmp_path / "missing")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        read_archive(tmp_path / "folder")


def test_every_truncation_is_found(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    write_archive(path, HEADER, ARRAYS)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model\.npz is (empty|truncated)"):
            read_archive(path)


def test_every_flipped_byte_is_found_or_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    write_archive(path, HEADER, ARRAYS)
    content = bytearray(path.read_bytes())
    found: list[bool] = []
    errors: list[str] = []
    for place in range(len(content)):
        for flip in (0x01, 0xFF):
            content[place] ^= flip
            path.write_bytes(content)
            try:
                found.append(same(read_archive(path)))
            except ValueError as error:
                errors.append(str(error))
            content[place] ^= flip
    assert all(found)
    assert all(str(path) in error for error in errors)
    assert len(errors) > len(content)


def save(path: Path, **arrays: Any) -> None:
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def as_bytes(header: Any) -> Any:
    return np.frombuffer(json.dumps(header).encode(), np.uint8)


GOOD = {"format": "minimlp", "version": 1, "arrays": ["parameters"]}


@pytest.mark.parametrize("content", [b"hello", b"\x89PNG\r\n", b"PL", b"\x00" * 100, b"{}"])
def test_another_kind_of_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="file is not a minimlp model file"):
        read_archive(path)


def test_an_npy_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(ValueError, match="not a minimlp model file"):
        read_archive(tmp_path / "a.npy")


def test_other_archives(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(path, parameters=np.zeros(3))
    with pytest.raises(ValueError, match="not a minimlp model file: the archive has no header"):
        read_archive(path)
    with zipfile.ZipFile(path, "w"):
        pass
    with pytest.raises(ValueError, match="not a minimlp model file: the archive has no header"):
        read_archive(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header", "text")
    with pytest.raises(ValueError, match="'header', which is not an array"):
        read_archive(path)


@pytest.mark.parametrize("header", [{}, {"version": 1}, {"format": "other", "version": 1}])
def test_a_header_of_another_format(tmp_path: Path, header: Any) -> None:
    save(tmp_path / "file", header=as_bytes(header))
    with pytest.raises(ValueError, match="not a minimlp model file: its header does not say so"):
        read_archive(tmp_path / "file")


def test_a_header_of_another_dtype(tmp_path: Path) -> None:
    save(tmp_path / "file", header=np.zeros(3))
    with pytest.raises(ValueError, match="not a minimlp model file: its header has dtype float64"):
        read_archive(tmp_path / "file")


def test_a_future_version(tmp_path: Path) -> None:
    # It may hold anything, so the version is read before the arrays are.
    save(
        tmp_path / "file",
        header=as_bytes({**GOOD, "version": 2}),
        objects=np.array([None], object),
    )
    with pytest.raises(ValueError, match=r"format version 2, .* this one reads version 1"):
        read_archive(tmp_path / "file")


@pytest.mark.parametrize(
    "keys", [None, "parameters", "a\nb", [], ["other"], ["parameters", 3], [{}]]
)
def test_arrays_other_than_the_header_says(tmp_path: Path, keys: Any) -> None:
    save(tmp_path / "file", header=as_bytes({**GOOD, "arrays": keys}), parameters=np.zeros(3))
    with pytest.raises(ValueError, match=r"file is damaged: it holds .*, its header says .*$"):
        read_archive(tmp_path / "file")


@pytest.mark.parametrize("version", [None, "1", 1.0, 0, -1, True, [1]])
def test_what_is_no_version(tmp_path: Path, version: Any) -> None:
    save(tmp_path / "file", header=as_bytes({**GOOD, "version": version}))
    with pytest.raises(ValueError, match="expected a whole number from 1"):
        read_archive(tmp_path / "file")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"nonsense", b"[" * 100_000])
def test_a_header_that_is_no_json(tmp_path: Path, text: bytes) -> None:
    save(tmp_path / "file", header=np.frombuffer(text, np.uint8))
    with pytest.raises(ValueError, match="a header that is not JSON"):
        read_archive(tmp_path / "file")


@pytest.mark.parametrize("depth", [101, 500])
def test_a_header_nested_too_deep(tmp_path: Path, depth: int) -> None:
    text = json.dumps(GOOD)[:-1] + ', "deep": ' + "[" * depth + "]" * depth + "}"
    arrays = {"parameters": np.zeros(3)}
    save(tmp_path / "file", header=np.frombuffer(text.encode(), np.uint8), **arrays)
    with pytest.raises(ValueError, match="file: the header is nested deeper than 100 levels"):
        read_archive(tmp_path / "file")


@pytest.mark.parametrize("header", [[], "text", 3, None])
def test_a_header_that_is_no_dict(tmp_path: Path, header: Any) -> None:
    save(tmp_path / "file", header=as_bytes(header))
    with pytest.raises(ValueError, match=f"a header that is a {type(header).__name__}, not a dict"):
        read_archive(tmp_path / "file")


def test_object_arrays_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(tmp_path / "sprung"),))

    for name in ("parameters", "header"):
        save(tmp_path / "file", **{"header": as_bytes(GOOD), name: np.array([Trap()], object)})
        with pytest.raises(ValueError, match=f"'{name}', which cannot be read: Object arrays"):
            read_archive(tmp_path / "file")
    assert os.listdir(tmp_path) == ["file"]


def test_an_array_larger_than_memory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(path, header=as_bytes(GOOD))
    with zipfile.ZipFile(path, "a") as archive, archive.open("parameters.npy", "w") as stream:
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "<f8", "fortran_order": False, "shape": (2**58,)}
        )
    with pytest.raises(ValueError, match="'parameters', which cannot be read"):
        read_archive(path)
