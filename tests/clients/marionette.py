"""Mozilla programs driven from outside: their remote protocol over a loopback socket.

A message is `LENGTH:JSON`; a command is `[0, id, name, parameters]`, an answer `[1, id, error, result]`.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile

from checks import until

QUIET = {
    "app.donation.eoy.version.viewed": 999,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.type": 0,
    "services.settings.server": "http://127.0.0.1:1/",
    "toolkit.telemetry.enabled": False,
}


class Program:
    """A headless program with a profile of its own, until `close`."""

    def __init__(self, command, preferences):
        self.profile = tempfile.mkdtemp(prefix="profile")
        port = free_port()
        wanted = {**QUIET, **preferences, "marionette.port": port}
        with open(f"{self.profile}/user.js", "w", encoding="utf-8") as file:
            file.writelines(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items())
        self.log = open(f"{self.profile}/log", "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(
            [*command, "--headless", "--no-remote", "--profile", self.profile, "--marionette", "--remote-allow-system-access"],
            stdout=self.log, stderr=self.log, env={**os.environ, "HOME": self.profile, "MOZ_HEADLESS": "1"})
        self.socket = until(lambda: socket.create_connection(("127.0.0.1", port), timeout=240), seconds=120)
        if not self.socket:
            self.close()
            raise RuntimeError(f"{command[0]} does not listen")
        self.input, self.sent = self.socket.makefile("rb"), 0
        self.read()
        self.command("WebDriver:NewSession", capabilities={})
        self.command("Marionette:SetContext", value="chrome")
        self.command("WebDriver:SetTimeouts", script=180_000)

    def read(self):
        length = b""
        while (byte := self.input.read(1)) != b":":
            if not byte:
                raise RuntimeError("the program went away")
            length += byte
        return json.loads(self.input.read(int(length)))

    def command(self, name, **parameters):
        self.sent += 1
        text = json.dumps([0, self.sent, name, parameters]).encode()
        self.socket.sendall(b"%d:%b" % (len(text), text))
        _, _, error, result = self.read()
        if error:
            raise RuntimeError(json.dumps(error)[:500])
        return result

    def load(self, text):
        """Runs definitions that later calls find."""
        self.command("WebDriver:ExecuteScript", script=text, args=[], sandbox="system", newSandbox=False)

    def call(self, function, *arguments):
        """What an asynchronous function of `client`, defined by `load`, gives."""
        script = (f"const [...all] = arguments; const done = all.pop(); client.{function}(...all)"
                  ".then(value => done({value}), error => done({error: `${error && (error.message || error)} ${error && error.stack || ''}`}));")
        answer = self.command("WebDriver:ExecuteAsyncScript", script=script, args=list(arguments), sandbox="system",
                              newSandbox=False)["value"]
        if "error" in answer:
            raise RuntimeError(answer["error"][:500])
        return answer.get("value")

    def close(self):
        """Ends it; its profile goes."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
