# SPDX-License-Identifier: BSD-3-Clause
"""What both emulators do with connections and streams, in order and on
command. APNs stands for both; certificates spare us its tokens."""

import json
import socket
import ssl
import time
import urllib.error

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import pytest
from test_apns_emulator import provider_token

DEVICE = "ab" * 32
PAYLOAD = {"aps": {"alert": "x"}}
MAX_STREAMS = h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS

# curl's exit statuses
REFUSED, TIMEOUT, SEND, RECEIVE = 7, 28, 55, 56


@pytest.fixture
def request_one(apns, curl):
    """The options of a good push for curl.several()."""
    def run(device=DEVICE, flags=()):
        return curl.request(
            f"{apns.url}/3/device/{device}", "apns-push-type: alert",
            data=PAYLOAD, flags=[
                "--cert", apns.info["cert_file"],
                "--key", apns.info["cert_key_file"], *flags])
    return run


@pytest.fixture
def push(curl, request_one):
    """push(n) -> Answers of n good pushes, on one connection if it lasts."""
    def run(count=1, *first, **changes):
        return curl.several([request_one(**changes)] * count, *first)
    return run


class Client:
    """A client that can be told to misbehave."""

    def __init__(self, info, certificate=True):
        host, port = info["url"].removeprefix("https://").split(":")
        tls = ssl.create_default_context(cafile=info["ca_file"])
        tls.set_alpn_protocols(["h2"])
        if certificate:
            tls.load_cert_chain(info["cert_file"], info["cert_key_file"])
        self.socket = tls.wrap_socket(
            socket.create_connection((host, int(port)), timeout=5),
            server_hostname=host)
        self.h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(header_encoding="utf-8"))
        self.events = []

    def __enter__(self):
        self.h2.initiate_connection()
        self.flush()
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def push(self, stream, finish=True, **headers):
        self.h2.send_headers(stream, [
            (":method", "POST"), (":scheme", "https"),
            (":authority", "127.0.0.1"), (":path", "/3/device/" + DEVICE),
            ("apns-push-type", "alert"), *headers.items()])
        if finish:
            self.finish(stream)

    def finish(self, stream):
        self.h2.send_data(stream, json.dumps(PAYLOAD).encode(),
                          end_stream=True)
        self.flush()

    def until(self, kind, **attributes):
        """The next event of this kind and with these attributes."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if isinstance(event, kind) and all(
                        getattr(event, name) == value
                        for name, value in attributes.items()):
                    return event
            data = self.socket.recv(65536)
            assert data, f"the connection ended before {kind}"
            self.events = self.h2.receive_data(data)
            self.flush()


def status(event):
    return dict(event.headers)[":status"]


@pytest.fixture
def client(apns):
    with Client(apns.info) as client:
        yield client


# --- in order

def test_tls__needs_alpn_h2_and_tls_1_2(apns, curl):
    url = f"{apns.url}/3/device/{DEVICE}"
    assert curl(url, flags=["--http1.1"]).exit != 0
    assert curl(url, flags=["--tls-max", "1.1", "--ciphers",
                            "DEFAULT@SECLEVEL=0"]).exit == 35
    assert curl(url, flags=["--tls-max", "1.2"]).status == 405


def test_connection__serves_many_streams_at_once(apns, push):
    apns.fault(kind="delay", ms=100)
    started = time.monotonic()
    push(20, "--parallel")  # whose outputs intermingle
    assert time.monotonic() - started < 1
    received = apns.received()
    assert [push["status"] for push in received] == [200] * 20
    assert len({push["connection"] for push in received}) == 1
    assert apns.stats()["max_streams_seen"] > 1


def test_provider_with_a_token__starts_with_one_stream(apns):
    with Client(apns.info, certificate=False) as client:
        settings = client.until(h2.events.RemoteSettingsChanged)
        assert settings.changed_settings[MAX_STREAMS].new_value == 1
        client.push(1)
        client.until(h2.events.StreamEnded, stream_id=1)  # 403, no token
        with pytest.raises(TimeoutError):
            client.socket.settimeout(0.1)
            client.until(h2.events.RemoteSettingsChanged)


def test_first_accepted_push__raises_the_stream_limit(apns):
    with Client(apns.info, certificate=False) as client:
        token = provider_token(apns.info)
        client.push(1, authorization="bearer " + token, **{
            "apns-topic": "org.example.app"})
        client.until(h2.events.RemoteSettingsChanged)
        settings = client.until(h2.events.RemoteSettingsChanged)
        assert settings.changed_settings[MAX_STREAMS].new_value == 1000


def test_streams_above_the_limit__are_refused(start):
    apns = start("apns", "--max-streams", "2")
    with Client(apns.info) as client:
        for stream in (1, 3, 5):  # the limit of 2 has not been read yet
            client.push(stream, finish=False)
        client.flush()
        refused = client.until(h2.events.StreamReset)
        assert refused.stream_id == 5
        assert refused.error_code == h2.errors.ErrorCodes.REFUSED_STREAM
        for stream in (1, 3):
            client.finish(stream)
            client.until(h2.events.ResponseReceived, stream_id=stream)
    assert apns.stats()["streams_refused"] == 1
    assert apns.stats()["max_streams_seen"] == 2


def test_big_bodies__pass_the_flow_control(apns, curl, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(b"x" * 1_000_000)
    answers = curl.several([curl.request(
        f"{apns.url}/3/device/{DEVICE}", "apns-push-type: alert",
        flags=["--cert", apns.info["cert_file"], "--key",
               apns.info["cert_key_file"], "--data-binary", f"@{big}"])] * 3)
    assert [answer.status for answer in answers] == [413] * 3
    assert len({push["connection"] for push in apns.received()}) == 1


def test_small_windows__are_respected(apns, client):
    apns.fault(reason="Unregistered", timestamp=1)
    client.h2.update_settings(
        {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10})
    client.push(1)
    body = b""
    while not body.endswith(b"}"):
        data = client.until(h2.events.DataReceived, stream_id=1)
        assert len(data.data) <= 10
        body += data.data
        if not data.stream_ended:
            client.h2.increment_flow_control_window(len(data.data), 1)
            client.flush()
    assert json.loads(body) == {"reason": "Unregistered", "timestamp": 1}


# --- on command

def test_delay__holds_the_answer_back(apns, push):
    apns.fault(kind="delay", ms=300, count=1)
    started = time.monotonic()
    [answer] = push()
    assert answer.status == 200 and time.monotonic() - started >= 0.3


def test_slow_body__comes_bit_by_bit(apns, push):
    apns.fault(kind="slow_body", ms=300)
    for reason in (None, "Unregistered"):
        if reason:
            apns.fault(reason=reason)
        started = time.monotonic()
        [answer] = push()
        assert time.monotonic() - started >= 0.25
        assert answer.status == (410 if reason else 200)


def test_hang__never_answers(apns, push):
    apns.fault(kind="hang", count=1)
    assert push(flags=["--max-time", "0.3"])[0].exit == TIMEOUT
    [received] = apns.received()
    assert received["status"] is None and received["fault"] == "hang"


def test_reset__ends_the_connection(apns, push):
    apns.fault(kind="reset", count=1)
    assert push()[0].exit in (SEND, RECEIVE)
    assert push()[0].status == 200
    assert apns.stats()["answers"]["reset"] == 1


def test_refuse_stream__lets_the_client_try_again(apns, push, client):
    apns.fault(kind="refuse_stream", every=2)
    assert [answer.status for answer in push(2)] == [200, 200]
    assert [received["fault"] for received in apns.received()] \
        == [None, "refuse_stream", None]
    apns.clear()
    apns.fault(kind="refuse_stream")
    client.push(1)
    reset = client.until(h2.events.StreamReset)
    assert reset.error_code == h2.errors.ErrorCodes.REFUSED_STREAM


def test_goaway__leaves_the_request_unprocessed(apns, client):
    client.push(1)
    client.until(h2.events.StreamEnded, stream_id=1)
    apns.fault(kind="goaway", count=1)
    client.push(3)
    end = client.until(h2.events.ConnectionTerminated)
    assert end.last_stream_id == 1
    assert end.error_code == h2.errors.ErrorCodes.NO_ERROR
    assert json.loads(end.additional_data) == {"reason": "Shutdown"}
    assert client.socket.recv(1) == b""
    assert [received["status"] for received in apns.received()] == [200, None]


def test_goaway__makes_curl_leave_the_connection(apns, push):
    apns.fault(kind="goaway", every=2, count=1)
    push(3)  # whether curl tries the second one again depends on its version
    first, second, *others = apns.received()
    assert first["status"] == 200 and second["status"] is None
    assert first["connection"] == second["connection"]
    assert {push["connection"] for push in others} == {
        first["connection"] + 1}


def test_goaway__still_answers_what_came_before(apns, client):
    apns.fault(kind="delay", ms=200, count=1)
    client.push(1)
    apns.fault(kind="goaway", count=1, debug="bye")
    client.push(3)
    end = client.until(h2.events.ConnectionTerminated)
    assert (end.last_stream_id, end.additional_data) == (1, b"bye")
    # h2 as a client is done with the connection; the bytes are not.
    assert b"\x01" in client.socket.recv(65536)
    assert client.socket.recv(1) == b""


def test_goaway_after__answers_the_request(apns, push):
    apns.fault(kind="goaway_after", count=1)
    assert [answer.status for answer in push(2)] == [200, 200]
    first, second = apns.received()
    assert first["connection"] != second["connection"]


def test_max_streams__changes_the_limit(apns, client):
    client.until(h2.events.RemoteSettingsChanged)
    apns.fault(kind="max_streams", streams=1, count=1)
    client.push(1)
    changed = client.until(h2.events.RemoteSettingsChanged)
    assert changed.changed_settings[MAX_STREAMS].new_value == 1
    apns.fault(kind="hang")
    client.push(3)
    client.h2.remote_settings.max_concurrent_streams = 2
    client.h2.remote_settings.acknowledge()
    client.push(5)
    client.until(h2.events.StreamReset, stream_id=5)


def test_html__comes_instead_of_json(apns, push):
    apns.fault(kind="html", count=1)
    apns.fault(kind="html", status=401, retry_after=5)
    first, second = push(2)
    assert first.status == 502 and "<title>Error 502" in first.body
    assert first.headers["content-type"].startswith("text/html")
    assert second.status == 401 and second.headers["retry-after"] == "5"


def test_outage__refuses_connections_until_it_is_over(apns, push, client):
    client.push(1)
    client.until(h2.events.StreamEnded)
    outage = apns.fault(kind="outage")
    assert client.socket.recv(65536) == b""
    assert apns.stats()["connections_open"] == 0
    assert push()[0].exit == REFUSED
    apns.control("DELETE", f"/faults/{outage['id']}")
    assert push()[0].status == 200


# --- faults in general, and the control API

def test_fault__applies_count_times_and_to_each_so_manieth(apns, push):
    apns.fault(reason="ServiceUnavailable", count=2, every=2)
    assert [answer.status for answer in push(6)] \
        == [200, 503, 200, 503, 200, 200]
    assert apns.control("GET", "/faults") == []


def test_faults__that_let_a_request_go_on_add_up(apns, push):
    apns.fault(kind="delay", ms=100)
    apns.fault(kind="delay", ms=100)
    apns.fault(reason="Shutdown")
    apns.fault(reason="BadTopic")
    started = time.monotonic()
    assert push()[0].status == 503
    assert time.monotonic() - started >= 0.2


def test_fault__is_not_used_up_by_a_bad_request(apns, curl):
    apns.fault(reason="Shutdown", count=1)
    assert curl(f"{apns.url}/3/device/{DEVICE}", data=PAYLOAD).status == 403
    assert len(apns.control("GET", "/faults")) == 1


def test_received__waits_for_accepted_pushes(apns, curl, push, request_one):
    started = time.monotonic()
    assert apns.received(wait=1, timeout=0) == []
    apns.fault(kind="delay", ms=1)
    push(3)
    assert len(apns.received(wait=3)) == 3
    assert time.monotonic() - started < 5
    last = apns.received()[-1]["number"]
    assert apns.control("GET", f"/received?since={last - 1}")[0]["number"] \
        == last


def test_stats__count_everything(apns, push):
    before = apns.stats()
    apns.fault(reason="Shutdown", count=1)
    push(3)
    after = apns.stats()

    def growth(*path):
        old, new = before, after
        for name in path:
            old, new = old.get(name, {} if name == "answers" else 0), new[name]
        return new - old
    assert growth("accepted") == 2 and growth("rejected") == 1
    assert growth("answers", "200") == 2
    assert growth("answers", "503 Shutdown") == 1
    assert growth("connections_opened") == 1
    assert after["connections_open"] == 0


@pytest.mark.parametrize("method, path, body, code, text", [
    ("GET", "/nowhere", None, 404, "/received"),
    ("POST", "/stats", {}, 405, "takes GET"),
    ("GET", "/received?wait=x", None, 400, "wait: must be a number"),
    ("GET", "/received?limit=1", None, 400, "limit: no such parameter"),
    ("DELETE", "/faults/0", None, 404, "no fault 0"),
    ("POST", "/faults", [], 400, "must be a JSON object"),
    ("POST", "/faults", {"kind": 1}, 400, "kind: must be"),
    ("POST", "/faults", {"kind": "hang", "ms": 1}, 400, "ms: no such member"),
    ("POST", "/faults", {"kind": "delay"}, 400, "ms: missing"),
    ("POST", "/faults", {"kind": "delay", "ms": "1"}, 400,
     "ms: must be an integer"),
    ("POST", "/faults", {"kind": "hang", "count": 0}, 400, "count: must be"),
    ("POST", "/faults", {"kind": "hang", "token": 7}, 400,
     "token: must be a string"),
])
def test_control__says_what_is_wrong(apns, method, path, body, code, text):
    with pytest.raises(urllib.error.HTTPError) as error:
        apns.control(method, path, body)
    assert error.value.code == code
    assert text in json.load(error.value)["error"]
