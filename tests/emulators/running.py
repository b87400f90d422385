# SPDX-License-Identifier: BSD-3-Clause
"""Runs an emulator as a process of its own and speaks to its control API: for
the tests that push against it."""

import json
import pathlib
import subprocess
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent

# A proxy set in the environment is not meant for these.
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Running:
    """`info` is the line with which the emulator said it was ready."""

    def __init__(self, name, directory, *flags):
        """name: "fcm" or "apns"; directory: where its credentials are."""
        self.process = subprocess.Popen(
            [HERE / f"{name}.py", "--dir", directory, *flags],
            stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the {name} emulator did not start")
        self.info = json.loads(line)
        self.url = self.info["url"]

    def control(self, method, path, body=None):
        """The decoded answer; raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.info["control"] + path, data,
                                         method=method)
        with DIRECTLY.open(request) as answer:
            return json.load(answer)

    def received(self, wait=0, timeout=10):
        return self.control("GET", f"/received?wait={wait}&timeout={timeout}")

    def stats(self):
        return self.control("GET", "/stats")

    def fault(self, **members):
        return self.control("POST", "/faults", members)

    def clear(self):
        """No faults, nothing received."""
        self.control("DELETE", "/faults")
        self.control("DELETE", "/received")

    def stop(self):
        """Returns the exit status."""
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(timeout=5)
