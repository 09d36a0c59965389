"""Model files: archives that are right but for one field, and archives with damage.

Two thirds are valid zip archives, sums and sizes right, of which one thing is not as it should be.
"""

from __future__ import annotations

import functools
import io
import json
import struct
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minimlp import Dense, Normalization, Sequential, Sigmoid, Tanh
from minimlp.storage import read_archive
from minimlp.tables import TableModel

from .choices import Choices
from .values import TEXTS, as_text, changed, nested, value


class Base(NamedTuple):
    """A file that is right."""

    header: dict[str, Any]
    arrays: dict[str, Any]
    content: bytes


class Part(NamedTuple):
    """A member to be written."""

    name: str
    content: bytes
    method: int = zipfile.ZIP_STORED
    attributes: int = 0


@functools.cache
def bases() -> tuple[Base, ...]:
    """Make small models of each kind, of a table too, and give their files."""
    rows = {
        "size": [1.0, 1.2, 0.9, 3.1, 2.9, 3.0, 1.1, 3.2],
        "wild": [True, False] * 4,
        "kind": ["cat"] * 3 + ["dog"] * 3 + ["cat", "dog"],
    }
    recipe: dict[str, Any] = {"hidden": (3,), "networks": 1, "epochs": 1, "seed": 0}
    network = Sequential(
        Normalization(3), Dense(3, 4, bias=False), Tanh(), Dense(4, 2), Sigmoid(), seed=0
    )
    network.layers[3].freeze("bias")
    network.metadata = {"accuracy": 0.5, "labels": ["a", "β"], "nested": {"none": None}}
    models: list[Any] = [
        network,
        Sequential(Dense(2, 1), dtype=np.float32, seed=0),
        Sequential(Tanh()),
        TableModel.fit(rows, target="kind", **recipe),
        TableModel.fit(rows, target="size", task="regression", **recipe),
    ]
    made = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        for model in models:
            model.save(path)
            header, arrays = read_archive(path)
            header = {**header, "format": "minimlp", "version": 1, "arrays": [*arrays]}
            made.append(Base(header, dict(arrays), path.read_bytes()))
    return tuple(made)


def npy(array: Any) -> bytes:
    """Write an array as a member's content; of objects, the pickle that must not be read."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.lib.format.write_array(stream, np.asarray(array), allow_pickle=True)
    return stream.getvalue()


def npy_of(descr: str, shape: str, content: bytes, order: str = "False") -> bytes:
    """Write what calls itself an array."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text) & 0xFFFF) + text + content


