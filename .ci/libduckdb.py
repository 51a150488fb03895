#!/usr/bin/env python3
"""Puts a ready-made libduckdb into target/libduckdb and prints that folder.

Compiling DuckDB takes most of an hour; linking against it takes seconds. The
Makefile asks this script for a library and falls back to compiling when there
is none. In this order:

1. DUCKDB_LIB_DIR, when the user has set it: that folder is printed as it is.
2. A library that is already in the folder, loads, and says it is VERSION.
3. DuckDB's own Python wheel from PyPI, by pip, pinned by its sha256. Its
   extension module is the whole engine and exports DuckDB's C functions.

DuckDB's own release archives are not used: their checksums are not pinned
here, and an unverified binary is not fetched.

Only Linux with glibc has such a wheel. On macOS a Python module is a Mach-O
bundle, which nothing can be linked against: there the bundled build is used,
or DUCKDB_LIB_DIR (`brew install duckdb`).

Exit code: 0 with the folder on standard output; 1 when no library can be had
(compile it instead); 2 when DUCKDB_LIB_DIR is wrong. Needs python3 >= 3.8 of
any kind: the wheel is chosen for the machine, not for the running Python.
"""

import argparse
import os
import platform
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "2.0.0"
# Machine -> wheel platform tag, sha256 of the CPython 3.11 wheel on PyPI.
WHEELS = {
    "x86_64": (
        "manylinux_2_28_x86_64",
        "5a3601121c7cc50d0b70412995634682fafcb58a0156d5d663dfd0b3bbe30a33",
    ),
    "aarch64": (
        "manylinux_2_28_aarch64",
        "bcdf10dfbc2c1a6bdc5b2a94bba5b15481e552c5745c2af1994617b0eb6bc750",
    ),
}
ROOT = Path(__file__).resolve().parent.parent


class NoLibrary(Exception):
    """No ready-made library can be had here."""


class WrongFolder(Exception):
    """DUCKDB_LIB_DIR does not hold a libduckdb that loads."""


def main():
    try:
        print(find(parse_arguments().into))
    except NoLibrary as error:
        say(f"no ready-made library: {error}")
        return 1
    except WrongFolder as error:
        say(str(error))
        return 2
    return 0


def parse_arguments():
    target = Path(os.environ.get("CARGO_TARGET_DIR") or "target")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--into", type=Path, default=ROOT / target / "libduckdb", help="folder to use"
    )
    return parser.parse_args()


def find(into):
    """The absolute folder of a libduckdb: the user's, the one there, or a new one."""
    given = os.environ.get("DUCKDB_LIB_DIR")
    if given:
        return users_own(Path(given).resolve())
    into = into.resolve()
    library = into / "libduckdb.so"
    if version_of(library) != f"v{VERSION}":
        install(library)
    return into


def users_own(folder):
    name = "libduckdb.dylib" if sys.platform == "darwin" else "libduckdb.so"
    version = version_of(folder / name)
    if version is None:
        raise WrongFolder(f"DUCKDB_LIB_DIR={folder}: no {name} there that loads")
    if version != f"v{VERSION}":
        say(f"DUCKDB_LIB_DIR has DuckDB {version}; moisson is written for v{VERSION}")
    return folder


def version_of(library):
    """What the library says it is, or None when it is absent or does not load.

    Asked in a process of its own, which a broken library may take down.
    """
    if not library.is_file():
        return None
    ask = (
        "import ctypes, sys; f = ctypes.CDLL(sys.argv[1]).duckdb_library_version;"
        "f.restype = ctypes.c_char_p; print(f().decode())"
    )
    asked = subprocess.run(
        [sys.executable, "-c", ask, str(library)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, universal_newlines=True,
    )
    return asked.stdout.strip() if asked.returncode == 0 else None


def install(library):
    tag, sha256 = wheel_for_this_machine()
    library.parent.mkdir(parents=True, exist_ok=True)
    say(f"fetching DuckDB {VERSION} ({tag}, about 25 MB, once)")
    # Everything happens beside the goal, so that the last step is one rename
    # and an interrupted run leaves nothing that looks finished.
    with tempfile.TemporaryDirectory(dir=library.parent, prefix=".new-") as scratch:
        wheel = download(tag, sha256, Path(scratch))
        made = Path(scratch) / library.name
        made.write_bytes(without_python(engine_in(wheel)))
        made.chmod(0o755)
        if version_of(made) != f"v{VERSION}":
            raise NoLibrary("the library of the wheel does not load on this system")
        os.replace(made, library)


def wheel_for_this_machine():
    if sys.platform != "linux":
        raise NoLibrary(f"{sys.platform} has none; set DUCKDB_LIB_DIR if you have one")
    if platform.libc_ver()[0] != "glibc":
        raise NoLibrary("the wheels need glibc")
    if platform.machine() not in WHEELS:
        raise NoLibrary(f"no wheel for {platform.machine()}")
    return WHEELS[platform.machine()]


def download(tag, sha256, scratch):
    """Fetches the wheel by pip, which refuses any file with another sha256."""
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"duckdb=={VERSION} --hash=sha256:{sha256}\n")
    command = pip(scratch) + [
        "download", "--quiet", "--disable-pip-version-check", "--no-input",
        "--retries", "1", "--no-deps", "--require-hashes", "--only-binary", ":all:",
        "--implementation", "cp", "--python-version", "311", "--abi", "cp311",
        "--platform", tag, "--dest", str(scratch), "--requirement", str(wanted),
    ]
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise NoLibrary("pip could not download the wheel (see above)")
    return next(scratch.glob("duckdb-*.whl"))


def pip(scratch):
    """The command of a pip: this Python's, or one in a throw-away environment."""
    if succeeds([sys.executable, "-m", "pip", "--version"]):
        return [sys.executable, "-m", "pip"]
    venv = scratch / "venv"
    if succeeds([sys.executable, "-m", "venv", str(venv)]):
        return [str(venv / "bin" / "python"), "-m", "pip"]
    raise NoLibrary("this python3 has neither pip nor venv (Debian: python3-venv)")


def succeeds(command):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(command, **quiet).returncode == 0


def engine_in(wheel):
    with zipfile.ZipFile(wheel) as members:
        for name in members.namelist():
            if re.fullmatch(r"_duckdb\.[^/]*\.so", name):
                return bytearray(members.read(name))
    raise NoLibrary(f"{wheel.name} has no engine in it")


def without_python(elf):
    """Makes the Python symbols that a 64-bit little-endian ELF library wants optional.

    They are used only by the module's Python side, which nobody calls here.
    A strong undefined symbol keeps the library from loading outside Python; a
    weak one is left at zero (ELF gABI, chapter 4, symbol table). Only the
    binding of those entries changes: no byte moves.
    """
    if elf[:6] != b"\x7fELF\x02\x01":
        raise NoLibrary("the engine is not a 64-bit little-endian ELF library")
    (table,) = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * size) for i in range(count)]
    for section in sections:
        _, kind, _, _, start, length, link, _, _, entry = section
        if kind == SHT_DYNSYM:
            names = sections[link][4]
            for symbol in range(start, start + length, entry):
                weaken_if_python(elf, symbol, names)
    return elf


SHT_DYNSYM, SHN_UNDEF, STB_WEAK = 11, 0, 2


def weaken_if_python(elf, symbol, names):
    name, info, _, section = struct.unpack_from("<IBBH", elf, symbol)
    if section == SHN_UNDEF and re.compile(rb"_?Py").match(elf, names + name):
        elf[symbol + 4] = STB_WEAK << 4 | info & 0xF


def say(message):
    print(f"libduckdb: {message}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
