"""Checkpoint files that are cut, damaged, of another kind or cannot be written."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training.resuming import Kill, KilledError, regression, train

from minimlp import SGD, Dense, Sequential
from minimlp.callbacks import EarlyStopping
from minimlp.training import checkpoint


@pytest.fixture
def _at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))
    monkeypatch.setattr(os, "fsync", lambda file: None)


def tiny(folder: Path, **given: Any) -> Any:
    """A checkpoint of as few bytes as can be."""
    fixed = {"x": [[1.0], [2.0]], "y": [2.0, 4.5], "epochs": 2, "optimizer": SGD(0.1)}
    return Sequential(Dense(1, 1), seed=0), {**fixed, "callbacks": [], "batch_size": 1, **given}


@pytest.fixture
def generations(tmp_path: Path, _at_every_step: None) -> Path:
    """Two generations, three and two steps old, of four steps."""
    with pytest.raises(KilledError):
        train(tiny(tmp_path), tmp_path, kill=3)
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "checkpoint.previous"]
    return tmp_path


def as_it_was(folder: Path, pattern: str, **given: Any) -> None:
    """The call is refused, and nothing of the model has changed."""
    model, fixed = tiny(folder)
    before = model.parameters.tobytes(), repr(model.rng.bit_generator.state)
    with pytest.raises(ValueError, match=pattern):
        train((model, fixed), folder, **given)
    assert (model.parameters.tobytes(), repr(model.rng.bit_generator.state)) == before
    assert fixed["optimizer"].learning_rate == 0.1


def test_the_newest_is_taken_and_the_older_one_is_one_write_older(generations: Path) -> None:
    steps = []

    class Count(Kill):
        def __repr__(self) -> str:
            return "Kill"

        def on_batch_end(self, batch: int, logs: dict[str, float]) -> None:
            steps[-1] += 1

    kept = {
        "both": {"": "", ".previous": ".previous"},
        "between two moves": {".next": "", ".previous": ".previous"},
        "removed by hand": {".previous": ".previous"},
    }
    for case, files in kept.items():
        copy = generations / case
        copy.mkdir()
        for name, source in files.items():
            shutil.copy(generations / f"checkpoint{source}", copy / f"checkpoint{name}")
        steps.append(0)
        model, given = tiny(copy)
        model.fit(**{**given, "callbacks": [Count(None)]}, checkpoint=copy / "checkpoint")
    assert steps == [1, 2, 4]


def changed(content: bytes, at: int, mask: int) -> bytes:
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def variants(content: bytes) -> Any:
    """Cut at every length; every byte changed in one bit, and to its opposite."""
    for length in range(len(content)):
        yield content[:length]
    for at in range(len(content)):
        for mask in (1 << at % 8, 0xFF):
            yield changed(content, at, mask)


def parts(path: Path) -> Any:
    header, arrays = checkpoint._read(path)
    return header, {
        name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()
    }


def test_every_damage_is_noticed_or_changes_nothing(generations: Path) -> None:
    path = generations / "checkpoint"
    content, whole = path.read_bytes(), parts(path)
    same, said = 0, set()
    for damaged in variants(content):
        path.write_bytes(damaged)
        try:
            assert parts(path) == whole
            same += 1
        except ValueError as error:
            said.add(f"{error}".replace(f"{path}", "FILE"))
    assert all("FILE" in words and "\n" not in words for words in said)
    assert same < len(content)  # dates and versions of the archive, on which nothing depends


def test_the_older_generation_is_taken_where_the_newest_is_damaged(generations: Path) -> None:
    expected = train(tiny(generations), generations, kept=False)
    path, previous = generations / "checkpoint", generations / "checkpoint.previous"
    content, older = path.read_bytes(), previous.read_bytes()
    parameter = content.index(b"parameters.npy") + 165  # its checksum alone tells
    for damaged in (b"", content[:-1], content[:2000], changed(content, parameter, 1)):
        path.write_bytes(damaged)
        previous.write_bytes(older)
        with pytest.warns(RuntimeWarning, match="going on from the generation before"):
            assert train(tiny(generations), generations) == expected
        assert train(tiny(generations), generations) == expected


def test_a_damaged_one_does_not_take_the_place_of_the_only_whole_one(
    generations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = generations / "checkpoint"
    path.write_bytes(b"damaged")
    expected = train(tiny(generations), generations, kept=False)["parameters"]
    replace, moves = os.replace, []

    def watched(source: Any, target: Any) -> None:
        replace(source, target)
        moves.append((os.path.basename(source), os.path.basename(target)))
        whole = [p for p in (path, path.with_name("checkpoint.previous")) if is_whole(p)]
        assert whole  # whenever the process ends

    monkeypatch.setattr(os, "replace", watched)
    with pytest.warns(RuntimeWarning, match="generation before"):
        assert train(tiny(generations), generations)["parameters"] == expected
    assert ("checkpoint", "checkpoint.previous") not in moves[:2]
    assert ("checkpoint.next", "checkpoint") in moves


def is_whole(path: Path) -> bool:
    try:
        checkpoint._read(path)
    except (OSError, ValueError):
        return False
    return True


@pytest.mark.parametrize("both", [b"", b"PK\x03\x04", b"something else"])
def test_two_broken_generations_are_one_clear_error(generations: Path, both: bytes) -> None:
    for name in ("checkpoint", "checkpoint.previous"):
        (generations / name).write_bytes(both)
    as_it_was(generations, r"no checkpoint to go on from: .* is .*Remove it to begin anew")


@pytest.mark.parametrize("name", ["position", "history", "generators", "frozen", "callbacks"])
@pytest.mark.parametrize("value", ["missing", None, [], {}, 3])
def test_a_header_that_is_not_ours_is_refused(generations: Path, name: str, value: Any) -> None:
    path = generations / "checkpoint"
    header, arrays = checkpoint._read(path)
    header[name] = value
    if value == "missing":
        del header[name]
    elif header[name] == [] and name == "callbacks":
        header[name] = [{}, {}]
    checkpoint.write_archive(path, header, arrays)
    as_it_was(generations, "checkpoint|random generator|zip|layers")


def test_what_nothing_asks_for_is_refused(generations: Path) -> None:
    path = generations / "checkpoint"
    header, arrays = checkpoint._read(path)
    checkpoint.write_archive(path, header, {**arrays, "more": np.zeros(3)})
    as_it_was(generations, "the checkpoint holds 'more', which nothing asks for")


def test_a_packed_bomb_is_refused_before_it_is_unpacked(generations: Path) -> None:
    path = generations / "checkpoint"
    with np.load(path) as archive:
        members = dict(archive)
    header = json.loads(members.pop("header").tobytes())
    members["bomb"] = np.zeros(10**8)
    header["arrays"] = list(members)
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    with open(path, "wb") as file:
        np.savez_compressed(file, header=text, **members)
    (generations / "checkpoint.previous").unlink()
    del members
    tracemalloc.start()
    as_it_was(generations, "packed after it was written")
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()


@pytest.mark.parametrize("name", ["parameters", "last finite"])
@pytest.mark.parametrize("value", [np.zeros(3), np.zeros(2, np.float32), None])
def test_arrays_that_do_not_fit_are_refused(generations: Path, name: str, value: Any) -> None:
    path = generations / "checkpoint"
    header, arrays = checkpoint._read(path)
    arrays = {**arrays, name: value}
    if value is None:
        del arrays[name]
    checkpoint.write_archive(path, header, arrays)
    as_it_was(generations, f"{name} have shape|not complete")


def test_a_model_is_no_checkpoint_and_a_checkpoint_no_model(generations: Path) -> None:
    path = generations / "checkpoint"
    with pytest.raises(ValueError, match="not a complete minimlp model"):
        Sequential.load(path)
    model, _ = tiny(generations)
    model.save(path)
    content = path.read_bytes()
    as_it_was(generations, "is not a training checkpoint: give another path")
    path.with_name("checkpoint.previous").unlink()
    as_it_was(generations, "is not a training checkpoint: give another path")
    assert path.read_bytes() == content


def test_where_nothing_can_be_written_nothing_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, given = tiny(tmp_path)
    for path, error, words in [
        (tmp_path, IsADirectoryError, "checkpoint is a folder"),
        (tmp_path / "none" / "file", FileNotFoundError, "checkpoint has no folder"),
        (3, TypeError, "checkpoint must be a path, got 3"),
    ]:
        with pytest.raises(error, match=words):
            model.fit(**given, checkpoint=path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # an administrator may do anything
    with pytest.raises(PermissionError, match="checkpoint cannot be written: no permission in"):
        model.fit(**given, checkpoint=tmp_path / "file")
    assert not any(tmp_path.iterdir())
    assert model.parameters.tobytes() == tiny(tmp_path)[0].parameters.tobytes()


@pytest.mark.usefixtures("_at_every_step")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_a_disk_that_fills_up_costs_one_warning(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = train(regression(tmp_path), tmp_path, kept=False)
    with pytest.raises(KilledError):
        train(regression(tmp_path), tmp_path, kill=4)
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(file: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.warns(RuntimeWarning, match="cannot be written .*training goes on") as warned:
            found = train(regression(tmp_path), tmp_path)
    assert len(warned) == 1
    assert found == expected
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept
    assert train(regression(tmp_path), tmp_path) == expected  # once there is room again


LIMITED = """
import resource, sys, warnings
from pathlib import Path
from training.resuming import regression, train
from minimlp.training import checkpoint
checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1e9
folder = Path(sys.argv[1])
if sys.argv[2] != "none":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    found = train(regression(folder), folder, epochs=int(sys.argv[3]))
print(found["parameters"].hex(), len(warned))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_files_that_may_not_grow(tmp_path: Path) -> None:
    def run(limit: str, epochs: int) -> list[str]:
        words = [sys.executable, "-c", LIMITED, str(tmp_path), limit, str(epochs)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            words, capture_output=True, text=True, check=True, env=environment
        ).stdout.split()

    expected = train(regression(tmp_path), tmp_path, kept=False)["parameters"].hex()
    assert run("none", 2)[1] == "0"
    kept = (tmp_path / "checkpoint").read_bytes()
    assert run("1000", 4) == [expected, "1"]
    assert (tmp_path / "checkpoint").read_bytes() == kept
    assert not (tmp_path / "checkpoint.writing").exists()
    assert run("none", 4) == [expected, "0"]


def test_another_environment_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(regression(tmp_path), tmp_path, epochs=2)
    there = {**checkpoint.environment(), "NumPy": "1.0", "BLAS threads": 99}
    monkeypatch.setattr(checkpoint, "environment", lambda: there)
    with pytest.warns(RuntimeWarning, match=r"written elsewhere \(NumPy .* → 1\.0, BLAS threads"):
        train(regression(tmp_path), tmp_path)
    train(regression(tmp_path), tmp_path)  # was written here


def test_the_best_weights_of_a_finished_training_come_back(tmp_path: Path) -> None:
    early = [lambda _: EarlyStopping("loss", patience=1, min_delta=0.01)]
    expected = train(regression(tmp_path, optimizer=SGD(1.0), callbacks=early), tmp_path)
    again = regression(tmp_path, optimizer=SGD(1.0), callbacks=early)
    assert train(again, tmp_path)["parameters"] == expected["parameters"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").symlink_to(tmp_path / "elsewhere")
    for _ in range(2):
        model, given = tiny(tmp_path)
        model.fit(**given, checkpoint=tmp_path / "checkpoint")
        assert (tmp_path / "checkpoint").is_symlink()
        assert is_whole(tmp_path / "elsewhere")
