"""Servers under load: moisson, and others at pinned versions, each with one account and an empty home."""

import http.client
import os
import re
import shutil
import socket
import subprocess
import time

USER, PASSWORD = "moisson", "loopback"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class Server:
    """A program that runs until `stop`, with the place of a calendar and of an address book to be made."""

    def __init__(self, name, command, folder, port, home, password=PASSWORD):
        self.name, self.port, self.password = name, port, password
        self.calendar, self.book = f"{home[0]}load/", f"{home[1]}people/"
        self.log = open(folder / "log", "w", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env={**os.environ, "LC_ALL": "C"})
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} does not answer: see {folder / 'log'}")
            time.sleep(0.05)

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("OPTIONS", "/")
            return connection.getresponse().status > 0
        except OSError:
            return False
        finally:
            connection.close()

    def cpu_s(self):
        """User and system time so far, of the process and of those that it started."""
        children, spent, waiting = {}, 0, [self.process.pid]
        for entry in filter(str.isdigit, os.listdir("/proc")):
            if stat := stat_of(entry):
                children.setdefault(int(stat[1]), []).append(int(entry))
        while waiting:
            one = waiting.pop()
            if stat := stat_of(one):
                spent += sum(map(int, stat[11:15]))
                waiting += children.get(one, [])
        return spent * TICK_S

    def memory_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s*(\d+)", file.read()).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def moisson(program, folder):
    """With one device; what the command prints of its password is found by its form."""
    fresh(folder)
    (folder / "moisson.toml").write_text("")
    home = [program, "--home", folder]
    made = subprocess.run([*home, "device", "add", "load"], capture_output=True, text=True, check=True)
    password = re.search(r"\b(?:[0-9a-z]{4}-){6}[0-9a-z]{4}\b", made.stdout).group(0)
    port = free_port()
    server = Server("moisson", [*home, "serve", "--listen", f"127.0.0.1:{port}"], folder, port,
                    ("/dav/calendars/", "/dav/books/"), password)
    server.imports = [*home, "import"]
    return server


def radicale(programs, folder):
    fresh(folder)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    port = free_port()
    return Server("radicale", [
        programs / "radicale", "--auth-type=htpasswd", f"--auth-htpasswd-filename={folder / 'users'}",
        "--auth-htpasswd-encryption=plain", "--logging-level=error", f"--storage-filesystem-folder={folder / 'data'}",
        f"--server-hosts=127.0.0.1:{port}"], folder, port, (f"/{USER}/", f"/{USER}/"))


def xandikos(programs, folder):
    fresh(folder)
    port = free_port()
    return Server("xandikos", [
        programs / "xandikos", "serve", "--defaults", "--current-user-principal", f"/{USER}/", "-d", folder / "data",
        "--listen-address", "127.0.0.1", "-p", str(port)], folder, port, (f"/{USER}/calendars/", f"/{USER}/contacts/"))


def stat_of(process):
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
