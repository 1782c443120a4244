"""Arrays as text, laid out as NumPy does: columns aligned, long arrays summarised, shortest digits that read back."""

import contextlib
import contextvars
import math

from purify import _native

_DEFAULTS = {
    "precision": 8,
    "threshold": 1000,
    "edgeitems": 3,
    "linewidth": 75,
    "suppress": False,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "floatmode": "maxprec",
    "formatter": None,
}
_options = contextvars.ContextVar("purify.ops print options", default=_DEFAULTS)
_FLOATMODES = ("fixed", "unique", "maxprec", "maxprec_equal")


def get_printoptions():
    """The options in force, as a dictionary."""
    return dict(_options.get())


def set_printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None,
                     formatter=None, sign=None, floatmode=None):
    """Changes how arrays print: precision, threshold, edgeitems, linewidth, suppress, nanstr, infstr, sign,
    floatmode ("fixed", "unique", "maxprec", "maxprec_equal") and formatter (a dictionary of functions)."""
    _options.set(_merged(locals()))


@contextlib.contextmanager
def printoptions(precision=None, threshold=None, edgeitems=None, linewidth=None, suppress=None, nanstr=None, infstr=None,
                 formatter=None, sign=None, floatmode=None):
    """A context with other print options."""
    token = _options.set(_merged(locals()))
    try:
        yield get_printoptions()
    finally:
        _options.reset(token)


def _merged(options):
    options = {k: v for k, v in options.items() if v is not None}
    unknown = [k for k in options if k not in _DEFAULTS]
    if unknown:
        raise TypeError(f"set_printoptions: {unknown[0]!r} is no option; known are {', '.join(_DEFAULTS)}")
    if options.get("floatmode", "fixed") not in _FLOATMODES:
        raise ValueError(f"set_printoptions: floatmode must be one of {', '.join(_FLOATMODES)}")
    if options.get("sign", "-") not in ("-", "+", " "):
        raise ValueError("set_printoptions: sign must be '-', '+' or ' '")
    return {**_options.get(), **options}


def array_str(a, /, max_line_width=None, precision=None, suppress_small=None):
    """The text that `print` shows."""
    if a.ndim == 0:
        return scalar_text(a)
    return array2string(a, max_line_width, precision, suppress_small)


def array_repr(arr, /, max_line_width=None, precision=None, suppress_small=None, *, name="Tensor"):
    """The text that a console shows: the elements, and the dtype where they do not imply it."""
    options = _chosen(max_line_width, precision, suppress_small)
    head = name + "("
    dtype = arr.dtype
    if arr.size == 0 and arr.shape != (0,) or arr.size > options["threshold"]:
        extras = [f"shape={tuple(arr.shape)}"]
    else:
        extras = []
    if arr.size == 0 or dtype.name not in ("bool", "int64", "float64", "complex128"):
        extras.append(f"dtype={dtype.name}")
    if arr.ndim == 0 and dtype.kind not in "fc":
        body = scalar_text(arr)
    elif arr.size == 0:
        body = "[]"
    else:
        inner = {**options, "linewidth": options["linewidth"] - 1}
        body = _text(arr, inner, ", ", head)
    if not extras:
        return f"{head}{body})"
    tail = ", ".join(extras) + ")"
    last = len(head + body) - (head + body).rfind("\n") + 1
    gap = "\n" + " " * len(head) if last + len(tail) + 1 > options["linewidth"] else " "
    return f"{head}{body},{gap}{tail}"


def array2string(a, /, max_line_width=None, precision=None, suppress_small=None, separator=" ", prefix="", *,
                 formatter=None, threshold=None, edgeitems=None, sign=None, floatmode=None, suffix=""):
    """The elements as text, with the options given here over those in force."""
    a = _native.asarray(a)
    options = _chosen(max_line_width, precision, suppress_small)
    given = {"formatter": formatter, "threshold": threshold, "edgeitems": edgeitems, "sign": sign, "floatmode": floatmode}
    options = {**options, **{k: v for k, v in given.items() if v is not None}}
    options["linewidth"] -= len(suffix)
    return "[]" if a.size == 0 else _text(a, options, separator, prefix)


def _chosen(width, precision, suppress):
    options = dict(_options.get())
    if width is not None:
        options["linewidth"] = width
    if precision is not None:
        options["precision"] = precision
    if suppress is not None:
        options["suppress"] = suppress
    return options


