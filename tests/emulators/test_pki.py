# SPDX-License-Identifier: BSD-3-Clause
"""The credentials: who may read them, and that they can be shared."""

import json
import subprocess

import pki


def names_in(certificate_file):
    return subprocess.run(
        ["openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
         certificate_file], capture_output=True, text=True, check=True).stdout


def test_keys__are_for_their_owner_only(tmp_path):
    pki.make(tmp_path)
    pki.make_service_account(tmp_path, "p", "https://localhost/token")
    public = {"ca.pem", "apns-client.pem", ".lock"}
    for path in tmp_path.iterdir():
        if path.name not in public:
            assert path.stat().st_mode & 0o777 == 0o600, path


def test_make__keeps_what_is_there(tmp_path):
    def contents():
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    pki.make(tmp_path)
    before = contents()
    pki.make(tmp_path)
    assert contents() == before
    pki.make(tmp_path, ["fcm-emulator", "10.0.0.1"])
    pki.make(tmp_path, ["apns-emulator"])
    names = names_in(tmp_path / "server.pem")
    for name in ("DNS:localhost", "IP Address:127.0.0.1", "DNS:fcm-emulator",
                 "IP Address:10.0.0.1", "DNS:apns-emulator"):
        assert name in names
    after = contents()
    assert {name for name in before if before[name] != after[name]} == {
        "server.pem"}


def test_make__can_run_many_times_at_once(tmp_path):
    processes = [subprocess.Popen([pki.__file__, "--dir", tmp_path])
                 for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", tmp_path / "ca.pem",
         tmp_path / "server.pem", tmp_path / "apns-client.pem"],
        capture_output=True, check=False)
    assert verified.returncode == 0


def test_service_account__follows_its_token_endpoint(tmp_path):
    file = pki.service_account_files(tmp_path, "p")[0]
    pki.make_service_account(tmp_path, "p", "https://localhost:1/token")
    first = json.loads(file.read_text())
    pki.make_service_account(tmp_path, "p", "https://localhost:2/token")
    second = json.loads(file.read_text())
    assert second == {**first, "token_uri": "https://localhost:2/token"}
