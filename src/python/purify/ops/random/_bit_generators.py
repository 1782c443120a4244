"""Seed sequences and bit generators with NumPy's states."""

import os
import threading

from purify import _native
from purify import ops as xp

_POOL = 4  # words of 32 bits in the entropy pool
_JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835


def _words(value):
    """Integers of any size as 32-bit words, lowest first, as NumPy takes entropy in."""
    if isinstance(value, str):
        if value.startswith("0x"):
            value = int(value, 16)
        elif value.isascii() and value.isdecimal():
            value = int(value)
        else:
            raise ValueError("unrecognized seed string")
    if isinstance(value, float) or _is_floating(value):
        raise TypeError("seed must be integer")
    if hasattr(value, "__index__") and not getattr(value, "shape", ()):
        value = value.__index__()
        if value < 0:
            raise ValueError("expected non-negative integer")
        out = [value & 0xFFFFFFFF]
        while value := value >> 32:
            out.append(value & 0xFFFFFFFF)
        return out
    return [word for item in value for word in _words(item)]


def _is_floating(value):
    dtype = getattr(value, "dtype", None)
    return dtype is not None and str(dtype).rpartition(".")[2].startswith(("float", "bfloat", "complex"))


def _from_words(words):
    value = 0
    for word in reversed(words):
        value = value << 64 | word
    return value


class SeedSequence:
    """Mixes entropy of any size into seeds for bit generators, and spawns independent children.

    `entropy` is None (fresh entropy of the operating system), a non-negative integer or a sequence of them.
    """

    def __init__(self, entropy=None, *, spawn_key=(), pool_size=_POOL, n_children_spawned=0):
        if pool_size < _POOL:
            raise ValueError(f"The size of the entropy pool should be at least {_POOL}")
        if entropy is None:
            entropy = int.from_bytes(os.urandom(4 * pool_size), "little")
        elif isinstance(entropy, (str, bytes, float, dict)) or not (hasattr(entropy, "__index__") or hasattr(entropy, "__len__")):
            raise TypeError(f"SeedSequence expects int or sequence of ints for entropy not {entropy}")
        self.entropy = entropy
        self.spawn_key = tuple(spawn_key)
        self.pool_size = pool_size
        self.n_children_spawned = n_children_spawned
        self._pool = _native._SeedPool(_words(entropy), _words(self.spawn_key), pool_size)

    @property
    def pool(self):
        """The mixed entropy, uint32 of shape `(pool_size,)`."""
        return self._pool.pool()

    @property
    def state(self):
        """What a copy is made from, as a dict."""
        return {name: getattr(self, name) for name in ("entropy", "spawn_key", "pool_size", "n_children_spawned")}

    def generate_state(self, n_words, dtype="uint32"):
        """`n_words` words of uint32 or uint64 to seed a bit generator with."""
        dtype = xp.dtype(dtype)
        if dtype == xp.uint32:
            return self._pool.generate_u32(n_words)
        if dtype == xp.uint64:
            return self._pool.generate_u64(n_words)
        raise ValueError("only support uint32 or uint64")

    def spawn(self, n_children):
        """A list of sequences whose streams are independent of each other and of this one; later calls give new ones."""
        first = self.n_children_spawned
        self.n_children_spawned += n_children
        return [
            type(self)(self.entropy, spawn_key=(*self.spawn_key, child), pool_size=self.pool_size)
            for child in range(first, first + n_children)
        ]

    def __reduce__(self):
        return _rebuild_sequence, (type(self), self.state)

    def __repr__(self):
        lines = [f"    entropy={self.entropy!r},"]
        if self.spawn_key:
            lines.append(f"    spawn_key={self.spawn_key!r},")
        if self.pool_size != _POOL:
            lines.append(f"    pool_size={self.pool_size!r},")
        if self.n_children_spawned:
            lines.append(f"    n_children_spawned={self.n_children_spawned!r},")
        return "\n".join([f"{type(self).__name__}(", *lines, ")"])


def _rebuild_sequence(cls, state):
    return cls(**state)


