"""Records: columns of one length with names, as `genfromtxt(names=True)` reads them.

NumPy keeps such tables as arrays of a structured dtype. What code does with them is to take a column by its name, a row by
its number, or to loop over rows; that is what there is here. Columns are ordinary tensors and are not copied.
"""

from types import SimpleNamespace

from purify import ops as xp

# What may not be in the name of a field, and the words that get an underscore.
_DELETED = set("~!@#$%^&*()-=+~\\|]}[{';: /?.>,<")
_RESERVED = {"return", "file", "print"}


class Records:
    """Named columns of one length; `records["name"]` is a column, `records[0]` a row."""

    __hash__ = None

    def __init__(self, columns):
        self._columns = dict(columns)

    @property
    def dtype(self):
        fields = {name: (column.dtype, None) for name, column in self._columns.items()}
        return SimpleNamespace(names=tuple(self._columns), fields=fields)

    shape = property(lambda self: tuple(next(iter(self._columns.values())).shape))
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: self.shape[0] if self.shape else 1)

    def __len__(self):
        if not self.shape:
            raise TypeError("len() of records without an axis")
        return self.shape[0]

    def __getitem__(self, key):
        if isinstance(key, str):
            if key not in self._columns:
                raise ValueError(f"no field of name {key}")
            return self._columns[key]
        if isinstance(key, list) and key and all(isinstance(name, str) for name in key):
            return Records({name: self[name] for name in key})
        return Records({name: column[key] for name, column in self._columns.items()})

    def __setitem__(self, name, values):
        self[name][...] = values

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def item(self):
        """The values of a single row."""
        return tuple(column.item() for column in self._columns.values())

    def tolist(self):
        if not self.shape:
            return self.item()
        return list(zip(*(column.tolist() for column in self._columns.values())))

    def __eq__(self, other):
        row = other.item() if isinstance(other, Records) and not other.shape else other
        if not self.shape and isinstance(row, tuple):
            return self.item() == row
        return NotImplemented

    def __repr__(self):
        return f"Records({self.tolist()!r}, names={list(self._columns)!r})"


def field_names(texts, excluded=(), deleted="", space="_", case=True):
    """Texts as names of fields: without what may not stand in one, and each of them once."""
    change = {True: str, "upper": str.upper, False: str.upper, "lower": str.lower}[case]
    bad, reserved, names = _DELETED | set(deleted or ()), _RESERVED | set(excluded or ()), []
    for i, text in enumerate(texts):
        name = "".join(c for c in change(text).strip().replace(" ", space) if c not in bad) or f"f{i}"
        name += "_" if name in reserved else ""
        again = names.count(name)
        names.append(f"{name}_{again}" if again else name)
    return names


def records(rows, names, dtypes):
    """Rows of values as records; a single row has no axis."""
    columns = {
        name: xp.asarray([row[i] for row in rows], dtype=dtype) if len(rows) != 1 else xp.asarray(rows[0][i], dtype=dtype)
        for i, (name, dtype) in enumerate(zip(names, dtypes))
    }
    return Records(columns)
