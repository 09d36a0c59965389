import io
import sys
from types import ModuleType
from typing import Any

import pytest

from minimlp.training.progress import ProgressBar, make_progress


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)


def train(bar: ProgressBar, epochs: int) -> None:
    bar.on_train_begin()
    for epoch in range(epochs):
        bar.on_epoch_begin(epoch, {})
        bar.on_batch_end(0, {"loss": 0.5, "size": 32})
        bar.on_batch_end(1, {"loss": 0.5, "size": 18})
        bar.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 0.25, "accuracy": 0.875})
    bar.on_train_end()


@pytest.mark.usefixtures("no_notebook")
def test_bar_counts_samples_and_shows_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stderr)
    train(ProgressBar(2, 50), 2)
    last = stderr.getvalue().rstrip("\n").split("\r")[-1]
    assert last.startswith("epoch 2/2: ")
    assert "00:00 left" in last
    assert "samples/s" in last
    assert "loss=0.5, val_loss=0.25, accuracy=0.875" in last


@pytest.mark.usefixtures("no_notebook")
def test_a_bar_goes_on_where_an_earlier_call_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stderr)
    bar = ProgressBar(4, 50)
    bar.on_train_begin()
    for epoch in (2, 3):
        bar.on_epoch_begin(epoch, {})
        bar.on_batch_end(0, {"loss": 0.5, "size": 50})
        bar.on_epoch_end(epoch, {"loss": 0.5})
    bar.on_train_end()
    last = stderr.getvalue().rstrip("\n").split("\r")[-1]
    assert last.startswith("epoch 4/4: ")
    assert "00:00 left" in last


@pytest.mark.usefixtures("no_notebook")
def test_a_bar_can_be_closed_at_any_time_and_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stderr)
    bar = ProgressBar(2, 50)
    bar.close()
    bar.on_train_begin()
    bar.close()
    bar.close()
    assert "epoch 2/2" not in stderr.getvalue()
    train(bar, 2)
    assert "epoch 2/2" in stderr.getvalue()


def test_a_notebook_gets_a_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[dict[str, Any]] = []

    class Widget:
        def __init__(self, **options: Any) -> None:
            made.append(options)

        def close(self) -> None:
            made.append({"closed": True})

    notebook = ModuleType("tqdm.notebook")
    notebook.tqdm = Widget  # type: ignore[attr-defined]
    widgets = ModuleType("ipywidgets")
    widgets.__spec__ = object()  # type: ignore[assignment]
    for name, module in [
        ("ipykernel", ModuleType("ipykernel")),
        ("ipywidgets", widgets),
        ("tqdm", ModuleType("tqdm")),
        ("tqdm.notebook", notebook),
    ]:
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(sys, "stderr", Stream(terminal=False))
    bar = make_progress(None, 3, 10)
    assert bar is not None
    bar.on_train_begin()
    bar.on_train_end()
    assert made[0]["total"] == 30
    assert made[1] == {"closed": True}


@pytest.mark.usefixtures("no_notebook")
@pytest.mark.parametrize(
    ("progress", "terminal", "shown"),
    [
        (None, True, True),
        (None, False, False),
        (True, True, True),
        (True, False, True),
        (False, True, False),
        (False, False, False),
    ],
)
def test_who_gets_a_bar(
    monkeypatch: pytest.MonkeyPatch, progress: bool | None, terminal: bool, shown: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", Stream(terminal))
    assert (make_progress(progress, 1, 1) is not None) is shown


@pytest.mark.usefixtures("no_notebook")
def test_without_stderr_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert make_progress(None, 1, 1) is None


@pytest.mark.usefixtures("no_notebook")
def test_without_tqdm_only_an_explicit_wish_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys, "stderr", Stream(terminal=True))
    assert make_progress(None, 1, 1) is None
    assert make_progress(False, 1, 1) is None
    with pytest.raises(ImportError, match=r'pip install "minimlp\[cli\]"'):
        make_progress(True, 1, 1)


@pytest.mark.parametrize("progress", [1, 0, "yes", [], 1.0])
def test_anything_else_is_refused(progress: Any) -> None:
    with pytest.raises(TypeError, match="progress must be True, False or None, got"):
        make_progress(progress, 1, 1)
