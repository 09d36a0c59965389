"""Cases for fuzz.py: files and arguments as strangers may give them, and what may come of them."""


class Unexpected(Exception):  # noqa: N818  (it tells what was found)
    """What came of a case is not what the documentation says."""
