"""Tables of numbers in text files: `loadtxt`, `savetxt`, `genfromtxt`."""

import itertools
import math
import os

from purify import ops as xp


def _lines(source, encoding):
    """The lines of a path, a file object or an iterable of lines, as text without their ends."""
    if isinstance(source, (str, os.PathLike)):
        with _open(source, "rt", encoding) as opened:
            yield from (line.rstrip("\r\n") for line in opened)
        return
    for line in source:
        yield (line.decode(encoding or "latin1") if isinstance(line, bytes) else line).rstrip("\r\n")


def _open(path, mode, encoding):
    path = os.fspath(path)
    encoding = None if encoding == "bytes" else encoding
    opener = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma", ".lzma": "lzma"}.get(os.path.splitext(path)[1])
    if opener:
        from importlib import import_module

        return import_module(opener).open(path, mode, encoding=encoding or "utf-8")
    return open(path, mode, encoding=encoding or "utf-8")


def _split_quoted(line, delimiter, quote):
    """The fields of a line in which `quote` protects the delimiter and is doubled to stand for itself."""
    fields, field, inside, i, quoted = [], [], False, 0, False
    while i < len(line):
        char = line[i]
        if inside:
            if char == quote and line[i + 1 : i + 2] == quote:
                field.append(char)
                i += 1
            elif char == quote:
                inside = False
            else:
                field.append(char)
        elif char == quote and not field:
            inside = quoted = True
        elif (delimiter is None and char.isspace()) or (delimiter is not None and line.startswith(delimiter, i)):
            if field or quoted or delimiter is not None:
                fields.append("".join(field))
            field, quoted = [], False
            i += len(delimiter or " ") - 1
        else:
            field.append(char)
        i += 1
    if field or quoted or delimiter is not None:
        fields.append("".join(field))
    return fields


def _integer(text):
    """An integer, also one written as a float; `int` decides first, so that large ones stay exact."""
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if value != int(value):
            raise
        return int(value)


def _boolean(text):
    return bool(_integer(text)) if text not in ("True", "False") else text == "True"


def _complex(text):
    return complex(text.replace("+-", "-").replace(" ", ""))


def _number(dtype):
    """The function that reads one field as the dtype."""
    for kind, function in (("bool", _boolean), ("integral", _integer), ("complex floating", _complex)):
        if xp.isdtype(dtype, kind):
            return function
    return float


def _per_column(functions, default, width):
    """Converters as a list: one function for all columns, or a dict from column to function."""
    if functions is None:
        return [default] * width
    if callable(functions):
        return [functions] * width
    table = {(column if column >= 0 else column + width): function for column, function in functions.items()}
    return [table.get(column, default) for column in range(width)]


def _columns(usecols, width):
    columns = (usecols,) if hasattr(usecols, "__index__") else tuple(usecols)
    out = []
    for column in columns:
        column = column.__index__()
        if not -width <= column < width:
            raise ValueError(f"invalid column index {column} for a row of {width} fields")
        out.append(column % width)
    return out


def _finish(rows, width, dtype, ndmin, unpack):
    table = xp.asarray(rows, dtype=dtype) if rows else xp.zeros((0, width), dtype=dtype)
    if table.ndim == 2 and ndmin < 2:
        # As NumPy: axes of length one go, down to `ndmin`.
        shape = tuple(n for n in table.shape if n != 1)
        if len(shape) < ndmin:
            shape = (1,) if not shape else shape
        table = xp.reshape(table, shape)
    return table.T if unpack and table.ndim > 1 else table