class BitGenerator:
    """A source of random words. Made by its subclasses; `seed` is None, an integer, a sequence of them or a `SeedSequence`."""

    def __init__(self, seed=None):
        if type(self) is BitGenerator:
            raise NotImplementedError("BitGenerator is a base class and cannot be instantized")
        self.lock = threading.RLock()
        self._seed_seq = seed if hasattr(seed, "generate_state") else SeedSequence(seed)
        self._stream = _native._Stream(self._algorithm, self._pool_of(self._seed_seq))

    def _pool_of(self, sequence):
        pool = getattr(sequence, "_pool", None)
        if pool is None:
            raise TypeError(f"seed must be an integer, a sequence of integers or a SeedSequence, not {sequence!r}")
        return pool

    @property
    def seed_seq(self):
        """The seed sequence this generator was made from."""
        return self._seed_seq

    def random_raw(self, size=None, output=True):
        """The generator's own words, as uint64."""
        out = self._stream.random_raw(size)
        return out if output else None

    def spawn(self, n_children):
        """Generators of the same kind with independent streams."""
        if not hasattr(self._seed_seq, "spawn"):
            raise TypeError("The underlying SeedSequence does not implement spawning.")
        return [type(self)(child) for child in self._seed_seq.spawn(n_children)]

    @property
    def state(self):
        """The state as a dict of NumPy's layout; assigning one sets it."""
        words, has_uint32, uinteger = self._stream.state()
        out = {"bit_generator": type(self).__name__, "state": self._fields(words)}
        self._extra_fields(out, words)
        out["has_uint32"], out["uinteger"] = int(has_uint32), uinteger
        return out

    @state.setter
    def state(self, value):
        self._check_state(value)
        self._stream.set_state(self._from_fields(value), bool(value["has_uint32"]), int(value["uinteger"]))

    def _check_state(self, value):
        if not isinstance(value, dict):
            raise TypeError("state must be a dict")
        if value.get("bit_generator", "") != type(self).__name__:
            raise ValueError(f"state must be for a {type(self).__name__} RNG")

    def _extra_fields(self, out, words):
        pass

    def _advance(self, delta, bits):
        delta %= 1 << bits
        self._stream.advance([delta >> shift & 0xFFFFFFFFFFFFFFFF for shift in (0, 64, 128, 192)])
        return self

    def _copy(self):
        other = type(self)(0)
        other._seed_seq = self._seed_seq
        other.state = self.state
        return other

    def __reduce__(self):
        return _rebuild_bit_generator, (type(self), self.state, self._seed_seq)


def _rebuild_bit_generator(cls, state, sequence):
    out = cls(0)
    out._seed_seq = sequence
    out.state = state
    return out


class _Congruential(BitGenerator):
    def _fields(self, words):
        return {"state": words[0], "inc": words[1]}

    def _from_fields(self, value):
        return [int(value["state"]["state"]), int(value["state"]["inc"])]

    def advance(self, delta):
        """Moves the state as if `delta` words had been drawn (negative: back)."""
        return self._advance(int(delta), 128)

    def jumped(self, jumps=1):
        """A generator whose stream starts `jumps` times 2**127.3 words later."""
        return self._copy().advance(_JUMP * int(jumps))


class PCG64(_Congruential):
    """The default bit generator: PCG XSL-RR with 128 bits of state."""

    _algorithm = "PCG64"


class PCG64DXSM(_Congruential):
    """PCG DXSM with 128 bits of state and a 64-bit multiplier."""

    _algorithm = "PCG64DXSM"


class SFC64(BitGenerator):
    """Chris Doty-Humphrey's small fast chaotic generator."""

    _algorithm = "SFC64"

    def _fields(self, words):
        return {"state": xp.asarray(words, dtype=xp.uint64)}

    def _from_fields(self, value):
        return [int(word) for word in value["state"]["state"]]


