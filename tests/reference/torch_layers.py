"""Records in `torch_layers.jsonl` what the layers of PyTorch make of the cases in `tests/python/layer_cases.py`.

Run with PyTorch 2.15:  python tests/reference/torch_layers.py

A line holds the name of the layer, the shapes in its state, its text, and shape and numbers of each result. The layers of
`ops.nn` must give the same (`tests/python/test_layers.py`).
"""

import json
import pathlib
import sys
import warnings

import torch

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "python"))

import layer_cases  # noqa: E402 - lies beside the test that replays


def array(shape, flat, integers):
    return torch.tensor(flat, dtype=torch.int64 if integers else torch.float32).reshape(shape)


def state(layer):
    return {name: tuple(value.shape) for name, value in layer.state_dict().items()}


def flat(result):
    return [float(f"{x:.8g}") for x in result.detach().double().flatten().tolist()]


def main():
    warnings.simplefilter("ignore")
    with open(HERE / "torch_layers.jsonl", "w") as file:
        for index, (name, *_) in enumerate(layer_cases.CASES):
            # Settings are written as lists, which PyTorch's layers want as tuples.
            results, shapes, text = layer_cases.case_outputs(torch.nn, array, state, flat, index)
            file.write(json.dumps({"layer": name, "state": shapes, "text": text, "results": results}, separators=(",", ":")) + "\n")
    print(f"{len(layer_cases.CASES)} layers recorded with PyTorch {torch.__version__.split('+')[0]}")


if __name__ == "__main__":
    main()