def _text(a, options, separator, prefix):
    summarise = a.size > options["threshold"]
    shown = _corners(a, options["edgeitems"]) if summarise else a
    cell = _cell_format(shown, options)
    if a.ndim == 0:
        return cell(a.item())
    lines = _Lines(cell, options["edgeitems"] if summarise else None, separator)
    return lines.block(a, " " * (len(prefix) + 1), options["linewidth"])


def _corners(a, edge):
    for axis in range(a.ndim):
        n = a.shape[axis]
        if n > 2 * edge:
            index = (slice(None),) * axis
            a = _native.concat([a[(*index, slice(0, edge))], a[(*index, slice(n - edge, n))]], axis=axis)
    return a


class _Lines:
    """Breaks rows of cells into lines within brackets."""

    def __init__(self, cell, edge, separator):
        self.cell, self.edge, self.separator = cell, edge, separator

    def block(self, a, indent, width):
        n = a.shape[0]
        if self.edge is not None and n > 2 * self.edge:
            order = [*range(self.edge), None, *range(n - self.edge, n)]
        else:
            order = range(n)
        if a.ndim == 1:
            values = a.tolist() if self.edge is None or n <= 2 * self.edge else None
            if values is None:
                words = ["..." if i is None else self.cell(a[i].item()) for i in order]
            else:
                words = [self.cell(v) for v in values]
            text = self._row(words, indent, width)
        else:
            gap = self.separator.rstrip() + "\n" * (a.ndim - 1) + indent
            text = gap.join("..." if i is None else self.block(a[i], indent + " ", width - 1) for i in order)
        return f"[{text}]"

    def _row(self, words, indent, width):
        room = width - max(len(self.separator.rstrip()), 1)
        lines, line = [], indent
        for i, word in enumerate(words):
            if len(line) + len(word) > room and len(line) > len(indent):
                lines.append(line.rstrip())
                line = indent
            line += word
            if i + 1 < len(words):
                line += self.separator
        lines.append(line)
        return "\n".join(lines)[len(indent):]


def _cell_format(a, options):
    kind = a.dtype.kind
    custom = _custom(options["formatter"], kind)
    if custom is not None:
        return custom
    values = _native.reshape(a, (-1,)).tolist()
    if kind == "b":
        width = max((len(str(v)) for v in values), default=0) if values else 0
        width = 0 if a.ndim == 0 else width
        return lambda v: str(v).rjust(width)
    if kind in "iu":
        plus = options["sign"] == "+"
        text = lambda v: f"+{v}" if plus and v >= 0 else str(v)  # noqa: E731
        width = max((len(text(v)) for v in values), default=0)
        if options["sign"] == " ":
            width += not any(v < 0 for v in values)
        return lambda v: text(v).rjust(width)
    if kind == "f":
        return Real(values, a.dtype.name, options)
    real = Real([v.real for v in values], _PARTS[a.dtype.name], options)
    imag = Real([v.imag for v in values], _PARTS[a.dtype.name], {**options, "sign": "+"})

    def cell(v):
        r, i = real(v.real), imag(v.imag)
        stripped = i.rstrip()
        return r + stripped + "j" + " " * (len(i) - len(stripped))

    return cell


_PARTS = {"complex64": "float32", "complex128": "float64"}


def _custom(formatter, kind):
    if not formatter:
        return None
    names = {"b": ("bool",), "i": ("int", "int_kind"), "u": ("int", "int_kind"), "f": ("float", "float_kind"),
             "c": ("complexfloat", "complex_kind")}[kind]  # fmt: skip
    for name in (*names, "all"):
        if formatter.get(name) is not None:
            return formatter[name]
    return None


# From here on columns are written with an exponent: not more digits than the dtype has, and eight at most.
_WIDE = {"float16": 1e3, "bfloat16": 1e2, "float32": 1e6}


