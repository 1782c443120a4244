"""Convolutional networks over [batch, channels, height, width]."""

from purify._native._resonant import ResonantTensor, recursion_residual
from purify.resonant import functional as F
from purify.resonant.nn.layers import DifferentiationLayer, GoldenNorm, HarmonizationLayer, RecursionBlock, ResonantLinear
from purify.resonant.nn.module import Module, Parameter

__all__ = ["Conv2d", "RecursionConvBlock", "SyntonicCNN", "SyntonicConv2d"]


class Conv2d(Module):
    """Cross-correlation, exact, then snapped: [batch, in, h, w] to [batch, out, h', w'], kernel [out, in, k, k].

    The kernel starts uniform within 1/sqrt(in k k).
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=0, bias=True, precision=100, *, seed=0):
        k = kernel_size
        kernel = ResonantTensor.weights(out_channels, in_channels * k * k, "uniform", precision, seed=seed)
        self.weight = Parameter(kernel.reshape([out_channels, in_channels, k, k]))
        self.bias = Parameter(ResonantTensor.zeros([out_channels], precision)) if bias else None
        self.stride, self.padding = stride, padding

    def forward(self, x):
        bias = None if self.bias is None else self.bias.tensor
        return x.conv2d(self.weight.tensor, bias, self.stride, self.padding).resnap(x.precision)


def _by_pixel(x):
    b, c, h, w = x.shape
    return x.permute([0, 2, 3, 1]).reshape([b * h * w, c])


def _by_channel(x, shape):
    b, _, h, w = shape
    return x.reshape([b, h, w, x.shape[-1]]).permute([0, 3, 1, 2])


class SyntonicConv2d(Module):
    """Convolution, golden batch norm, and for each pixel a recursion block over its channels, or D and then H.

    After a call, `residual` is that of the block: 1 - |D - HD|/|D - I|.
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=1, use_recursion=True, precision=100, *, seed=0):
        self.conv = Conv2d(in_channels, out_channels, kernel_size, stride, padding, precision=precision, seed=seed)
        self.norm = GoldenNorm(out_channels, precision=precision)
        self.block = RecursionBlock(out_channels, precision=precision, seed=seed + 10) if use_recursion else None
        self.differentiate = None if use_recursion else DifferentiationLayer(out_channels, precision=precision, seed=seed + 10)
        self.harmonize = None if use_recursion else HarmonizationLayer(out_channels, precision=precision, seed=seed + 20)
        self.residual = None

    def forward(self, x):
        y = self.conv(x)
        shape = y.shape
        pixels = self.norm(_by_pixel(y))
        if self.block is not None:
            out = self.block(pixels)
        else:
            raised = self.differentiate(pixels)
            out = self.harmonize(raised)
            self.residual = recursion_residual(pixels.to_floats(), raised.to_floats(), out.to_floats())
        return _by_channel(out.resnap(x.precision), shape)


class RecursionConvBlock(Module):
    """relu(H D BN(conv(relu(BN(conv x)))) + x/phi); where the shape changes, x goes through a 1x1 convolution and a norm.

    downsample halves height and width in the first convolution.
    """

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=1, downsample=False, precision=100, *, seed=0):
        stride = 2 if downsample else stride
        conv = lambda n, s, i: Conv2d(n, out_channels, kernel_size, s, padding, False, precision, seed=seed + i)  # noqa: E731
        self.first, self.second = conv(in_channels, stride, 0), conv(out_channels, 1, 1)
        self.first_norm, self.second_norm = GoldenNorm(out_channels, precision=precision), GoldenNorm(out_channels, precision=precision)
        self.differentiate = DifferentiationLayer(out_channels, precision=precision, seed=seed + 10)
        self.harmonize = HarmonizationLayer(out_channels, precision=precision, seed=seed + 20)
        changes = stride != 1 or in_channels != out_channels
        self.shortcut = Conv2d(in_channels, out_channels, 1, stride, 0, False, precision, seed=seed + 30) if changes else None
        self.shortcut_norm = GoldenNorm(out_channels, precision=precision) if changes else None
        self.residual = None

    def forward(self, x):
        y = self.first(x)
        shape = y.shape
        y = _by_channel(F.relu(self.first_norm(_by_pixel(y))), shape)
        pixels = self.second_norm(_by_pixel(self.second(y)))
        raised = self.differentiate(pixels)
        settled = self.harmonize(raised)
        self.residual = recursion_residual(pixels.to_floats(), raised.to_floats(), settled.to_floats())
        kept = _by_pixel(x) if self.shortcut is None else self.shortcut_norm(_by_pixel(self.shortcut(x)))
        out = F.relu((settled + F.apply_inverse_recursion(kept)).resnap(x.precision))
        return _by_channel(out, shape)


class SyntonicCNN(Module):
    """A 7x7 stem of stride 2, a 3x3 max pool of stride 2, stages of RecursionConvBlock with base_channels * 2**k
    channels, the mean of each channel, and a linear map: [batch, in, h, w] to [batch, classes]."""

    def __init__(self, in_channels=3, num_classes=10, base_channels=64, num_blocks=(2, 2, 2, 2), precision=100, *, seed=0):
        self.stem = Conv2d(in_channels, base_channels, 7, 2, 3, False, precision, seed=seed)
        self.stem_norm = GoldenNorm(base_channels, precision=precision)
        self.blocks, width = [], base_channels
        for stage, count in enumerate(num_blocks):
            channels = base_channels * 2**stage
            for i in range(count):
                block = RecursionConvBlock(
                    width, channels, downsample=stage > 0 and i == 0, precision=precision, seed=seed + 1000 * (stage + 1) + 100 * i
                )
                self.blocks.append(block)
                width = channels
        self.last = ResonantLinear(width, num_classes, precision=precision, init="xavier", seed=seed + 1)

    def forward(self, x):
        y = self.stem(x)
        y = _by_channel(F.relu(self.stem_norm(_by_pixel(y))), y.shape).max_pool2d(3, 2, 1)
        for block in self.blocks:
            y = block(y)
        return self.last(y.global_avg_pool2d().resnap(x.precision))
