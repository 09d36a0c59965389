from minimlp.metrics import rmse


def test_by_hand() -> None:
    assert rmse([[0.0], [0.0]], [[3.0], [3.0]]) == 3.0
    # √((9 + 16 + 0 + 0) / 4)
    assert rmse([[0.0, 0.0], [1.0, 1.0]], [[3.0, 4.0], [1.0, 1.0]]) == 2.5