class Real:
    """The common format of a column of real numbers."""

    def __init__(self, values, dtype, options):
        self.dtype, self.options = dtype, options
        self.mode, self.precision = options["floatmode"], options["precision"]
        finite = [v for v in values if math.isfinite(v)]
        sizes = [abs(v) for v in finite if v != 0]
        self.scientific = False
        if sizes:
            high, low = max(sizes), min(sizes)
            spread = low < 1e-4 or (high / low if low > high / 1e300 else math.inf) > 1000.0
            self.scientific = high >= _WIDE.get(dtype, 1e8) or (not options["suppress"] and spread)
        if self.mode == "unique":
            self.precision = None
        self.left = self.right = 0
        self.digits = self.exponent = 0
        if finite:
            self._measure(finite)
        if len(finite) < len(values):
            negative = options["sign"] != "-" or any(math.isinf(v) and v < 0 for v in values)
            room = self.right + 1
            self.left = max(self.left, len(options["nanstr"]) - room, len(options["infstr"]) + negative - room)

    def _measure(self, finite):
        if self.scientific:
            parts = [self._scientific(v).partition("e") for v in finite]
            heads = [p[0].split(".") for p in parts]
            self.exponent = max(len(p[2]) for p in parts) - 1
            self.digits = max(len(h[1]) for h in heads)
            self.left = max(len(h[0]) for h in heads)
            self.right = self.exponent + 2 + self.digits
        else:
            heads = [self._positional(v).split(".") for v in finite]
            self.left = max(len(h[0]) for h in heads)
            self.right = max(len(h[1]) for h in heads)
            self.digits = self.right
        if self.options["sign"] == " " and not any(math.copysign(1.0, v) < 0 for v in finite):
            self.left += 1

    def _signed(self, text, value):
        return "+" + text if self.options["sign"] == "+" and not text.startswith("-") else text

    def _scientific(self, value):
        """With the shortest digits, at most `precision` of them after the point."""
        head, _, tail = shortest(value, self.dtype).partition("e")
        digits = len(head.partition(".")[2])
        if self.precision is not None and (self.mode == "fixed" or digits > self.precision):
            head, _, tail = f"{value:.{self.precision}e}".partition("e")
        if self.mode != "fixed":
            whole, _, part = head.partition(".")
            head = f"{whole}.{part.rstrip('0')}"
        elif "." not in head:
            head += "."
        power = int(tail)
        return self._signed(f"{head}e{'-' if power < 0 else '+'}{abs(power):02d}", value)

    def _positional(self, value):
        text = positional(value, self.dtype)
        part = text.partition(".")[2]
        if self.precision is not None and (self.mode == "fixed" or len(part) > self.precision):
            text = f"{value:.{self.precision}f}"
            if "." not in text:
                text += "."
            if self.mode != "fixed":
                text = text.rstrip("0")
        return self._signed(text, value)

    def __call__(self, value):
        options = self.options
        if not math.isfinite(value):
            sign = "-" if value < 0 else "+" if options["sign"] == "+" else ""
            if math.isnan(value):
                sign, word = ("+" if options["sign"] == "+" else ""), options["nanstr"]
            else:
                word = options["infstr"]
            return (sign + word).rjust(self.left + self.right + 1)
        if self.scientific:
            head, _, tail = self._scientific(value).partition("e")
            whole, _, part = head.partition(".")
            if len(part) < self.digits and value:
                # More digits than tell the number from its neighbours: those that the number really has.
                whole, _, part = self._signed(f"{value:.{self.digits}e}".partition("e")[0], value).partition(".")
            tail = tail[0] + tail[1:].rjust(self.exponent, "0")
            return f"{whole}.{part.ljust(self.digits, '0')}e{tail}".rjust(self.left + 1 + self.right)
        whole, _, part = self._positional(value).partition(".")
        fill = "0" if self.mode in ("fixed", "maxprec_equal") else " "
        return f"{whole.rjust(self.left)}.{part.ljust(self.right, fill)}"


def shortest(value, dtype):
    """The shortest digits that read back as the same number of that dtype, in scientific notation."""
    if dtype == "float64":
        text = repr(value)
        if "e" not in text:
            return _to_scientific(text)
        head, _, tail = text.partition("e")
        return f"{head}e{tail}"
    return _native._shortest(value, dtype)


def _to_scientific(text):
    sign = "-" if text.startswith("-") else ""
    whole, _, part = text.lstrip("-").partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    if not digits:
        return f"{sign}0e0"
    power = len(whole) - 1 if whole.strip("0") else -(len(part) - len(part.lstrip("0")) + 1)
    digits = digits.rstrip("0") or "0"
    head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{head}e{power}"


def positional(value, dtype):
    """The shortest digits without an exponent; there is always a point, and no zeros after the last digit."""
    head, _, tail = shortest(value, dtype).partition("e")
    sign = "-" if head.startswith("-") or (value == 0 and math.copysign(1.0, value) < 0) else ""
    whole, _, part = head.lstrip("-").partition(".")
    digits, power = whole + part, int(tail)
    point = 1 + power
    if point <= 0:
        text = "0." + "0" * -point + digits
    elif point >= len(digits):
        text = digits + "0" * (point - len(digits)) + "."
    else:
        text = digits[:point] + "." + digits[point:]
    whole, _, part = text.partition(".")
    return f"{sign}{whole}.{part.rstrip('0')}"


