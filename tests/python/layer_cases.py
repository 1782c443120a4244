"""Calls of the layers of `ops.nn`, which are those of `torch.nn`: for the recorder of PyTorch's results and for the replay."""

# Name, arguments, keywords, and the inputs: shapes of floats, or (shape, n) of integers below n.
CASES = [
    ("Linear", [5, 3], {}, [(2, 4, 5)]),
    ("Linear", [5, 3], {"bias": False}, [(5,)]),
    ("Bilinear", [3, 4, 2], {}, [(5, 3), (5, 4)]),
    ("Embedding", [7, 3], {}, [((2, 4), 7)]),
    ("LayerNorm", [6], {}, [(2, 3, 6)]),
    ("LayerNorm", [[3, 6]], {"eps": 1e-3, "bias": False}, [(2, 3, 6)]),
    ("LayerNorm", [6], {"elementwise_affine": False}, [(2, 6)]),
    ("RMSNorm", [6], {}, [(2, 3, 6)]),
    ("RMSNorm", [[3, 6]], {"eps": 1e-5}, [(2, 3, 6)]),
    ("GroupNorm", [2, 4], {}, [(2, 4, 5)]),
    ("GroupNorm", [4, 4], {"affine": False}, [(2, 4, 3, 3)]),
    ("BatchNorm1d", [4], {}, [(3, 4)]),
    ("BatchNorm1d", [4], {}, [(3, 4, 5)]),
    ("BatchNorm2d", [3], {"eps": 1e-3}, [(2, 3, 4, 4)]),
    ("BatchNorm2d", [3], {"track_running_stats": False}, [(2, 3, 4, 4)]),
    ("BatchNorm3d", [2], {"affine": False}, [(2, 2, 2, 3, 3)]),
    ("InstanceNorm1d", [3], {}, [(2, 3, 5)]),
    ("InstanceNorm2d", [3], {"affine": True}, [(2, 3, 4, 4)]),
    ("InstanceNorm2d", [3], {}, [(3, 4, 4)]),
    ("InstanceNorm3d", [2], {}, [(2, 2, 2, 3, 3)]),
    ("Conv1d", [3, 4, 3], {"padding": 1}, [(2, 3, 8)]),
    ("Conv1d", [3, 4, 3], {"padding": "same", "padding_mode": "reflect"}, [(2, 3, 8)]),
    ("Conv2d", [3, 4, 3], {}, [(2, 3, 6, 6)]),
    ("Conv2d", [3, 4, [3, 2]], {"stride": [2, 1], "padding": [1, 0], "bias": False}, [(3, 7, 6)]),
    ("Conv2d", [4, 4, 3], {"groups": 2, "dilation": 2, "padding": "same"}, [(1, 4, 6, 6)]),
    ("Conv2d", [2, 3, 3], {"padding": 2, "padding_mode": "circular"}, [(1, 2, 5, 5)]),
    ("Conv2d", [2, 3, 2], {"padding": "same", "padding_mode": "replicate"}, [(1, 2, 5, 5)]),
    ("Conv3d", [2, 2, 2], {"padding": 1}, [(1, 2, 3, 3, 3)]),
    ("ConvTranspose1d", [3, 2, 3], {"stride": 2}, [(2, 3, 5)]),
    ("ConvTranspose2d", [4, 2, 3], {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}, [(1, 4, 3, 3)]),
    ("MultiheadAttention", [6, 2], {"batch_first": True}, [(2, 3, 6), (2, 4, 6), (2, 4, 6)]),
    ("MultiheadAttention", [6, 3], {"bias": False}, [(3, 2, 6), (4, 2, 6), (4, 2, 6)]),
    ("MultiheadAttention", [6, 2], {}, [(3, 6), (4, 6), (4, 6)]),
    ("PReLU", [3], {}, [(2, 3, 4)]),
    ("ReLU", [], {"inplace": True}, [(3, 4)]),
    ("ReLU6", [], {}, [(3, 4)]),
    ("GELU", [], {}, [(3, 4)]),
    ("GELU", ["tanh"], {}, [(3, 4)]),
    ("SiLU", [], {}, [(3, 4)]),
    ("Mish", [], {}, [(3, 4)]),
    ("ELU", [0.5], {}, [(3, 4)]),
    ("CELU", [], {"alpha": 0.7}, [(3, 4)]),
    ("SELU", [], {}, [(3, 4)]),
    ("LeakyReLU", [0.2], {}, [(3, 4)]),
    ("Sigmoid", [], {}, [(3, 4)]),
    ("LogSigmoid", [], {}, [(3, 4)]),
    ("Hardsigmoid", [], {}, [(3, 4)]),
    ("Hardswish", [], {}, [(3, 4)]),
    ("Hardtanh", [-0.3], {"max_val": 0.4}, [(3, 4)]),
    ("Hardshrink", [0.2], {}, [(3, 4)]),
    ("Softshrink", [0.2], {}, [(3, 4)]),
    ("Tanh", [], {}, [(3, 4)]),
    ("Tanhshrink", [], {}, [(3, 4)]),
    ("Softplus", [], {"beta": 2.0, "threshold": 1.0}, [(3, 4)]),
    ("Softsign", [], {}, [(3, 4)]),
    ("Threshold", [0.1, -2.0], {}, [(3, 4)]),
    ("Softmax", [-1], {}, [(3, 4)]),
    ("Softmax", [], {}, [(2, 3, 4)]),
    ("LogSoftmax", [], {"dim": 0}, [(3, 4)]),
    ("LogSoftmax", [], {}, [(3, 4)]),
    ("Softmin", [1], {}, [(3, 4)]),
    ("GLU", [1], {}, [(3, 4)]),
    ("Flatten", [], {}, [(2, 3, 4)]),
    ("Flatten", [0, 1], {}, [(2, 3, 4)]),
    ("Unflatten", [1, [2, 3]], {}, [(2, 6)]),
    ("Upsample", [], {"scale_factor": 2}, [(1, 2, 3, 3)]),
    ("Upsample", [], {"size": [5, 4], "mode": "bilinear", "align_corners": True}, [(1, 2, 3, 3)]),
    ("PixelShuffle", [2], {}, [(1, 4, 2, 3)]),
    ("PixelUnshuffle", [2], {}, [(1, 1, 4, 6)]),
    ("Unfold", [[2, 3]], {"padding": 1, "stride": 2}, [(1, 2, 4, 5)]),
    ("MSELoss", [], {}, [(3, 4), (3, 4)]),
    ("L1Loss", [], {"reduction": "sum"}, [(3, 4), (3, 4)]),
    ("SmoothL1Loss", [], {"beta": 0.5}, [(3, 4), (3, 4)]),
    ("HuberLoss", [], {"delta": 0.3}, [(3, 4), (3, 4)]),
    ("KLDivLoss", [], {"reduction": "batchmean", "log_target": True}, [(3, 4), (3, 4)]),
    ("BCEWithLogitsLoss", [], {"reduction": "none"}, [(3, 4), (3, 4)]),
    ("NLLLoss", [], {}, [(3, 4), ((3,), 4)]),
    ("CrossEntropyLoss", [], {"label_smoothing": 0.1}, [(3, 4), ((3,), 4)]),
    ("CrossEntropyLoss", [], {"ignore_index": 1, "reduction": "sum"}, [(3, 4, 2), ((3, 2), 4)]),
    ("CosineSimilarity", [], {}, [(3, 4), (3, 4)]),
    ("PairwiseDistance", [], {"p": 1.0, "keepdim": True}, [(3, 4), (3, 4)]),
    ("MaxPool1d", [2], {}, [(2, 3, 7)]),
    ("MaxPool2d", [3], {"stride": 2, "padding": 1}, [(2, 2, 6, 6)]),
    ("MaxPool2d", [[2, 3]], {"ceil_mode": True}, [(2, 5, 7)]),
    ("MaxPool3d", [2], {}, [(1, 2, 4, 4, 4)]),
    ("AvgPool1d", [3], {"stride": 1, "padding": 1}, [(2, 3, 7)]),
    ("AvgPool2d", [2], {"count_include_pad": False, "padding": 1}, [(2, 2, 5, 5)]),
    ("AvgPool3d", [2], {}, [(1, 2, 4, 4, 4)]),
    ("AdaptiveAvgPool1d", [3], {}, [(2, 3, 7)]),
    ("AdaptiveAvgPool2d", [[2, 3]], {}, [(1, 2, 5, 7)]),
    ("AdaptiveAvgPool2d", [1], {}, [(2, 5, 7)]),
    ("AdaptiveMaxPool1d", [3], {}, [(2, 3, 7)]),
    ("AdaptiveMaxPool2d", [2], {}, [(1, 2, 5, 7)]),
    ("ZeroPad1d", [2], {}, [(1, 2, 3)]),
    ("ZeroPad2d", [[1, 0, 2, 1]], {}, [(1, 2, 3, 3)]),
    ("ZeroPad3d", [1], {}, [(1, 1, 2, 2, 2)]),
    ("ConstantPad1d", [[1, 2], 0.5], {}, [(1, 2, 3)]),
    ("ConstantPad2d", [1, -1.0], {}, [(1, 2, 3, 3)]),
    ("ConstantPad3d", [1, 2.0], {}, [(1, 1, 2, 2, 2)]),
    ("ReflectionPad1d", [2], {}, [(1, 2, 4)]),
    ("ReflectionPad2d", [[1, 2, 0, 1]], {}, [(1, 2, 3, 4)]),
    ("ReflectionPad3d", [1], {}, [(1, 1, 2, 3, 3)]),
    ("ReplicationPad1d", [2], {}, [(1, 2, 4)]),
    ("ReplicationPad2d", [1], {}, [(1, 2, 3, 4)]),
    ("ReplicationPad3d", [1], {}, [(1, 1, 2, 3, 3)]),
    ("CircularPad1d", [2], {}, [(1, 2, 4)]),
    ("CircularPad2d", [[1, 2, 0, 1]], {}, [(1, 2, 3, 4)]),
    ("CircularPad3d", [1], {}, [(1, 1, 2, 3, 3)]),
    ("Dropout", [0.4], {}, [(3, 4)]),
    ("Dropout1d", [0.4], {}, [(2, 3, 4)]),
    ("Dropout2d", [0.4], {}, [(1, 3, 4, 4)]),
    ("Dropout3d", [0.4], {}, [(1, 2, 2, 2, 2)]),
    ("Identity", [], {}, [(3, 4)]),
]  # fmt: skip
# Cases that are called once in the mode of training before, which moves running statistics.
TRAINED = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d")