def loadtxt(
    fname,
    dtype=float,
    comments="#",
    delimiter=None,
    converters=None,
    skiprows=0,
    usecols=None,
    unpack=False,
    ndmin=0,
    encoding=None,
    max_rows=None,
    *,
    quotechar=None,
    like=None,
):
    """The numbers of a text file, one row per line, as an array of shape `(rows, columns)` with axes of length one removed.

    Every row must have as many fields as the first one. `converters` maps columns to functions from text to a number.
    """
    if ndmin not in (0, 1, 2):
        raise ValueError(f"Illegal value of ndmin keyword: {ndmin}")
    if isinstance(delimiter, bytes):
        delimiter = delimiter.decode("latin1")
    marks = () if comments is None else (comments,) if isinstance(comments, (str, bytes)) else tuple(comments)
    marks = tuple(m.decode("latin1") if isinstance(m, bytes) else m for m in marks if m)
    dtype = xp.dtype(dtype)
    plain = _number(dtype)
    rows, width, functions, chosen = [], 0, None, None
    for number, line in enumerate(itertools.islice(_lines(fname, encoding), skiprows, None), skiprows + 1):
        if max_rows is not None and len(rows) >= max_rows:
            break
        for mark in marks:
            line = line.partition(mark)[0]
        if delimiter is None and quotechar is None:
            fields = line.split()
        elif quotechar is None:
            fields = line.split(delimiter) if line.strip() else []
        else:
            fields = _split_quoted(line, delimiter, quotechar) if line.strip() else []
        if not fields:
            continue
        if functions is None:
            width = len(fields)
            chosen = None if usecols is None else _columns(usecols, width)
            functions = _per_column(converters, plain, width)
        if chosen is None and len(fields) != width:
            raise ValueError(f"the number of columns changed from {width} to {len(fields)} at row {len(rows) + 1}; use `usecols` to select a subset")
        try:
            picked = range(width) if chosen is None else chosen
            rows.append([functions[c](fields[c].strip() if functions[c] is plain else fields[c]) for c in picked])
        except IndexError:
            raise ValueError(f"invalid column index at row {len(rows) + 1} with {len(fields)} columns") from None
        except ValueError as error:
            raise ValueError(f"could not convert line {number} ({line[:60]!r}) to {dtype}: {error}") from None
    if not rows:
        import warnings

        warnings.warn(f'loadtxt: input contained no data: "{fname}"', UserWarning, stacklevel=2)
        return xp.zeros((0, 1) if ndmin == 2 else (0,), dtype=dtype)
    return _finish(rows, width, dtype, ndmin, unpack)


def _row_format(fmt, columns, delimiter, is_complex):
    """The format of one line."""
    if isinstance(fmt, (list, tuple)):
        if len(fmt) != columns:
            raise AttributeError(f"fmt has wrong shape.  {fmt}")
        return delimiter.join(fmt)
    if not isinstance(fmt, str):
        raise ValueError(f"invalid fmt: {fmt!r}")
    count = fmt.count("%")
    if count == 1:
        one = f" ({fmt}+{fmt}j)" if is_complex else fmt
        return delimiter.join([one] * columns)
    if (is_complex and count != 2 * columns) or (not is_complex and count != columns):
        raise ValueError(f"fmt has wrong number of % formats:  {fmt}")
    return fmt


def savetxt(fname, X, fmt="%.18e", delimiter=" ", newline="\n", header="", footer="", comments="# ", encoding=None):
    """Writes an array of one or two dimensions as text, one row per line."""
    table = xp.asarray(X)
    if table.ndim == 0 or table.ndim > 2:
        raise ValueError(f"Expected 1D or 2D array, got {table.ndim}D array instead")
    if table.ndim == 1:
        table = xp.reshape(table, (-1, 1))
    is_complex = xp.isdtype(table.dtype, "complex floating")
    line = _row_format(fmt, table.shape[1], delimiter, is_complex)
    pieces = []
    for text in (header, None, footer):
        if text is None:
            for row in table.tolist():
                values = [part for v in row for part in (v.real, v.imag)] if is_complex else row
                try:
                    out = line % tuple(values)
                except TypeError:
                    raise TypeError(f"Mismatch between array dtype ({table.dtype}) and format specifier ({line!r})") from None
                pieces.append((out.replace("+-", "-") if is_complex else out) + newline)
        elif text:
            pieces.append(comments + text.replace("\n", "\n" + comments) + newline)
    if isinstance(fname, (str, os.PathLike)):
        with _open(fname, "wt", encoding or "latin1") as opened:
            opened.writelines(pieces)
        return
    for piece in pieces:
        try:
            fname.write(piece)
        except TypeError:  # a file opened for bytes
            fname.write(piece.encode(encoding or "latin1"))


def _fields(line, delimiter, autostrip):
    """The fields of a line split by text, by one width or by several widths."""
    if delimiter is None:
        return line.split()
    if isinstance(delimiter, str):
        fields = line.split(delimiter)
    else:
        widths = [delimiter] * math.ceil(len(line) / delimiter) if isinstance(delimiter, int) else list(delimiter)
        ends = list(itertools.accumulate(widths))
        fields = [line[a:b] for a, b in zip([0, *ends], ends)]
    return [f.strip() for f in fields] if autostrip or not isinstance(delimiter, str) else fields


def _infer(rows, missing):
    """bool, int64, float64 or complex128: the first that every field of the table can be."""
    present = [f.strip() for row in rows for f in row if f.strip() not in missing]
    for function, dtype in ((_truth, xp.bool), (int, xp.int64), (float, xp.float64), (_complex, xp.complex128)):
        try:
            for field in present:
                function(field)
        except ValueError:
            continue
        return dtype
    raise TypeError("genfromtxt: dtype=None found text, which needs structured arrays; read the number columns with `usecols` and a dtype")


