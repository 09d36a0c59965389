"""An array's text is matched, never evaluated, and must fit the bytes behind it."""

import re
import struct
import zipfile

import numpy as np
import pytest

from minimlp.storage import outline, read_archive, write_archive

DTYPES = ["?", "i1", "<i2", ">i4", "u8", "f2", "<f4", ">f8", "c8", "c16"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3), (1, 0, 4)])
def test_every_plain_array_comes_back(tmp_path, dtype, shape):
    array = (np.arange(np.prod(shape, dtype=int)) % 3).reshape(shape).astype(dtype)
    write_archive(tmp_path / "a", {}, {"x": array, "t": array.T})
    _, arrays = read_archive(tmp_path / "a")
    for name, expected in {"x": array, "t": array.T}.items():
        assert arrays.outline(name) == (expected.shape, expected.dtype) == outline(arrays, name)
        assert outline({name: expected}, name) == arrays.outline(name)
        assert arrays[name].dtype == expected.dtype
        assert arrays[name].flags.writeable
        np.testing.assert_array_equal(arrays[name], expected)


def test_each_reading_is_an_array_of_its_own(tmp_path):
    write_archive(tmp_path / "a", {}, {"x": np.zeros(3)})
    _, arrays = read_archive(tmp_path / "a")
    arrays["x"][:] = 1
    assert not arrays["x"].any()
    assert len(arrays) == 1
    with pytest.raises(KeyError):
        arrays["y"]
    with pytest.raises(KeyError):
        arrays.outline("y")


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.zeros(2, "M8[D]"), np.zeros(2, "i4,f8"), np.zeros(2, "G")]
)
def test_what_is_no_array_of_numbers_is_not_written(tmp_path, array):
    with pytest.raises(TypeError, match="holds no plain numbers but"):
        write_archive(tmp_path / "a", {}, {"x": array})


def with_text(path, text, content=bytes(24), version=b"\x01\x00"):
    """Make a valid archive in which `x` opens with this text."""
    write_archive(path, {}, {"x": np.zeros(3)})
    with zipfile.ZipFile(path) as archive:
        header = archive.read("header.npy")
    opening = b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text.encode("latin-1")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("header.npy", header)
        archive.writestr("x.npy", opening + content)


def text_of(descr="'<f8'", order="False", shape="(3,)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


def test_the_text_as_others_write_it(tmp_path):
    for text in (text_of(), text_of()[:-4] + "}" + " " * 60 + "\n", text_of(descr="'f8'")):
        with_text(tmp_path / "a", text)
        np.testing.assert_array_equal(read_archive(tmp_path / "a")[1]["x"], np.zeros(3))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shape": "(4,)"}, "its shape (4,) is not that of"),
        ({"shape": "(2,)"}, "its shape (2,) is not that of"),
        ({"shape": "(1000000000000,)"}, "its shape (1000000000000,)"),
        ({"shape": f"({'9' * 600},)"}, "its shape (999"),
        ({"shape": f"(3, {'1, ' * 70})"}, "its shape (3, 1, 1"),
        ({"shape": "(-3,)"}, "does not open as"),
        ({"shape": "(3.0,)"}, "does not open as"),
        ({"shape": "(1 + 2,)"}, "does not open as"),
        ({"shape": "(" * 400}, "does not open as"),
        ({"shape": "3"}, "does not open as"),
        ({"order": "None"}, "does not open as"),
        ({"descr": "'|O'"}, "Object arrays are never loaded"),
        ({"descr": "'<U2'"}, "its dtype '<U2' is none of numbers"),
        ({"descr": "'<M8[D]'"}, "is none of numbers"),
        ({"descr": "'|V8'"}, "is none of numbers"),
        ({"descr": "[('a', '<f8')]"}, "is none of numbers"),
        ({"descr": "[('a', '|O')]"}, "is none of numbers"),
        ({"descr": "__import__('os').mkdir('x')"}, "is none of numbers"),
        ({"descr": "1is 2"}, "is none of numbers"),  # no SyntaxWarning either
        ({"descr": "'\\d'"}, "is none of numbers"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_text_that_does_not_fit_is_refused(tmp_path, change, words):
    path = tmp_path / "a"
    with_text(path, text_of(**change))
    with pytest.raises(ValueError, match=re.escape(f"{path} holds 'x', which cannot be")) as caught:
        read_archive(path)
    assert words in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 300


def test_no_entries_of_a_shape_beyond_any_array_are_refused(tmp_path):
    with_text(tmp_path / "a", text_of(shape=f"(0, {10**30})"), b"")
    _, arrays = read_archive(tmp_path / "a")
    with pytest.raises(ValueError, match="'x', which cannot be read"):
        arrays["x"]


@pytest.mark.parametrize("version", [b"\x00\x00", b"\x02\x00", b"\x03\x00", b"\xff\xff"])
def test_another_version_of_the_text_is_refused(tmp_path, version):
    with_text(tmp_path / "a", text_of(), version=version)
    with pytest.raises(ValueError, match="does not open as a plain array"):
        read_archive(tmp_path / "a")


def test_a_text_longer_than_any_is_refused(tmp_path):
    with_text(tmp_path / "a", text_of()[:-1] + " " * 2000 + "\n")
    with pytest.raises(ValueError, match="does not open as a plain array"):
        read_archive(tmp_path / "a")
