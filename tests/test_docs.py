"""The README and the docs do what they say: their blocks run, and print what is shown."""

import contextlib
import inspect
import io
import re
import shlex
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

import minimlp
from minimlp import registry
from minimlp.cli import main

ROOT = Path(__file__).parent.parent
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^```(?P<kind>python|sh)\n(?P<code>.*?)^```\n(?:\n*^```text\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """A block of code, the line it starts at, and the output shown directly below it, if any."""

    kind: str
    code: str
    line: int
    output: str | None


def blocks_of(text: str) -> list[Block]:
    return [
        Block(
            found["kind"], found["code"], text.count("\n", 0, found.start("code")), found["output"]
        )
        for found in BLOCK.finditer(text)
    ]


@pytest.fixture
def only_own_pieces(monkeypatch):
    """Forget all pieces but the package's own: pages may take names that other tests have taken."""
    own = {
        name: piece
        for name, piece in registry._PIECES.items()
        if piece.__module__.split(".")[0] == "minimlp"
    }
    monkeypatch.setattr(registry, "_PIECES", own)
    return own


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
@pytest.mark.usefixtures("only_own_pieces")
def test_blocks_run_and_print_what_is_shown(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "penguins.csv", tmp_path / "docs")
    namespace = {"__name__": "__main__"}
    for block in blocks_of(path.read_text(encoding="utf-8")):
        printed = io.StringIO()
        # The empty lines in front make tracebacks point into the page.
        code = "\n" * block.line + block.code
        with contextlib.redirect_stdout(printed):
            if block.kind == "sh":
                run_commands(block.code)
            else:
                exec(compile(code, str(path), "exec"), namespace)
        if block.output is not None:
            assert without_times(printed.getvalue()) == without_times(block.output), (
                f"{path.name}, line {block.line}"
            )


def run_commands(code):
    """Run the lines of a block that are minimlp's own commands."""
    for line in code.splitlines():
        if line.startswith("minimlp "):
            assert main(shlex.split(line)[1:]) == 0, line


def without_times(text):
    return re.sub(r"\d+\.\d\d s\b", "… s", text)


def test_blocks_are_found_with_their_output():
    text = (
        "```python\nprint(1)\n```\n\n```text\n1\n```\n"
        "words\n```python\nprint(2)\n```\nmore words\n```text\n3\n```\n"
    )
    assert blocks_of(text) == [
        Block("python", "print(1)\n", 1, "1\n"),
        Block("python", "print(2)\n", 9, None),
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_readme_opens_with_a_program_of_fifteen_lines():
    first = blocks_of((ROOT / "README.md").read_text(encoding="utf-8"))[0]
    assert len(first.code.splitlines()) <= 15


@pytest.mark.parametrize(
    "command",
    [
        'python3 -m venv .venv && .venv/bin/pip install ".[cli]" && .venv/bin/minimlp train',
        'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/pytest',
    ],
)
def test_the_readme_has_the_two_commands(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()


def test_every_piece_has_a_row_in_the_docs(only_own_pieces):
    table = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    missing = [
        name
        for name in only_own_pieces
        if hasattr(minimlp, name) and not re.search(rf"^\| `{name}", table, re.MULTILINE)
    ]
    assert not missing


def test_the_docs_show_each_signature_whole():
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| `(\w+)\(([^`]*)\)` \|", text, re.MULTILINE))
    assert len(shown) > 30
    for name, arguments in shown.items():
        if arguments.endswith("...") or not hasattr(minimlp, name):
            continue
        parameters = inspect.signature(getattr(minimlp, name)).parameters.values()
        words = [
            each.name if each.default is each.empty else f"{each.name}={each.default!r}"
            for each in parameters
        ]
        required = [each.name for each in parameters if each.default is each.empty]
        assert arguments.replace('"', "'") in (", ".join(words), ", ".join(required)), name
