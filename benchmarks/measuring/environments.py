"""A Python that sees one library and what it requires, though many more are installed.

scikit-learn imports pandas where there is pandas, Keras imports matplotlib, Thinc imports PyTorch.
In an environment with all of them each would pay for the others.
"""

from __future__ import annotations

import sys
import venv
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from measuring.sizes import closure


def python_with(distributions: Iterable[str], package: str, folder: Path) -> str:
    """Make an environment in `folder` out of links to the installed files; give its Python."""
    venv.create(folder, symlinks=sys.platform != "win32")
    site = next(folder.rglob("site-packages"))
    # Installed for development, a distribution lists no files: its package is linked by itself.
    spec = find_spec(package)
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    for distribution in closure(distributions).values():
        tops = {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}
        places += [Path(str(distribution.locate_file(top))) for top in sorted(tops)]
    for place in places:
        if place.exists() and place.suffix != ".pth" and not (site / place.name).exists():
            (site / place.name).symlink_to(place)
    scripts = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    return str(folder / scripts)