def real_text(value, dtype):
    """One number as Python and NumPy print it: an exponent below 1e-4, and from 1e16 or the digits of the dtype on."""
    if not math.isfinite(value):
        return repr(value)
    size = abs(value)
    if value == 0 or 1e-4 <= size < _WIDE.get(dtype, 1e16):
        text = positional(value, dtype)
        return text + "0" if text.endswith(".") else text
    head, _, tail = shortest(value, dtype).partition("e")
    power = int(tail)
    return f"{head}e{'-' if power < 0 else '+'}{abs(power):02d}"


def scalar_text(a):
    """A 0-d array as text, like the number it holds."""
    value, kind = a.item(), a.dtype.kind
    if kind == "f":
        return real_text(value, a.dtype.name)
    if kind == "c":
        part = _PARTS[a.dtype.name]
        if value.real == 0 and math.copysign(1.0, value.real) > 0:
            return _short(real_text(value.imag, part)) + "j"
        imag = _short(real_text(value.imag, part))
        return f"({_short(real_text(value.real, part))}{'' if imag.startswith(('-', '+')) else '+'}{imag}j)"
    return str(value)


def _short(text):
    return text[:-2] if text.endswith(".0") else text


def _significant(x, text, digits):
    """`text`, the shortest digits of a number, rounded to a number of significant digits."""
    from decimal import Context, Decimal

    if len(text.lstrip("-0.").replace(".", "")) > digits:
        text = format(Context(prec=digits).create_decimal(Decimal(float(x))), "f")
    return text if "." in text else text + "."


def format_float_positional(x, /, precision=None, *, unique=True, fractional=True, trim="k", sign=False,
                            pad_left=None, pad_right=None, min_digits=None):
    """A number without an exponent: its shortest digits, or `precision` of them."""
    x, dtype = _number(x)
    if not math.isfinite(x):
        return _not_finite(x, sign, pad_left)
    if unique:
        text = positional(x, dtype)
        if precision is not None and not fractional:
            text = _significant(x, text, precision)
        elif precision is not None and len(text.partition(".")[2]) > precision:
            text = f"{x:.{precision}f}"
            text = text if "." in text else text + "."
            # Rounding up leaves zeros that are no digits; others are.
            text = _carried(text, x, "")
    else:
        text = f"{x:.{precision}f}"
        text = text if "." in text else text + "."
    return _finish(text, trim, sign and x >= 0, pad_left, pad_right, min_digits)


def format_float_scientific(x, /, precision=None, *, unique=True, trim="k", sign=False, pad_left=None, exp_digits=None,
                            min_digits=None):
    """A number in scientific notation: its shortest digits, or `precision` of them."""
    x, dtype = _number(x)
    if not math.isfinite(x):
        return _not_finite(x, sign, pad_left)
    head, _, tail = shortest(x, dtype).partition("e")
    if precision is not None and (not unique or len(head.partition(".")[2]) > precision):
        head, _, tail = f"{x:.{precision}e}".partition("e")
        head = _carried(head, x, "e" + tail) if unique and "." in head else head
    head = head if "." in head else head + "."
    power = int(tail)
    digits = str(abs(power)).rjust(max(2, exp_digits or 2), "0")
    return _finish(head, trim, sign and x >= 0, pad_left, None, min_digits) + f"e{'-' if power < 0 else '+'}{digits}"


def _not_finite(x, sign, pad_left):
    text = "nan" if x != x else "inf" if x > 0 else "-inf"
    return ("+" + text if sign and x > 0 else text).rjust(pad_left or 0)


def _carried(text, x, power):
    """Digits cut at a precision, without the zeros that a carry left: 2.9999 to two places is 3., but 0.3004 is 0.30."""
    return text.rstrip("0") if abs(float(text + power)) > abs(x) else text


def _number(x):
    if issubclass(type(x), _native.Tensor):
        return float(x), x.dtype.name if x.dtype.kind == "f" else "float64"
    return float(x), "float64"


def _finish(text, trim, plus, pad_left, pad_right, min_digits):
    whole, _, part = text.partition(".")
    if min_digits:
        part = part.ljust(min_digits, "0")
    if trim in ("0", "-", "."):
        part = part.rstrip("0") if not min_digits else part
    if trim == "0" and not part:
        part = "0"
    if plus:
        whole = "+" + whole
    text = whole if trim == "-" and not part else f"{whole}.{part}"
    if pad_left is not None:
        text = " " * (pad_left - len(whole)) + text
    if pad_right is not None:
        text += " " * (pad_right - len(part))
    return text
