"""Warnings while it trains: a line each, and none of NumPy's."""

import warnings

import numpy as np

from minimlp.cli.run_files import warnings_in_one_line


def test_warnings(capsys):
    with warnings_in_one_line():
        warnings.warn("the disk\nis full\x1b", RuntimeWarning, stacklevel=1)
        np.exp(np.array([1e4]))
        np.array([np.inf]) - np.inf
    assert capsys.readouterr().err == "minimlp: note: the disk is full?\n"
