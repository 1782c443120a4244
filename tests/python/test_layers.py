"""The layers of `ops.nn` give what PyTorch's gave (`tests/reference/torch_layers.py`), and modules keep, name and load their arrays."""

import copy
import json
import math
import pathlib
import pickle

import layer_cases
import pytest

from purify import ops
from purify.ops import nn

RECORDS = [json.loads(line) for line in (pathlib.Path(__file__).parent.parent / "reference/torch_layers.jsonl").read_text().splitlines()]


def array(shape, flat, integers=False):
    return ops.reshape(ops.asarray(flat, dtype=ops.int64 if integers else ops.float32), tuple(shape))


def state(layer):
    return {name: tuple(value.shape) for name, value in layer.state_dict().items()}


def flat(result):
    return [float(x) for x in ops.reshape(result, (-1,)).tolist()]


@pytest.mark.parametrize("index", range(len(layer_cases.CASES)), ids=lambda i: f"{i}-{layer_cases.CASES[i][0]}")
def test_a_layer_gives_what_pytorch_gave(index):
    record = RECORDS[index]
    assert record["layer"] == layer_cases.CASES[index][0], "the record is out of date; run tests/reference/torch_layers.py"
    results, shapes, _ = layer_cases.case_outputs(nn, array, state, flat, index)
    assert shapes == record["state"]
    assert list(shapes) == list(record["state"]), "the order of the state"
    assert [shape for shape, _ in results] == [shape for shape, _ in record["results"]]
    for (_, got), (_, expected) in zip(results, record["results"]):
        scale = max((abs(x) for x in expected), default=1.0)
        assert all(math.isclose(a, b, rel_tol=2e-6, abs_tol=2e-6 * max(scale, 1.0)) for a, b in zip(got, expected, strict=True))


