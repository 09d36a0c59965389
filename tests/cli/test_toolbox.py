"""Options as pieces of the toolbox: each does what it names, alone and with others."""

import json
import re

import pytest

from minimlp import (
    LBFGS,
    SGD,
    Adam,
    CategoricalCrossEntropy,
    CosineDecay,
    ElasticNet,
    OneCycle,
    Sequential,
    StepDecay,
)
from minimlp.cli import main
from minimlp.cli.tasks import digits_task
from minimlp.toolbox import ACTIVATIONS, LOSSES, OPTIMIZERS, SCHEDULES


def learnt(options, capsys):
    """Train on the digits, and give the model, what is said, and the accuracy."""
    assert main(["train", "-o", "run", "--overwrite", *options.split()]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80
    return Sequential.load("run/model.npz"), out, float(out.split()[-1])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, capsys):
    model, out, accuracy = learnt(f"--activation {name} --epochs 5 --hidden 32", capsys)
    assert isinstance(model.layers[1], ACTIVATIONS[name])
    assert f"hidden layers {name}," in out
    assert accuracy > 0.85


@pytest.mark.parametrize("loss", LOSSES["classification"])
@pytest.mark.parametrize("optimizer", [name for name in OPTIMIZERS if name not in ("lm", "br")])
def test_losses_and_optimizers(loss, optimizer, capsys):
    epochs = 30 if optimizer == "lbfgs" else 8
    options = f"--loss {loss} --optimizer {optimizer} --hidden 32 --epochs {epochs}"
    model, out, accuracy = learnt(options, capsys)
    kind, output = LOSSES["classification"][loss]
    assert isinstance(model.layers[-1], output)
    recorded = model.metadata["settings"]
    assert recorded["loss"] == f"{kind.__name__}()"
    assert recorded["optimizer"].startswith(f"{OPTIMIZERS[optimizer].__name__}(")
    assert accuracy > (0.5 if optimizer == "lbfgs" else 0.85)
    task = digits_task(0)
    rows = task.test
    measured = model.evaluate(task.x[rows], task.y[rows], loss=kind(), metrics="accuracy")
    assert model.metadata["figures"]["test loss"] == measured["loss"]
    assert re.search(rf"^  test +{measured['loss']:.4f} +{accuracy:.4f}$", out, re.MULTILINE)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_schedules(schedule, capsys):
    steps = 4 * 90
    made = {
        "constant": 1.0,
        "cosine": CosineDecay(0.0, steps - 18, warmup_target=1.0, warmup_steps=18),
        "step": StepDecay(1.0, steps // 3),
        "one-cycle": OneCycle(1.0, steps),
    }
    options = f"--schedule {schedule} --learning-rate 1 --epochs 4 --hidden 32"
    model, out, _ = learnt(options, capsys)
    if schedule in made:
        assert model.metadata["settings"]["optimizer"] == repr(SGD(made[schedule]))
    assert (f"{schedule} schedule" in out) == (schedule != "constant")


def test_regularisation(capsys):
    options = (
        "--dropout 0.2 --l1 1e-5 --l2 1e-4 --label-smoothing 0.1 --loss cross-entropy "
        "--optimizer adamw --weight-decay 0.02 --clip-norm 2 --epochs 3"
    )
    model, out, accuracy = learnt(options, capsys)
    assert "Dropout(0.2)" in repr(model)
    settings = model.metadata["settings"]
    assert settings["penalty"] == repr(ElasticNet(1e-5, 1e-4))
    assert settings["loss"] == repr(CategoricalCrossEntropy(0.1))
    assert "weight_decay=0.02" in settings["optimizer"]
    assert "clip_norm=2.0" in settings["optimizer"]
    assert accuracy > 0.8
    said = " ".join(out.split())
    for words in ("dropout 0.2", "l1 1e-05", "label smoothing 0.1", "weight decay 0.02"):
        assert words in said
    assert main(["info", "run"]) == 0
    assert "Dropout(0.2)" in capsys.readouterr().out


def test_a_large_penalty_shrinks_the_weights(capsys):
    plain, _, _ = learnt("--epochs 3", capsys)
    for option in ("--l2 0.01", "--weight-decay 0.01", "--l1 0.01"):
        small, _, _ = learnt(f"--epochs 3 {option}", capsys)
        assert abs(small.parameters).mean() < 0.7 * abs(plain.parameters).mean()


def test_patience(capsys, tmp_path):
    options = "--patience 2 --activation relu --optimizer adam --learning-rate 0.02 --epochs 200"
    model, out, _ = learnt(options, capsys)
    assert re.search(r"  train    1,25\d images\n  judge    1[78]\d images", out)
    assert "; stopped after epoch" in out
    assert "val_loss has not improved for 2 epochs" in " ".join(out.split())
    assert "val_loss has not improved for 2 epochs" in model.metadata["stopped"]
    history = json.loads((tmp_path / "run" / "history.json").read_text())
    assert len(history["val_loss"]) < 200
    best = min(history["val_loss"])
    assert history["val_loss"][-3] == best
    task = digits_task(0, 0.1)
    assert not set(task.train) & set(task.validation)
    assert sorted([*task.train, *task.validation, *task.test]) == list(range(1797))
    rows = task.validation
    measured = model.evaluate(task.x[rows], task.y[rows], metrics="accuracy")
    assert model.metadata["figures"]["validation accuracy"] == measured["accuracy"]


def test_the_solver_says_why_it_ended(capsys):
    model, out, _ = learnt("--optimizer lbfgs --hidden 4 --epochs 5", capsys)
    assert model.metadata["settings"]["optimizer"] == repr(LBFGS())
    assert "L-BFGS on all rows at once; 5 iterations at most" in " ".join(out.split())


def test_momentum_lowers_the_rate_that_was_not_given(capsys):
    model, _, accuracy = learnt("--momentum 0.9 --activation relu --epochs 10", capsys)
    assert model.metadata["settings"]["optimizer"] == repr(SGD(0.1, momentum=0.9))
    assert accuracy > 0.9


def test_adam_has_a_rate_of_its_own(capsys):
    model, _, _ = learnt("--optimizer adam --epochs 1", capsys)
    assert model.metadata["settings"]["optimizer"] == repr(Adam(0.003))
    model, _, _ = learnt("--optimizer adam --epochs 1 --learning-rate 0.01", capsys)
    assert model.metadata["settings"]["optimizer"] == repr(Adam(0.01))
