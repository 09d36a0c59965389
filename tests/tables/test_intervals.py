"""Intervals in the units of a table, and the file that keeps them."""

import numpy as np
import pytest

from minimlp import TableModel
from minimlp.storage import read_archive, write_archive

RNG = np.random.default_rng(0)
X = RNG.uniform(-2, 2, 80)
ROWS = {"x": X, "y": 1000 + 50 * np.sin(2 * X) + RNG.normal(0, 5, 80), "z": X + 1}
NEW = {"x": [-1.0, 0.3, 5.0]}


def fitted(target="y", drop="z"):
    return TableModel.fit(ROWS, target, drop=drop, hidden=[4], epochs=20, intervals=True, seed=0)


def test_they_are_the_posteriors_in_other_units():
    model = fitted()
    found = model.predict_intervals(NEW, 0.8)
    raw = model.posterior.predict(np.array(NEW["x"])[:, None], 0.8)
    (mean,), (scale,) = model.target.mean, model.target.scale
    for ours, theirs in zip(found, raw, strict=True):
        np.testing.assert_allclose(ours, theirs * scale + mean, rtol=1e-9)
    np.testing.assert_allclose(found.noise_deviation, raw.noise_deviation * scale, rtol=1e-12)
    np.testing.assert_allclose(found.mean_upper, raw.mean_upper * scale + mean, rtol=1e-9)
    np.testing.assert_allclose(found.mean[:, 0], model.predict(NEW), rtol=1e-12)
    assert found.noise_deviation[0, 0] == pytest.approx(5, rel=0.3)


@pytest.mark.parametrize("unit", [2.0**-600, 2.0**600])
def test_units_may_be_of_any_size(unit):
    options = {"hidden": [4], "epochs": 20, "intervals": True, "seed": 0}
    plain = TableModel.fit({"x": X, "y": ROWS["y"] - 1000}, "y", **options)
    other = TableModel.fit({"x": X, "y": (ROWS["y"] - 1000) * unit}, "y", **options)
    for ours, theirs in zip(
        other.predict_intervals(NEW), plain.predict_intervals(NEW), strict=True
    ):
        np.testing.assert_allclose(ours / unit, theirs, rtol=1e-3, atol=1e-3)


def test_each_of_several_targets_has_its_own():
    model = fitted(["y", "z"], drop=())
    found = model.predict_intervals(NEW)
    assert found.lower.shape == (3, 2)
    assert (found.lower < found.upper).all()
    ratio = found.noise_deviation[:, 0] / found.noise_deviation[:, 1]
    np.testing.assert_allclose(ratio, model.target.scale[0] / model.target.scale[1])


def test_a_file_keeps_them_to_the_bit(tmp_path):
    model = fitted()
    model.save(tmp_path / "m.npz")
    loaded = TableModel.load(tmp_path / "m.npz")
    for ours, theirs in zip(
        loaded.predict_intervals(NEW), model.predict_intervals(NEW), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    assert repr(loaded.posterior) == repr(model.posterior)


def test_what_is_frozen_afterwards_makes_no_difference(tmp_path):
    model = fitted()
    model.model.layers[1].freeze()
    model.save(tmp_path / "m.npz")
    found = TableModel.load(tmp_path / "m.npz").predict_intervals(NEW)
    np.testing.assert_array_equal(found.lower, model.predict_intervals(NEW).lower)


def test_without_them_there_are_none(tmp_path):
    model = TableModel.fit(ROWS, "y", drop="z", epochs=2, seed=0)
    assert model.posterior is None
    with pytest.raises(TypeError, match="intervals=True"):
        model.predict_intervals(NEW)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("noise", 0.0),
        ("noise", -1.0),
        ("noise", 1e200),
        ("noise", "0.1"),
        ("noise", 1),
        ("prior_precision", -1.0),
        ("effective_parameters", 14.0),
        ("degrees_of_freedom", 0.0),
        ("degrees_of_freedom", None),
    ],
)
def test_a_figure_out_of_range_is_damage(name, value, tmp_path):
    def damage(header, arrays):
        header["table"]["intervals"][name] = value

    refused(tmp_path, damage, name if name != "effective_parameters" else "14.0 determined")


@pytest.mark.parametrize(
    "root",
    [
        np.zeros((12, 13)),
        np.zeros((13, 12)),
        np.zeros(13),
        np.zeros((13, 13), np.float32),
        np.full((13, 13), np.nan),
        np.full((13, 13), 1e200),
    ],
)
def test_a_root_that_does_not_fit_is_damage(root, tmp_path):
    refused(tmp_path, lambda header, arrays: arrays.update({"table.posterior": root}), "posterior")


def test_figures_or_arrays_that_lack_are_damage(tmp_path):
    refused(tmp_path, lambda header, arrays: header["table"]["intervals"].pop("noise"), "noise")
    refused(tmp_path, lambda header, arrays: header["table"].update(intervals=3), "subscriptable")


def test_classes_have_none(tmp_path):
    kinds = TableModel.fit({"x": X, "kind": np.where(X > 0, "a", "b")}, "kind", epochs=1, seed=0)
    kinds.save(tmp_path / "kinds.npz")
    header, arrays = map(dict, read_archive(tmp_path / "kinds.npz"))
    header["table"]["intervals"] = {}
    write_archive(tmp_path / "kinds.npz", header, arrays)
    with pytest.raises(ValueError, match="intervals are damaged: classes have none"):
        TableModel.load(tmp_path / "kinds.npz")


def refused(folder, damage, words):
    fitted().save(folder / "m.npz")
    header, arrays = map(dict, read_archive(folder / "m.npz"))
    damage(header, arrays)
    write_archive(folder / "m.npz", header, arrays)
    with pytest.raises(ValueError, match=f"m.npz: the model's intervals are damaged: .*{words}"):
        TableModel.load(folder / "m.npz")
