#!/usr/bin/env python3
"""What real clients and suites can do with the server, beside other servers: one table.

    benches/clients.py                                    moisson alone
    benches/clients.py --beside radicale xandikos
    benches/clients.py --only thunderbird litmus

Runs the drivers of tests/clients, each against a server that was started for it with an empty home,
and shows how many of their checks passed, and the seconds it took. The full output of each lies below
target/bench/clients. Exit code 1 when moisson failed a check.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(Path(__file__).resolve().parent / "load"))
WORK = ROOT / (os.environ.get("CARGO_TARGET_DIR") or "target") / "bench" / "clients"
SERVERS = ["radicale==3.9.0", "xandikos==0.4.10"]
REPLICAS = ["vdirsyncer==0.21.0", "khal==0.14.1", "todoman==4.7.0", "khard==0.22.0"]
TESTER = ["caldav==3.6.0", "caldav-server-tester==1.7.0", "pytest==9.2.0", "pytest-asyncio==1.5.0", "proxy.py==2.4.10",
          "vobject==0.9.9", "tzlocal==5.4.5"]
DRIVERS = ["thunderbird", "evolution", "vdirsyncer", "tsdav", "litmus", "server_tester", "python_caldav"]


def main():
    import servers

    options = parse_arguments()
    others = pip("servers", SERVERS)
    starts = {"moisson": lambda folder: servers.moisson(options.moisson.resolve(), folder),
              "radicale": lambda folder: servers.radicale(others, folder),
              "xandikos": lambda folder: servers.xandikos(others, folder)}
    table = {}
    products = [*([] if options.without_moisson else ["moisson"]), *options.beside]
    for product in products:
        for driver in options.only:
            server = starts[product](WORK / "run" / product)
            try:
                table[product, driver] = run(product, driver, server)
            finally:
                server.stop()
            print(f"{driver:16} {product:10} {table[product, driver]}", flush=True)
    print("\n" + " " * 16 + "".join(f"{product:>24}" for product in products))
    for driver in options.only:
        print(f"{driver:16}" + "".join(f"{table[product, driver]:>24}" for product in products))
    return any(is_failed(result) for (product, _), result in table.items() if product == "moisson")


def run(product, driver, server):
    """`N of M, 12 s`, or how it ended."""
    base = f"http://127.0.0.1:{server.port}{'/dav/' if product == 'moisson' else '/'}"
    began = time.monotonic()
    done = subprocess.run([*command(driver), base, "moisson", server.password, *more(product, driver)],
                          env={**os.environ, **environment(driver)}, capture_output=True, text=True, errors="replace",
                          check=False, timeout=900)
    (WORK / f"{product}-{driver}.log").write_text(done.stdout + done.stderr)
    last = next((line for line in reversed(done.stdout.split("\n")) if " of " in line), f"ended with {done.returncode}")
    return f"{last}, {time.monotonic() - began:.0f} s"


def command(driver):
    file = ROOT / "tests/clients" / driver
    if driver == "tsdav":
        return ["node", file.with_suffix(".mjs")]
    python = {"evolution": "/usr/bin/python3", "vdirsyncer": lambda: pip("replicas", REPLICAS) / "python",
              "server_tester": lambda: pip("tester", TESTER) / "python",
              "python_caldav": lambda: pip("tester", TESTER) / "python"}.get(driver, sys.executable)
    return [python() if callable(python) else python, file.with_suffix(".py")]


def more(product, driver):
    if driver == "python_caldav":
        return [sources(pip("tester", TESTER) / "python")]
    if driver == "litmus" and product != "moisson":
        return ["moisson/"]
    return []


def environment(driver):
    if driver != "tsdav":
        return {}
    folder = WORK / "node"
    if not (folder / "node_modules/tsdav").is_dir():
        subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder, "tsdav@2.3.4"], check=True)
    return {"NODE_PATH": str(folder / "node_modules")}


def pip(name, packages):
    folder = WORK / "peers" / name
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", *packages], check=True)
        (folder / "ready").write_text("\n".join(packages))
    return folder / "bin"


def sources(python):
    folder = WORK / "peers" / "sources"
    if not (folder / "caldav-3.6.0").is_dir():
        subprocess.run([python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", folder, TESTER[0]],
                       check=True)
        subprocess.run([python, "-m", "tarfile", "-e", folder / "caldav-3.6.0.tar.gz", folder], check=True)
    return folder / "caldav-3.6.0"


def is_failed(text):
    passed, _, rest = text.partition(" of ")
    return not rest or passed != rest.partition(",")[0]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moisson", type=Path, default=ROOT / "target/release/moisson")
    parser.add_argument("--without-moisson", action="store_true", help="only the others")
    parser.add_argument("--beside", nargs="*", choices=["radicale", "xandikos"], default=[])
    parser.add_argument("--only", nargs="*", choices=DRIVERS, default=DRIVERS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