def packed(parts: list[Part]) -> bytes:
    """Write an archive."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        with zipfile.ZipFile(stream, "w") as archive:
            for part in parts:
                entry = zipfile.ZipInfo(part.name)
                entry.compress_type, entry.external_attr = part.method, part.attributes
                archive.writestr(entry, part.content)
    return stream.getvalue()


def archive(choices: Choices) -> tuple[str, bytes]:
    """Make a case, and say of which kind it is."""
    base = choices.pick(bases())
    if choices.below(3):
        kind = choices.pick((*_CHANGES, "header", "header"))
        return f"valid zip: {kind}", packed(_CHANGES.get(kind, _change_header)(choices, base))
    kind = choices.pick([*DAMAGES])
    return f"damaged: {kind}", DAMAGES[kind](choices, base)


def parts_of(base: Base, header: bytes | None = None, **arrays: Any) -> list[Part]:
    """Give the members of a file, with another header or other arrays."""
    header = json.dumps(base.header).encode() if header is None else header
    members = {"header": np.frombuffer(header, np.uint8), **base.arrays, **arrays}
    return [Part(f"{name}.npy", npy(array)) for name, array in members.items()]


def _change_header(choices: Choices, base: Base) -> list[Part]:
    header = base.header
    for _ in range(1 + choices.one_in(5)):
        header = changed(choices, header)
    return parts_of(base, as_text(choices, header))


def _change_layers(choices: Choices, base: Base) -> list[Part]:
    layers = base.header["layers"]
    count = choices.pick((1, 2, 5, 100, 20_000))
    kind = choices.below(4)
    if kind == 0:
        layers = [choices.pick(layers)] * count
    elif kind == 1:
        layers = layers + [{"class": "Tanh", "arguments": {}}] * count
    elif kind == 2:
        layers = [value(choices) for _ in range(min(count, 100))]
    else:
        layers = [changed(choices, layers)] if choices.one_in(2) else changed(choices, layers)
    header = {**base.header, "layers": layers}
    if kind < 2:
        header["frozen"] = [[] for _ in layers]
    return parts_of(base, json.dumps(header).encode())


def change_array(choices: Choices, base: Base) -> list[Part]:
    """Change one array."""
    name = choices.pick([*base.arrays])
    array = base.arrays[name].copy()
    kind = choices.below(8)
    if array.dtype.kind not in "fc" and kind < 2:
        kind = 2
    if kind == 0 and array.size:
        array.flat[choices.below(array.size)] = choices.pick((np.nan, np.inf, -np.inf))
    elif kind == 1 and array.size:
        limit = np.finfo(array.dtype).max
        array.flat[choices.below(array.size)] = choices.pick((limit, -limit, 0, 1e-40))
    elif kind == 2:
        array = np.resize(array, choices.pick((0, 1, array.size + 1, 2 * array.size, 5000)))
    elif kind == 3:
        shapes: tuple[Any, ...] = ((-1, 1), (1, -1), array.shape[:0] or (-1,), (1,) * 5 + (-1,))
        array = array.reshape(choices.pick(shapes))
    elif kind == 4:
        dtypes = ("f2", "f4", "f8", ">f8", "i1", "i8", "u8", "?", "c8", "c16", "g", "U3", "S2")
        array = array.astype(choices.pick(dtypes))
    elif kind == 5:
        array = np.asarray(choices.pick((3.0, None, "text", [{}, 1j], [print])), dtype=None)
    elif kind == 6:
        array = np.frombuffer(choices.bytes(array.nbytes), array.dtype)
    else:
        array = np.asfortranarray(np.stack([array, array]))
    return parts_of(base, **{name: array})


def _change_npy(choices: Choices, base: Base) -> list[Part]:
    parts = parts_of(base)
    place = choices.below(len(parts))
    array = [np.frombuffer(b"{}", np.uint8), *base.arrays.values()][place]
    size = choices.pick((10**3, 10**9, 10**18, 10**30))
    shapes = (
        f"({size},)", f"(0, {size})", f"({size}, 0, {size})", f"{array.shape}", "(-1,)", "()",
        "(1,) * 9", "(" * 500, f"({'1, ' * 40})", "(None,)", "(2.0,)", "[3]", f"({array.size}L,)",
    )  # fmt: skip
    descrs = (
        f"'{array.dtype.str}'", "'|O'", "'O'", "'<f8'", "'<f4'", "'|V8'", "'<U9999999'", "'<f3'",
        "[('a', '<f8')]", "[('a', '|O')]", "'<M8[D]'", "None", "1is 2", "'\\d'", "'|b1'", "'f8'",
        "__import__('os')",
    )  # fmt: skip
    order = choices.pick(("False", "False", "True", "None", "1"))
    content = npy_of(choices.pick(descrs), choices.pick(shapes), array.tobytes(), order)
    version = choices.pick((b"\x01\x00", b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x00\x00", b""))
    parts[place] = parts[place]._replace(content=content[:6] + version + content[8:])
    return parts


def change_members(choices: Choices, base: Base) -> list[Part]:
    """Change what there is in the archive."""
    parts = parts_of(base)
    place = choices.below(len(parts))
    part = parts[place]
    kind = choices.below(8)
    if kind == 0:
        names = ("../parameters.npy", "/etc/x.npy", "C:\\x.npy", "x/", "", ".npy", "..npy", *TEXTS)
        parts[place] = part._replace(name=choices.pick(names).replace("\ud800", "?"))
    elif kind == 1:
        parts.insert(choices.below(len(parts)), part)
    elif kind == 2:
        del parts[place]
    elif kind == 3:
        parts.append(Part(f"{choices.pick(TEXTS[5:])}.npy", choices.pick((b"", part.content))))
    elif kind == 4:
        mode = choices.pick((0o120777, 0o040755, 0o010644, 0o100644, 0o644, 0o177777))
        parts[place] = part._replace(attributes=mode << 16)
    elif kind == 5:
        parts += [Part(f"{i}.npy", b"") for i in range(choices.pick((10, 300, 3000)))]
    elif kind == 6:
        methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        parts[place] = part._replace(method=choices.pick(methods))
    else:
        parts = parts[::-1]
    return parts


def _change_table(choices: Choices, base: Base) -> list[Part]:
    if "table" not in base.header:
        return _change_header(choices, base)
    header = {**base.header, "table": changed(choices, base.header["table"])}
    return parts_of(base, as_text(choices, header))


def _change_metadata(choices: Choices, base: Base) -> list[Part]:
    metadata = choices.pick(
        ({"a": value(choices)}, {"deep": nested(choices.below(200))}, {"a": "x" * 10**6})
    )
    return parts_of(base, json.dumps({**base.header, "metadata": metadata}).encode())


def _bomb(choices: Choices, base: Base) -> list[Part]:
    """Promise much: zeros of which each thousand take a byte, with a header that asks for them."""
    size = choices.pick((10**4, 10**5, 10**6))
    kind = choices.below(4)
    dtype = choices.pick(("f4", "f8", "u1"))
    zeros = npy(np.zeros(size, dtype))
    if kind == 0:
        layers: Any = [{"class": "Normalization", "arguments": {"width": size}}]
        names = ["layers[0].mean", "layers[0].scale"]
    elif kind == 1:
        layers = [{"class": "Dense", "arguments": {"n_in": size, "n_out": 1, "bias": False}}]
        names = ["parameters"]
    elif kind == 2:
        layers = [{"class": "Normalization", "arguments": {"width": size}}] * 50
        names = ["layers[0].mean"]
    else:
        layers = {"x": "a" * size}
        names = []
    header = {**base.header, "layers": layers, "frozen": [[] for _ in layers], "metadata": {}}
    header["arrays"] = [*dict.fromkeys(["parameters", *names])]
    text = npy(np.frombuffer(json.dumps(header).encode(), np.uint8))
    contents = {"parameters": npy(np.zeros(0)), **dict.fromkeys(names, zeros), "header": text}
    return [Part(f"{name}.npy", each, zipfile.ZIP_DEFLATED) for name, each in contents.items()]


_CHANGES = {
    "layers": _change_layers,
    "array": change_array,
    "npy header": _change_npy,
    "members": change_members,
    "table": _change_table,
    "metadata": _change_metadata,
    "bomb": _bomb,
}


def _flip(choices: Choices, base: Base) -> bytes:
    content = bytearray(base.content)
    for _ in range(1 + choices.below(4)):
        content[choices.below(len(content))] = choices.below(256)
    return bytes(content)


def _flip_fields(choices: Choices, base: Base) -> bytes:
    """Change a number in the headers of the zip archive itself."""
    content = bytearray(base.content)
    magic = choices.pick((b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06"))
    places, place = [], content.find(magic)
    while place >= 0:
        places.append(place)
        place = content.find(magic, place + 1)
    if places:
        place = choices.pick(places) + 4 + choices.below(44)
        size = choices.pick((1, 2, 4, 8))
        number = choices.pick((0, 1, 8, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63, len(content)))
        content[place : place + size] = (number % 256**size).to_bytes(size, "little")
    return bytes(content)


def _cut(choices: Choices, base: Base) -> bytes:
    return base.content[: choices.below(len(base.content))]


def _splice(choices: Choices, base: Base) -> bytes:
    other = choices.pick(bases()).content
    start, stop = choices.below(len(other)), choices.below(len(other))
    place = choices.below(len(base.content))
    return base.content[:place] + other[start:stop] + base.content[place + choices.below(100) :]


def _forge(choices: Choices, base: Base) -> bytes:
    """Say twice that one place is a member, or another size of it, in the table of contents."""
    parts = [part._replace(method=zipfile.ZIP_DEFLATED) for part in parts_of(base)]
    content = bytearray(packed(parts))
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 1)
    field, size = choices.pick(((16, 4), (20, 4), (24, 4), (42, 4), (10, 2), (8, 2)))
    new = choices.pick((bytes(size), b"\xff" * size, content[second + field :][:size]))
    content[first + field : first + field + size] = new
    return bytes(content)


def _noise(choices: Choices, base: Base) -> bytes:
    return choices.pick((b"", b"PK\x03\x04", b"PK\x05\x06")) + choices.bytes(choices.below(300))


DAMAGES = {
    "flips": _flip,
    "zip fields": _flip_fields,
    "cut": _cut,
    "splice": _splice,
    "forged sizes": _forge,
    "noise": _noise,
}
