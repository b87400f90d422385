# SPDX-License-Identifier: BSD-3-Clause
"""The emulators' own tests: an emulator of each kind, and curl to push."""

import json
import subprocess

import pki
import pytest
import running

# What curl writes after each transfer, to tell one answer from the next.
END_OF_ANSWER, END_OF_TRANSFER = "\x1e", "\x1f"


class Answer:
    """What curl got. `exit` is 0 when there was an HTTP response."""

    def __init__(self, transfer):
        response, _, exit_code = transfer.rpartition(END_OF_ANSWER)
        self.exit = int(exit_code)
        head, _, self.body = response.partition("\r\n\r\n")
        status_line, *lines = head.split("\r\n")
        self.status = int(status_line.split()[1]) if status_line else None
        self.headers = dict(line.split(": ", 1) for line in lines)

    @property
    def json(self):
        return json.loads(self.body)


class Curl:
    def __init__(self, ca_file):
        self.ca_file = ca_file

    def __call__(self, url, *headers, data=None, flags=()):
        """One request, one Answer. Data other than text is sent as JSON."""
        return self.several([self.request(url, *headers, data=data,
                                          flags=flags)])[0]

    def request(self, url, *headers, data=None, flags=()):
        """The options of one request, for several()."""
        options = ["--silent", "--include", "--noproxy", "*", "--http2",
                   "--cacert", self.ca_file, "--max-time", "5", "--write-out",
                   END_OF_ANSWER + "%{exitcode}" + END_OF_TRANSFER, *flags]
        for header in headers:
            options += ["--header", header]
        if data is not None:
            text = data if isinstance(data, str) else json.dumps(data)
            options += ["--data-raw", text]
        return [*options, url]

    def several(self, requests, *first):
        """All of them in one process, one after the other, so that they may
        share a connection. `first` are options for the whole."""
        command = ["curl", *first]
        for request in requests:
            command += [*request, "--next"]
        output = subprocess.run(command[:-1], capture_output=True, check=False)
        transfers = output.stdout.decode().split(END_OF_TRANSFER)
        return [Answer(transfer) for transfer in transfers[:-1]]


@pytest.fixture(scope="session")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("pki")
    pki.make(path)
    return path


@pytest.fixture(scope="session")
def curl(directory):
    return Curl(directory / "ca.pem")


@pytest.fixture(scope="session")
def start(directory):
    """start(name, flag, …) -> Running, stopped at the end."""
    started = []

    def run(name, *flags):
        started.append(running.Running(name, directory, *flags))
        return started[-1]
    yield run
    for emulator in started:
        assert emulator.stop() == 0


@pytest.fixture(scope="session")
def apns_process(start):
    return start("apns", "--topic", "org.example.app",
                 "--topic", "org.example.other")


@pytest.fixture
def apns(apns_process):
    apns_process.clear()
    return apns_process


@pytest.fixture(scope="session")
def fcm_process(start):
    return start("fcm", "--project", "p1", "--project", "p2")


@pytest.fixture
def fcm(fcm_process):
    fcm_process.clear()
    return fcm_process