def test_every_layer_has_a_case():
    from purify.ops import _layers

    # Weights of classes and probabilities need inputs of their own.
    assert set(_layers.__all__) - {name for name, *_ in layer_cases.CASES} == {"BCELoss"}
    loss = nn.BCELoss()(array((2,), [0.25, 0.5]), array((2,), [1.0, 0.0]))
    assert float(loss) == pytest.approx((math.log(4) + math.log(2)) / 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
        self.heads = nn.ModuleList([nn.Linear(2, 1, bias=False) for _ in range(2)])
        self.scale = nn.Parameter(ops.ones((2,), dtype=ops.float32))
        self.register_buffer("steps", ops.asarray(0))
        self.register_buffer("cache", ops.zeros((2,)), persistent=False)
        self.depth = 3

    def forward(self, x):
        x = self.body(x) * self.scale
        return sum(head(x) for head in self.heads)


NAMES = ["scale", "body.0.weight", "body.0.bias", "body.2.weight", "body.2.bias", "heads.0.weight", "heads.1.weight"]


def test_names_are_those_of_pytorch():
    net = Net()
    assert [name for name, _ in net.named_parameters()] == NAMES
    assert list(net.state_dict()) == [NAMES[0], "steps", *NAMES[1:]]
    assert [name for name, _ in net.named_buffers()] == ["steps", "cache"]
    assert [name for name, _ in net.named_modules()] == ["", "body", "body.0", "body.1", "body.2", "heads", "heads.0", "heads.1"]
    assert [name for name, _ in net.named_children()] == ["body", "heads"]
    assert net.get_submodule("body.2").out_features == 2
    assert net.get_parameter("heads.1.weight") is net.heads[1].weight
    with pytest.raises(AttributeError, match="no parameter 'weights'"):
        net.get_parameter("body.0.weights")


def test_state_goes_from_one_module_to_another(tmp_path):
    one, two = Net(), Net()
    x = array((2, 3), layer_cases.numbers(6, 1))
    assert not bool(ops.all(one(x) == two(x)))
    ops.io.save_safetensors(one.state_dict(), tmp_path / "net.safetensors")
    assert two.load_state_dict(ops.io.load_safetensors(tmp_path / "net.safetensors")) == ([], [])
    assert bool(ops.all(one(x) == two(x)))
    three = copy.deepcopy(one)
    one.scale[...] = 2.0
    assert bool(ops.all(one(x) == 2 * three(x)))
    four = pickle.loads(pickle.dumps(three.state_dict()))
    assert bool(ops.all(four["scale"] == three.scale))


def test_a_state_that_does_not_fit_says_why():
    state = Net().state_dict()
    del state["scale"]
    state["other"] = ops.zeros((1,))
    with pytest.raises(RuntimeError, match="missing: scale\n  unexpected: other"):
        Net().load_state_dict(state)
    assert Net().load_state_dict(state, strict=False) == (["scale"], ["other"])
    with pytest.raises(RuntimeError, match=r"body.0.bias: shape \(5,\) where the module has \(4,\)"):
        Net().load_state_dict({**state, "body.0.bias": ops.zeros((5,))}, strict=False)


def test_a_weight_that_occurs_twice_stays_one():
    net = Net()
    net.heads[1].weight = net.heads[0].weight
    assert [name for name, _ in net.named_parameters()] == NAMES[:-1]
    assert "heads.1.weight" in net.state_dict()
    net.double()
    assert net.heads[1].weight is net.heads[0].weight and net.heads[0].weight.dtype == ops.float64
    net.load_state_dict({**net.state_dict(), "heads.1.weight": ops.zeros((1, 2))})
    assert bool(ops.all(net.heads[0].weight == 0))


def test_attributes_are_kept_by_what_they_are():
    net = Net()
    with pytest.raises(TypeError, match="holds a parameter"):
        net.scale = 3
    net.scale = None
    assert net.scale is None and "scale" not in net.state_dict()
    net.depth = nn.Linear(1, 1)
    assert "depth.weight" in net.state_dict()
    del net.depth
    assert not hasattr(net, "depth")
    with pytest.raises(AttributeError, match="super"):

        class Early(nn.Module):
            def __init__(self):
                self.fc = nn.Linear(1, 1)

        Early()
    with pytest.raises(KeyError, match="already"):
        net.register_buffer("forward", None)


def test_modes_reach_everything_below():
    net = nn.Sequential(nn.Dropout(0.5), nn.ModuleDict({"a": nn.Dropout(1.0)})["a"])
    assert all(m.training for m in net.modules())
    assert float(ops.sum(net(ops.ones((9,), dtype=ops.float32)))) == 0
    assert float(ops.sum(net.eval()(ops.ones((9,), dtype=ops.float32)))) == 9


def test_lists_of_modules_are_lists():
    layers = nn.ModuleList([nn.Identity(), nn.ReLU()])
    layers.append(nn.Tanh()).extend([nn.GELU()])
    layers.insert(0, nn.Sigmoid())
    assert [type(m).__name__ for m in layers] == ["Sigmoid", "Identity", "ReLU", "Tanh", "GELU"]
    assert isinstance(layers[-1], nn.GELU) and len(layers[1:3]) == 2
    del layers[0]
    assert list(layers._modules) == ["0", "1", "2", "3"]
    assert isinstance(layers.pop(1), nn.ReLU) and len(layers) == 3
    row = nn.Sequential({"first": nn.ReLU(), "second": nn.Tanh()})
    assert list(dict(row.named_children())) == ["first", "second"] and len(row[:1]) == 1


def test_parameters_in_lists_and_dicts():
    both = nn.Sequential(nn.ParameterList([ops.ones((2,))]), nn.ParameterDict({"w": ops.zeros((1,))}))
    assert list(both.state_dict()) == ["0.0", "1.w"]
    assert isinstance(both[0][0], nn.Parameter) and both[1]["w"].shape == (1,)


def test_apply_reaches_the_innermost_first():
    seen = []
    Net().apply(lambda m: seen.append(type(m).__name__))
    assert seen == ["Linear", "ReLU", "Linear", "Sequential", "Linear", "Linear", "ModuleList", "Net"]


def test_a_module_shows_what_is_in_it():
    text = repr(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    assert text == "Sequential(\n  (0): Linear(in_features=2, out_features=3)\n  (1): ReLU(inplace=False)\n)"


def test_fresh_weights_have_pytorchs_spread():
    weight = nn.Linear(10_000, 4).weight
    assert 0.0095 < float(ops.max(ops.abs(weight))) <= 0.01
    assert abs(float(ops.std(nn.Embedding(1000, 20).weight)) - 1) < 0.05
    assert weight.dtype == ops.float32


@pytest.mark.parametrize(
    "fill, bound, deviation",
    [
        (lambda w: nn.kaiming_uniform_(w, nonlinearity="relu"), math.sqrt(6 / 180), math.sqrt(2 / 180)),
        (lambda w: nn.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"), None, math.sqrt(2 / 900)),
        (lambda w: nn.kaiming_uniform_(w, math.sqrt(5)), math.sqrt(1 / 180), math.sqrt(1 / 540)),
        (lambda w: nn.xavier_uniform_(w), math.sqrt(6 / 1080), math.sqrt(2 / 1080)),
        (lambda w: nn.xavier_normal_(w, gain=0.5), None, 0.5 * math.sqrt(2 / 1080)),
        (lambda w: nn.trunc_normal_(w, std=0.02, a=-0.02, b=0.02), 0.02, 0.0107922),
    ],
)
def test_initialisers_have_pytorchs_spread(fill, bound, deviation):
    weight = nn.Parameter(ops.zeros((100, 20, 3, 3), dtype=ops.float32))
    assert fill(weight) is weight and weight.dtype == ops.float32
    assert float(ops.std(weight)) == pytest.approx(deviation, rel=0.03)
    if bound is not None:
        assert 0.98 * bound < float(ops.max(ops.abs(weight))) <= bound * (1 + 1e-6)