def numbers(count, seed):
    """Numbers between -1 and 1 that look irregular and are the same everywhere."""
    return [((i * 7919 + seed * 104729 + 13) % 2003) / 1001.5 - 1 for i in range(count)]


def size(shape):
    """How many elements a shape has."""
    total = 1
    for n in shape:
        total *= n
    return total


def values(spec, seed):
    """Shape, flat numbers, and whether they are integers, of an input."""
    shape, below = spec if isinstance(spec[0], (tuple, list)) else (spec, None)
    flat = numbers(size(shape), seed)
    return tuple(shape), flat if below is None else [int((x + 1) / 2 * below) % below for x in flat], below is not None


def weight(name, shape, seed):
    """The numbers of a parameter or buffer; variances are positive, and the number of batches is one."""
    flat = numbers(size(shape), 100 + seed)
    if name.endswith("num_batches_tracked"):
        return [1]
    return [abs(x) + 0.5 for x in flat] if name.endswith("running_var") else flat


def case_outputs(nn, array, state, flat, index):
    """What a layer of the namespace `nn` makes of a case, as (shape, flat numbers) pairs, and the names of its state.

    `array(shape, flat, integers)` makes an array, `state(module)` gives its state as {name: shape}, `flat(array)` its numbers.
    """
    name, arguments, keywords, inputs = CASES[index]
    layer = getattr(nn, name)(*arguments, **keywords)
    shapes = state(layer)
    layer.load_state_dict({n: array(s, weight(n, s, i), n.endswith("num_batches_tracked")) for i, (n, s) in enumerate(shapes.items())})
    given = lambda: [array(*values(spec, i)) for i, spec in enumerate(inputs)]  # noqa: E731 - a layer may write into its input
    if name in TRAINED:
        layer.train()(*given())
    results = layer.eval()(*given())
    results = results if isinstance(results, tuple) else (results,)
    if name in TRAINED:
        results += tuple(b for _, b in layer.named_buffers())
    return [(list(r.shape), flat(r)) for r in results if r is not None], {n: list(s) for n, s in shapes.items()}, repr(layer)
