"""Files that are either whole or not there, and are never trusted.

Writing goes to a temporary file beside the target, which takes the target's place in one move when
every byte is on the disk. Reading checks everything and unpickles nothing: names and sizes first,
then the header, and an array only where it is asked for. A model file is an ordinary ``.npz``
archive: arrays, and a header in JSON as an array of bytes.
"""

from .archive import FORMAT, VERSION, read_archive, write_archive
from .arrays import Arrays, outline
from .atomic import write_atomic

__all__ = [
    "FORMAT",
    "VERSION",
    "Arrays",
    "outline",
    "read_archive",
    "write_archive",
    "write_atomic",
]