def _truth(text):
    if text.upper() not in ("TRUE", "FALSE"):
        raise ValueError(text)


def genfromtxt(
    fname,
    dtype=float,
    comments="#",
    delimiter=None,
    skip_header=0,
    skip_footer=0,
    converters=None,
    missing_values=None,
    filling_values=None,
    usecols=None,
    names=None,
    excludelist=None,
    deletechars="",
    replace_space="_",
    autostrip=False,
    case_sensitive=True,
    defaultfmt="f%i",
    unpack=None,
    usemask=False,
    loose=True,
    invalid_raise=True,
    max_rows=None,
    encoding=None,
    *,
    ndmin=0,
    like=None,
):
    """The numbers of a text file in which fields may be missing: those become `filling_values`, by default NaN (-1 for integers).

    Fields that are no number count as missing (`loose`). With `names` the result is `Records`: columns with names. `usemask` is
    refused.
    """
    if usemask:
        raise NotImplementedError("genfromtxt: masked arrays do not exist here; leave `usemask` out and look for the filling value")
    lines = list(itertools.islice(_lines(fname, encoding), skip_header, None))
    if skip_footer:
        lines = lines[:-skip_footer]
    if names is True:
        first = next((i for i, line in enumerate(lines) if line.strip(" \t\r\n" + (comments or ""))), 0)
        heads = _fields(lines[first].lstrip(" \t").removeprefix(comments or ""), delimiter, True) if lines else []
        lines = lines[first + 1 :]
    elif names:
        heads = names.split(",") if isinstance(names, str) else list(names)
    rows, width, odd = [], None, []
    for number, line in enumerate(lines, skip_header + 1):
        line = line.partition(comments)[0] if comments else line
        fields = _fields(line, delimiter, autostrip) if line.strip() else []
        if not fields:
            continue
        if max_rows is not None and len(rows) >= max_rows:
            break
        width = len(fields) if width is None else width
        if len(fields) != width:
            odd.append(f"    Line #{number} (got {len(fields)} columns instead of {width})")
            continue
        rows.append(fields)
    if odd and invalid_raise:
        raise ValueError("Some errors were detected !\n" + "\n".join(odd))
    if width is None:
        return xp.zeros((0,), dtype=xp.float64 if dtype is None else dtype)
    chosen = list(range(width)) if usecols is None else _columns(usecols, width)
    missing = {"", *(m for m in _flat(missing_values))}
    rows = [[row[c] for c in chosen] for row in rows]
    # Each column of records has a dtype of its own.
    dtypes = [_infer([[row[c]] for row in rows], missing) for c in range(len(chosen))] if names and dtype is None else None
    dtype = _infer(rows, missing) if dtype is None else xp.dtype(dtype)
    number = _number(dtype)
    default = math.nan if number in (float, _complex) else -1 if number is _integer else False
    functions = [_per_column(converters, None, width)[c] for c in chosen]
    fill = _fillings(filling_values, default, chosen)

    def value(field, column):
        if field.strip() in missing:
            return fill[column]
        if functions[column] is not None:
            return functions[column](field)
        try:
            return number(field.strip())
        except ValueError:
            if not loose:
                raise
            return fill[column]

    if names:
        from ._records import field_names, records

        heads = field_names(heads, excludelist, deletechars, replace_space, case_sensitive)
        heads = [heads[c] for c in chosen] if len(heads) > len(chosen) else heads + [defaultfmt % i for i in range(len(heads), len(chosen))]
        return records([[value(f, c) for c, f in enumerate(row)] for row in rows], heads, dtypes or [dtype] * len(chosen))
    return _finish([[value(f, c) for c, f in enumerate(row)] for row in rows], len(chosen), dtype, ndmin, unpack)


def _flat(values):
    """Texts that mean a missing value, from a text with commas, a sequence or a dict by column."""
    if values is None:
        return []
    if isinstance(values, str):
        return values.split(",")
    items = values.values() if isinstance(values, dict) else values
    return [text for item in items for text in (item if isinstance(item, (list, tuple)) else [item])]


def _fillings(values, default, chosen):
    if values is None:
        return [default] * len(chosen)
    if isinstance(values, dict):
        return [values.get(column, default) for column in chosen]
    if isinstance(values, (list, tuple)):
        return [values[i] if i < len(values) else default for i in range(len(chosen))]
    return [values] * len(chosen)
