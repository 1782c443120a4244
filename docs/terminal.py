"""Draws what a command prints on a terminal as an SVG picture.

    python3 docs/terminal.py docs/scan.svg purify scan fixtures/example --select round-trip,scalar-cast --no-cache --exit-zero

The picture in the README is made so; run it again when the output changes. Needs nothing but Python.
"""

import html
import os
import re
import subprocess
import sys

WIDTH = 92  # columns that the command is told of
CHAR, LINE, PAD, BAR = 8.4, 18, 16, 34  # pixels
FOREGROUND, BACKGROUND = "#d6dbe5", "#1b1f27"
BASIC = ["#4b5263", "#ef6b73", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d6dbe5"]


def indexed(number):
    """The colour of the 256-colour palette."""
    if number < 16:
        return BASIC[number % 8]
    if number < 232:
        levels = [0, 95, 135, 175, 215, 255]
        number -= 16
        return "#%02x%02x%02x" % (levels[number // 36], levels[number // 6 % 6], levels[number % 6])
    grey = 8 + 10 * (number - 232)
    return "#%02x%02x%02x" % (grey, grey, grey)


def apply(style, codes):
    """Changes `style` by the numbers of one SGR sequence."""
    codes = [int(code or 0) for code in codes.split(";")]
    while codes:
        code = codes.pop(0)
        if code == 0:
            style.clear()
        elif code == 1:
            style["font-weight"] = "bold"
        elif code == 2:
            style["opacity"] = "0.6"
        elif 30 <= code <= 37:
            style["fill"] = BASIC[code - 30]
        elif 90 <= code <= 97:
            style["fill"] = BASIC[code - 90]
        elif code == 38 and codes[:1] == [5]:
            style["fill"] = indexed(codes[1])
            del codes[:2]
        elif code == 39:
            style.pop("fill", None)


def spans(line, style):
    """The (column, text, style) pieces of a line; `style` carries over to the next one."""
    pieces = []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b"):
            apply(style, piece[2:-1])
        elif pieces and pieces[-1][1] == style:
            pieces[-1][0] += piece
        elif piece:
            pieces.append([piece, dict(style)])
    column = 0
    for piece, attributes in pieces:
        yield column, piece, attributes
        column += len(piece)


def draw(command, text):
    """The picture of a window in which `command` printed `text`."""
    lines = text.rstrip("\n").split("\n")
    rows, style = [], {}
    prompt = [(0, "$ ", {"fill": BASIC[2], "font-weight": "bold"}), (2, command, {"font-weight": "bold"})]
    for number, pieces in enumerate([prompt, *(list(spans(line, style)) for line in lines)]):
        y = BAR + PAD + LINE * number
        for column, piece, attributes in pieces:
            if piece.strip():
                extra = "".join(f' {name}="{value}"' for name, value in attributes.items())
                # The width is given, so that the columns line up whatever font the reader has.
                size = f' textLength="{CHAR * len(piece):.1f}" lengthAdjust="spacingAndGlyphs"'
                rows.append(f'<text x="{PAD + CHAR * column:.1f}" y="{y}"{size}{extra}>{html.escape(piece)}</text>')
    columns = max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in lines)
    width, height = round(2 * PAD + CHAR * max(columns, WIDTH)), BAR + PAD + LINE * (len(lines) + 1)
    dots = "".join(f'<circle cx="{18 + 18 * i}" cy="17" r="5.5" fill="{BASIC[c]}"/>' for i, c in enumerate((1, 3, 2)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
        f"<title>Output of {html.escape(command)}</title>"
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>{dots}'
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14" '
        f'fill="{FOREGROUND}" xml:space="preserve">\n' + "\n".join(rows) + "\n</g></svg>\n"
    )


def main():
    picture, *command = sys.argv[1:]
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    if result.returncode == 2:
        sys.exit(result.stderr)
    shown = " ".join(word for word in command if word not in ("--exit-zero", "--no-cache"))
    with open(picture, "w", encoding="utf-8") as file:
        file.write(draw(shown.replace(command[0], os.path.basename(command[0]), 1), result.stdout))


if __name__ == "__main__":
    main()