class Philox(BitGenerator):
    """Philox4x64-10, a counter hashed under a key. `counter` and `key` are integers or arrays of uint64."""

    _algorithm = "Philox"

    def __init__(self, seed=None, counter=None, key=None):
        if seed is not None and key is not None:
            raise ValueError("seed and key cannot be both used")
        super().__init__(seed)
        if key is not None:
            self._seed_seq = None
        if key is not None or counter is not None:
            key = self._stream.state()[0][4:6] if key is None else _field(key, "key", 2)
            self._stream = _native._Stream.philox(key, _field(0 if counter is None else counter, "counter", 4))

    def _fields(self, words):
        return {"counter": xp.asarray(words[:4], dtype=xp.uint64), "key": xp.asarray(words[4:6], dtype=xp.uint64)}

    def _extra_fields(self, out, words):
        out["buffer"], out["buffer_pos"] = xp.asarray(words[6:10], dtype=xp.uint64), words[10]

    def _from_fields(self, value):
        parts = (*value["state"]["counter"], *value["state"]["key"], *value["buffer"], value["buffer_pos"])
        return [int(word) for word in parts]

    def advance(self, delta):
        """Adds `delta` to the counter; each unit is one block of four words."""
        return self._advance(int(delta), 256)

    def jumped(self, jumps=1):
        """A generator whose stream starts `jumps` times 2**128 blocks later."""
        return self._copy().advance(int(jumps) << 128)


def _field(value, name, words):
    if hasattr(value, "__index__") and not getattr(value, "shape", ()):
        value = value.__index__()
        if not 0 <= value < 1 << 64 * words:
            raise ValueError(f"{name} must be positive and less than 2**{64 * words}.")
        return [value >> 64 * i & 0xFFFFFFFFFFFFFFFF for i in range(words)]
    out = [int(word) for word in value]
    if len(out) != words:
        raise ValueError(f"{name} must have {words} elements when using array form")
    return out


class MT19937(BitGenerator):
    """The Mersenne Twister."""

    _algorithm = "MT19937"

    def _legacy_seeding(self, seed):
        """The seedings of 2002: by an integer below 2**32, by an array of them, or afresh for None."""
        if seed is None:
            self._stream = _native._Stream(self._algorithm, SeedSequence()._pool)
        elif hasattr(seed, "__index__") and getattr(seed, "size", 1) == 1 and not getattr(seed, "shape", ()):
            self._stream = _native._Stream.legacy(_seed32(seed))
        else:
            values = seed.tolist() if hasattr(seed, "tolist") else list(seed)
            if values == []:
                raise ValueError("Seed must be non-empty")
            if not isinstance(values, list):
                values = [values]
            if any(isinstance(v, (list, tuple)) for v in values):
                raise ValueError("Seed array must be 1-d")
            self._stream = _native._Stream.legacy_array([_seed32(v) for v in values])
        self._seed_seq = None

    @property
    def state(self):
        """The state as a dict of NumPy's layout; assigning one, or the legacy tuple, sets it."""
        words, _, _ = self._stream.state()
        return {
            "bit_generator": type(self).__name__,
            "state": {"key": xp.asarray(words[:-1], dtype=xp.uint32), "pos": words[-1]},
        }

    @state.setter
    def state(self, value):
        if isinstance(value, tuple):
            if value[0] != "MT19937" or len(value) not in (3, 5):
                raise ValueError("state is not a legacy MT19937 state")
            value = {"bit_generator": "MT19937", "state": {"key": value[1], "pos": value[2]}}
        self._check_state(value)
        key = value["state"]["key"]
        key = key.tolist() if hasattr(key, "tolist") else key
        self._stream.set_state([*(int(word) for word in key), int(value["state"]["pos"])], False, 0)

    def jumped(self, jumps=1):
        """A generator whose stream starts `jumps` times 2**128 words later."""
        out = self._copy()
        out._stream.jump(int(jumps))
        return out


def _seed32(value):
    if isinstance(value, float) or not hasattr(value, "__index__"):
        raise TypeError(f"Cannot cast seed {value!r} to a 32-bit integer")
    value = value.__index__()
    if not 0 <= value < 1 << 32:
        raise ValueError("Seed must be between 0 and 2**32 - 1")
    return value
