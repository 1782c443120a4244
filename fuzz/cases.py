"""Keep many cases of the fuzzer in one file: `cases.py pack FILE FOLDER`, `cases.py unpack FILE FOLDER`.

The file holds each case as its length (four bytes, little-endian) and its bytes, in the order of their names.
"""

import hashlib
import sys
from pathlib import Path


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("pack", "unpack"):
        sys.exit(__doc__)
    verb, file, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if verb == "pack":
        cases = [path.read_bytes() for path in sorted(folder.iterdir())]
        file.write_bytes(b"".join(len(case).to_bytes(4, "little") + case for case in cases))
        return
    folder.mkdir(parents=True, exist_ok=True)
    data = file.read_bytes()
    at = 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "little")
        case = data[at + 4 : end]
        (folder / hashlib.sha1(case).hexdigest()).write_bytes(case)
        at = end


if __name__ == "__main__":
    main()
