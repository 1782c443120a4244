"""Download the pinned corpus into `.corpus/` and unpack what a scan reads.

Run through `cargo xtask corpus`, or directly with any Python 3.11 or newer that has pip:

    python tests/corpus/fetch.py [--set fresh|blind|unseen] [--only NAME ...] [--check]

pip does the talking: its configured index, proxies and certificates apply, and this file names no host. `pip
download` itself is not used, because for a source distribution it runs the package's build backend; here no code of
the corpus ever runs. Every archive must have the SHA-256 of its list (`packages.toml`, `fresh.toml`, `blind.toml`,
`unseen.toml`), or nothing of it is unpacked.
"""

import argparse
import hashlib
import os
import shutil
import sys
import tarfile
import tomllib
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
# Each set: its pinned list, the folder it goes to, the variable that names another one.
SETS = {"corpus": ("packages.toml", ".corpus", "PURIFY_CORPUS")} | {
    name: (f"{name}.toml", f".corpus-{name}", f"PURIFY_CORPUS_{name.upper()}") for name in ("fresh", "blind", "unseen")
}
# What `purify scan` reads, and the configuration files that change how it reads it.
KEPT = {".py", ".pyi", ".ipynb"}


def main():
    parser = argparse.ArgumentParser(description="Download and unpack the pinned corpus.")
    parser.add_argument("--set", choices=SETS, default="corpus", help="the packages to fetch")
    parser.add_argument("--dest", type=Path, help="folder of the packages (default: $PURIFY_CORPUS, else .corpus; "
                        "of another set $PURIFY_CORPUS_NAME, else .corpus-name)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="fetch only these packages")
    parser.add_argument("--check", action="store_true", help="download nothing; fail if something is missing")
    options = parser.parse_args()
    listed = SETS[options.set][0]
    options.dest = options.dest or base(options.set)
    packages = tomllib.loads(Path(__file__).with_name(listed).read_text())["package"]
    if options.only:
        known = {package["name"] for package in packages}
        unknown = sorted(set(options.only) - known)
        if unknown:
            sys.exit(f"corpus: not in {listed}: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
        packages = [package for package in packages if package["name"] in options.only]
    missing = [package for package in packages if not stamp(options.dest, package).exists()]
    if options.check and missing:
        sys.exit("corpus: missing, run `cargo xtask corpus --set " + options.set + "`: " + ", ".join(p["name"] for p in missing))
    if missing:
        fetch(missing, options.dest)
    files = sum(1 for package in packages for _ in folder(options.dest, package).rglob("*.py"))
    print(f"corpus: {len(packages)} packages, {files} .py files in {options.dest}")


def base(name):
    """The folder a set is unpacked into."""
    _, place, variable = SETS[name]
    return Path(os.environ.get(variable, ROOT / place))


def folder(dest, package):
    """Where a package lies: the name says which version, so that labels stay true."""
    return dest / f"{package['name']}-{package['version']}"


def stamp(dest, package):
    """Written last, so that an interrupted unpacking is done again."""
    return dest / ".stamps" / f"{package['name']}-{package['version']}-{package['sha256'][:16]}"


def fetch(packages, dest):
    archives = dest / ".archives"
    archives.mkdir(parents=True, exist_ok=True)
    for package, path in download(packages, archives):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != package["sha256"]:
            path.unlink()
            sys.exit(f"corpus: {package['name']} {package['version']}: sha256 is {digest}, pinned is {package['sha256']}")
        target = folder(dest, package)
        shutil.rmtree(target, ignore_errors=True)
        unpack(path, target)
        path.unlink()
        mark = stamp(dest, package)
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        print(f"corpus: {package['name']} {package['version']}", flush=True)


def download(packages, archives):
    """Yield (package, archive path), using pip's own finder and session."""
    try:
        from pip._internal.commands.download import DownloadCommand
        from pip._internal.network.download import Downloader
    except ImportError as error:
        sys.exit(f"corpus: {sys.executable} has no usable pip ({error}); run with a Python that has pip 23 or newer")
    command = DownloadCommand("download", "Download packages.")
    options, _ = command.parse_args(["corpus"])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        for package in packages:
            link = sdist(finder, package)
            downloaded = Downloader(session, "off")(link, str(archives))
            # (path, content type) in pip up to 25.0, a path-bearing object of the same shape afterwards.
            yield package, Path(downloaded[0] if isinstance(downloaded, tuple) else downloaded.path)


def sdist(finder, package):
    for candidate in finder.find_all_candidates(package["name"]):
        if str(candidate.version) == package["version"] and not candidate.link.is_wheel:
            return candidate.link
    sys.exit(f"corpus: the index has no source distribution {package['name']} {package['version']}")


def unpack(archive, target):
    """Unpack the Python files, without the archive's own top folder; links and odd names are left out."""
    with tarfile.open(archive) as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            inside = PurePosixPath(*path.parts[1:])
            if not member.isfile() or path.suffix not in KEPT or path.is_absolute() or ".." in path.parts:
                continue
            place = target / inside
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(tar.extractfile(member).read())


if __name__ == "__main__":
    main()
