import numpy as np
import pytest

from minimlp.metrics import r2


def test_by_hand() -> None:
    # Mean 2, variation 1 + 0 + 1, unexplained 0 + 0 + 1.
    assert r2([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]) == 0.5
    assert r2([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    assert r2([1.0, 2.0, 3.0], [2.0, 2.0, 2.0]) == 0.0
    assert r2([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == -3.0


def test_the_example_of_scikit_learns_documentation() -> None:
    target, prediction = [3, -0.5, 2, 7], [2.5, 0.0, 2, 8]
    assert r2(target, prediction) == pytest.approx(0.9486081370449679, rel=1e-14)


def test_outputs_count_alike() -> None:
    target, prediction = np.random.default_rng(0).normal(size=(2, 40, 3))
    target *= [1, 10, 100]
    each = []
    for k in range(3):
        t, o = target[:, k], prediction[:, k]
        each.append(1 - ((t - o) ** 2).sum() / ((t - t.mean()) ** 2).sum())
    assert r2(target, prediction) == pytest.approx(np.mean(each), rel=1e-13)


@pytest.mark.parametrize("value", [0.0, 0.1, 7.0])
@pytest.mark.parametrize("rows", [1, 3, 10])
def test_a_constant_target_is_hit_or_missed(value: float, rows: int) -> None:
    target = np.full((rows, 1), value)
    assert r2(target, target) == 1.0
    missed = target.copy()
    missed[0] += 1e-9
    assert r2(target, missed) == 0.0


def test_a_constant_output_beside_another() -> None:
    target = [[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]]
    assert r2(target, [[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]]) == 0.75
    assert r2(target, [[1.0, 5.0], [2.0, 5.0], [4.0, 6.0]]) == 0.25
