"""Pictures without a plotting library: a canvas of pixels, curves, decision regions, and PNG by `zlib` alone."""

import struct
import zlib

# Colours that stay apart for colour-blind readers (Okabe and Ito).
COLOURS = [(0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233)]
INK, GRID, PAPER = (40, 40, 40), (225, 225, 225), (255, 255, 255)

# Digits, letters and signs in a cell of 3 by 5 pixels, row by row.
_FONT = {
    "0": (7, 5, 5, 5, 7), "1": (2, 6, 2, 2, 7), "2": (7, 1, 7, 4, 7), "3": (7, 1, 7, 1, 7), "4": (5, 5, 7, 1, 1), "5": (7, 4, 7, 1, 7),
    "6": (7, 4, 7, 5, 7), "7": (7, 1, 1, 2, 2), "8": (7, 5, 7, 5, 7), "9": (7, 5, 7, 1, 7), ".": (0, 0, 0, 0, 2), "-": (0, 0, 7, 0, 0),
    "+": (0, 2, 7, 2, 0), "%": (5, 1, 2, 4, 5), "=": (0, 7, 0, 7, 0), "_": (0, 0, 0, 0, 7), "a": (2, 5, 7, 5, 5), "b": (6, 5, 6, 5, 6),
    "c": (3, 4, 4, 4, 3), "d": (6, 5, 5, 5, 6), "e": (7, 4, 6, 4, 7), "f": (7, 4, 6, 4, 4), "g": (3, 4, 5, 5, 3), "h": (5, 5, 7, 5, 5),
    "i": (7, 2, 2, 2, 7), "j": (1, 1, 1, 5, 2), "k": (5, 5, 6, 5, 5), "l": (4, 4, 4, 4, 7), "m": (5, 7, 7, 5, 5), "n": (6, 5, 5, 5, 5),
    "o": (2, 5, 5, 5, 2), "p": (6, 5, 6, 4, 4), "q": (2, 5, 5, 2, 1), "r": (6, 5, 6, 5, 5), "s": (3, 4, 2, 1, 6), "t": (7, 2, 2, 2, 2),
    "u": (5, 5, 5, 5, 7), "v": (5, 5, 5, 5, 2), "w": (5, 5, 7, 7, 5), "x": (5, 5, 2, 5, 5), "y": (5, 5, 2, 2, 2), "z": (7, 1, 2, 4, 7),
}  # fmt: skip


class Canvas:
    """Pixels with the origin at the upper left."""

    def __init__(self, width, height, colour=PAPER):
        self.width, self.height = width, height
        self.pixels = bytearray(bytes(colour) * (width * height))

    def set(self, x, y, colour):
        """One pixel; outside the canvas, nothing."""
        if 0 <= x < self.width and 0 <= y < self.height:
            at = 3 * (y * self.width + x)
            self.pixels[at : at + 3] = bytes(colour)

    def fill(self, x, y, width, height, colour):
        """A rectangle."""
        left, right = max(x, 0), min(x + width, self.width)
        row = bytes(colour) * max(right - left, 0)
        for j in range(max(y, 0), min(y + height, self.height)):
            at = 3 * (j * self.width + left)
            self.pixels[at : at + len(row)] = row

    def line(self, x0, y0, x1, y1, colour, thickness=1):
        """A straight line."""
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(int(steps) + 1):
            x, y = x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps
            self.fill(round(x) - thickness // 2, round(y) - thickness // 2, thickness, thickness, colour)

    def dot(self, x, y, radius, colour):
        """A disc."""
        for j in range(-radius, radius + 1):
            for i in range(-radius, radius + 1):
                if i * i + j * j <= radius * radius + 1:
                    self.set(x + i, y + j, colour)

    def text(self, x, y, text, colour=INK, scale=2):
        """Text with its upper left corner at (x, y), in small letters."""
        for letter in text.lower():
            for row, bits in enumerate(_FONT.get(letter, ())):
                for column in range(3):
                    if bits >> (2 - column) & 1:
                        self.fill(x + column * scale, y + row * scale, scale, scale, colour)
            x += 4 * scale

    def paste(self, other, x, y):
        """Another canvas, with its upper left corner at (x, y)."""
        for j in range(other.height):
            if 0 <= y + j < self.height:
                n = min(other.width, self.width - x)
                source, target = 3 * j * other.width, 3 * ((y + j) * self.width + x)
                self.pixels[target : target + 3 * n] = other.pixels[source : source + 3 * n]


def png(canvas):
    """The bytes of a PNG file: eight bits per channel, no transparency."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    stride = 3 * canvas.width
    # Each row begins with the number of its filter, here none.
    raw = b"".join(b"\0" + canvas.pixels[i : i + stride] for i in range(0, len(canvas.pixels), stride))
    header = struct.pack(">IIBBBBB", canvas.width, canvas.height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def write_png(path, canvas):
    """Writes a canvas as a PNG file."""
    with open(path, "wb") as file:
        file.write(png(canvas))


def curves(series, names, size=(640, 360)):
    """A canvas with one curve per series, each over its own range, which is printed beside its name."""
    width, height = size
    canvas = Canvas(width, height)
    left, right, top, bottom = 12, width - 12, 12 + 16 * len(series), height - 12
    for i in range(5):
        y = top + (bottom - top) * i // 4
        canvas.line(left, y, right, y, GRID)
    for k, (values, name) in enumerate(zip(series, names)):
        colour = COLOURS[k % len(COLOURS)]
        finite = [v for v in values if v == v and abs(v) != float("inf")]
        if not finite:
            continue
        low, high = min(finite), max(finite)
        span = (high - low) or 1.0
        canvas.text(left, 6 + 16 * k, f"{name} {low:.4f} - {high:.4f}", colour)
        points = [
            (left + (right - left) * i / max(len(values) - 1, 1), bottom - (bottom - top) * (v - low) / span)
            for i, v in enumerate(values)
            if v == v and abs(v) != float("inf")
        ]
        for (x0, y0), (x1, y1) in zip(points, points[1:] or points):
            canvas.line(x0, y0, x1, y1, colour, 2)
    return canvas


def _pale(colour, share):
    return tuple(round(c * share + 255 * (1.0 - share)) for c in colour)


def regions(classify, points, labels, size=(360, 360), cell=3):
    """A canvas with the plane coloured by class and the points on it.

    `classify` takes a list of (x, y) and returns for each a pair (class, confidence between 0 and 1).
    """
    width, height = size
    canvas = Canvas(width, height)
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    margin = 0.1 * max(max(xs) - min(xs), max(ys) - min(ys), 1e-9)
    x0, x1, y0, y1 = min(xs) - margin, max(xs) + margin, min(ys) - margin, max(ys) + margin
    columns, rows = range(0, width, cell), range(0, height, cell)
    centres = [
        (x0 + (x1 - x0) * (i + cell / 2) / width, y1 - (y1 - y0) * (j + cell / 2) / height) for j in rows for i in columns
    ]
    answers = iter(classify(centres))
    for j in rows:
        for i in columns:
            label, confidence = next(answers)
            canvas.fill(i, j, cell, cell, _pale(COLOURS[label % len(COLOURS)], 0.1 + 0.35 * confidence))
    for (x, y), label in zip(points, labels):
        i, j = round((x - x0) / (x1 - x0) * width), round((y1 - y) / (y1 - y0) * height)
        canvas.dot(i, j, 3, PAPER)
        canvas.dot(i, j, 2, COLOURS[label % len(COLOURS)])
    return canvas
