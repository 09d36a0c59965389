import numpy as np

from minimlp import Dense, Normalization, Sequential, Sigmoid, mlp


def test_the_table():
    model = mlp(64, 32, 10, output=Sigmoid, seed=0)
    model.layers[2].freeze("bias")
    assert model.summary().splitlines() == [
        "    layer          outputs  parameters  frozen",
        "──────────────────────────────────────────────",
        "0   Dense(64, 32)       32       2,080",
        "1   Sigmoid()           32           0",
        "2   Dense(32, 10)       10         330  bias",
        "3   Sigmoid()           10           0",
        "──────────────────────────────────────────────",
        # 64·32 + 32 + 32·10 + 10 = 2,410 numbers of 8 bytes, 18.83 KB
        "64 inputs, 10 outputs, 2,410 parameters (10 frozen), float64 (18.8 KB)",
    ]


def test_float32_is_half_as_large():
    assert "float32 (9.4 KB)" in mlp(64, 32, 10, output=Sigmoid, dtype=np.float32).summary()


def test_a_chain_of_any_width():
    text = Sequential(Sigmoid()).summary()
    assert "any inputs, any outputs, 0 parameters" in text


def test_columns_line_up_for_many_and_for_long_layers():
    model = Sequential(Normalization(1000), *(Dense(1000, 1000, bias=False) for _ in range(11)))
    lines = model.summary().splitlines()
    assert len(lines) == 16
    assert {line.split()[0] for line in lines[2:14]} == {str(i) for i in range(12)}
    assert len({line.index("1,000 ") for line in lines[2:14]}) == 1
    assert "11,000,000 parameters" in lines[-1]
