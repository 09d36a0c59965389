"""What a zip archive promises is checked before anything is unpacked."""

import io
import re
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from minimlp.storage import read_archive, write_archive

ARRAYS = {"parameters": np.arange(50.0), "mean": np.zeros((2, 3))}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.npz"
    write_archive(path, {"note": "n"}, ARRAYS)
    return path


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def rewrite(path, found, method=zipfile.ZIP_STORED, attributes=0):
    """Write an archive with names that may be there twice, and any method and mode."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in found:
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = method, attributes << 16
            archive.writestr(entry, content)
    path.write_bytes(stream.getvalue())


def refused(path):
    """Read all of an archive, and give the one ValueError's text, a short line with the file."""
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        dict(read_archive(path)[1])
    message = str(caught.value)
    assert type(caught.value) is ValueError
    assert "\n" not in message
    assert len(message) < len(str(path)) + 500
    return message


def test_what_was_packed_is_read(path):
    rewrite(path, members(path).items(), zipfile.ZIP_DEFLATED)
    header, arrays = read_archive(path)
    assert header == {"note": "n"}
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_method_is_refused(path, method):
    rewrite(path, members(path).items(), method)
    assert f"packed by method {method}" in refused(path)


def test_a_name_that_is_there_twice_is_refused(path):
    found = [*members(path).items()]
    with pytest.warns(UserWarning, match="Duplicate"):
        rewrite(path, [*found, found[1]])
    assert "it holds 'parameters.npy' twice" in refused(path)


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o010644])
def test_links_folders_and_pipes_are_refused(path, mode):
    rewrite(path, members(path).items(), attributes=mode)
    assert "is a folder, a link or another thing that is no file" in refused(path)


@pytest.mark.parametrize("name", ["../a.npy", "/a.npy", "a/b.npy", "C:a.npy", "a\\b.npy", ".npy"])
def test_names_that_are_paths_are_refused(path, name):
    rewrite(path, [*members(path).items(), (name, members(path)["parameters.npy"])])
    assert "which is not an array" in refused(path)
    with pytest.raises(ValueError, match="no file can have that name"):
        write_archive(path, {}, {name.removesuffix(".npy"): np.zeros(1)})


def test_a_folder_is_refused(path):
    rewrite(path, [*members(path).items(), ("folder/", b"")])
    assert "'folder/' is a folder" in refused(path)


def patched(path, field, size, number, which=1):
    """Change a number in the table of contents, at `field` of its entry `which`."""
    content = bytearray(path.read_bytes())
    place = -1
    for _ in range(which + 1):
        place = content.find(b"PK\x01\x02", place + 1)
    content[place + field : place + field + size] = number.to_bytes(size, "little")
    path.write_bytes(content)


def test_an_encrypted_member_is_refused(path):
    patched(path, 8, 2, 1)
    assert "is encrypted" in refused(path)


@pytest.mark.parametrize("size", [0, 1, 10**9, 2**32 - 2])
@pytest.mark.parametrize("field", [20, 24])
def test_forged_sizes_are_refused(path, field, size):
    rewrite(path, members(path).items())  # without the fields of zip64
    patched(path, field, 4, size)
    assert "truncated or damaged" in refused(path)


@pytest.mark.parametrize("place", [1, 10, 10**6, 2**32 - 2])
def test_a_member_elsewhere_is_refused(path, place):
    rewrite(path, members(path).items())
    patched(path, 42, 4, place)
    assert "truncated or damaged" in refused(path)


def test_one_place_cannot_be_two_members(path):
    rewrite(path, members(path).items())
    content = path.read_bytes()
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 1)
    third = content.find(b"PK\x01\x02", second + 1)
    (place,) = struct.unpack_from("<I", content, second + 42)
    patched(path, 42, 4, place, which=2)
    assert third > 0
    assert "over another member" in refused(path)


def test_another_name_where_it_lies_is_refused(path):
    content = path.read_bytes()
    path.write_bytes(content.replace(b"mean.npy", b"mode.npy", 1))  # not in the table of contents
    assert "is b'mode.npy' where it lies" in refused(path)


def test_a_changed_entry_is_found_when_it_is_read(path):
    content = path.read_bytes()
    path.write_bytes(content.replace(np.float64(49).tobytes(), np.float64(48).tobytes()))
    _, arrays = read_archive(path)
    np.testing.assert_array_equal(arrays["mean"], 0)
    assert "'parameters', which cannot be read: its checksum is wrong" in refused(path)


def test_deflate_cannot_promise_more_than_it_can_hold(path):
    rewrite(path, members(path).items(), zipfile.ZIP_DEFLATED)
    patched(path, 24, 4, 10**8)
    assert "promises 100,000,000 bytes and has" in refused(path)


def test_unpacking_ends_where_the_promise_does(path):
    zeros = io.BytesIO()
    np.lib.format.write_array(zeros, np.zeros(10**7))
    rewrite(path, {**members(path), "mean.npy": zeros.getvalue()}.items(), zipfile.ZIP_DEFLATED)
    patched(path, 24, 4, 10**4, which=2)
    tracemalloc.start()
    try:
        refused(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * 10**6
    finally:
        tracemalloc.stop()


def test_a_packed_header_is_bounded(path):
    text = io.BytesIO()
    np.lib.format.write_array(text, np.full(10**7, ord("["), np.uint8))
    rewrite(path, {**members(path), "header.npy": text.getvalue()}.items(), zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    try:
        assert "a header that promises 10,000,128 bytes" in refused(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * 10**6
    finally:
        tracemalloc.stop()
