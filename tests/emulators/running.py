# SPDX-License-Identifier: BSD-3-Clause
"""Speaks to the control API of an emulator, and runs one as a process of its
own: for the tests that push against it."""

import json
import pathlib
import subprocess
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent

# A proxy set in the environment is not meant for these.
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Remote:
    """An emulator that somebody else runs, at the URL of its control API."""

    def __init__(self, control_url):
        self.control_url = control_url

    def control(self, method, path, body=None):
        """The decoded answer; raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control_url + path, data,
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


class Running(Remote):
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
        super().__init__(self.info["control"])

    def stop(self):
        """Returns the exit status."""
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(timeout=5)
