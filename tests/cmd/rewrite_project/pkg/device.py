"""Quotes in f-strings are not those of the string."""

import torch


def name(x: torch.Tensor):
    print(f"{x.device.type} {f'{x.ndim}'}")
    print(f'{x.device.type}', f"""{x.device.type}""")
    return f"one {f'{x.device.type}'}"
