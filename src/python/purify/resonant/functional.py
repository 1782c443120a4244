"""Functions that leave their argument as it is: twins of the methods of `ResonantTensor` that work in place."""

_IN_PLACE = (
    "add_bias apply_inverse_recursion apply_recursion dropout gelu prune_hierarchy relu scatter sigmoid softmax tanh"
).split()
_CYCLES = ("cpu_cycle", "batch_cpu_cycle")

__all__ = [*_IN_PLACE, *_CYCLES]


def _twin(name):
    def function(x, *args, **kwargs):
        out = _copy(x, name)
        getattr(out, name)(*args, **kwargs)
        return out

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The result of `ResonantTensor.{name}` as a new tensor."
    return function


def _copy(x, name):
    if x.phase == "flux":
        from purify.resonant import InvalidPhaseError

        raise InvalidPhaseError(f"{name}: the tensor is in flux; call crystallize() or destroy_shadow() first")
    return x.clone()


for _name in __all__:
    globals()[_name] = _twin(_name)
