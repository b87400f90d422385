# SPDX-License-Identifier: BSD-3-Clause
"""The APNs emulator, pushed against with curl."""

import json
import pathlib
import time
import urllib.error

import apns_rules
import jwt
import pki
import pytest

DEVICE = "ab" * 32
TOPIC = "org.example.app"
ALERT = {"aps": {"alert": {"title": "New message"}, "mutable-content": 1}}
BACKGROUND = {"aps": {"content-available": 1}}
NOW = int(time.time())


def provider_token(info, key="", alg="ES256", secret=None, header=(),
                   **claims):
    """A good provider token, but for what is given. key: "" or "next_"."""
    claims = {"iss": info["team_id"], "iat": NOW, **claims}
    header = {"kid": info[f"{key}key_id"], **dict(header)}
    secret = secret or pathlib.Path(info[f"{key}key_file"]).read_text()
    return jwt.encode(claims, secret, alg, headers=header)


@pytest.fixture(scope="module")
def token(apns_process):
    return provider_token(apns_process.info)


def sized(size, aps):
    """A payload of so many bytes."""
    payload = {"aps": aps, "pad": ""}
    payload["pad"] = "x" * (size - len(json.dumps(payload)))
    return payload


@pytest.fixture
def request_to(curl, token):
    """The options of a push for curl: everything in order, but for what is
    given. A header given replaces the good one; one without a value removes
    it."""
    def run(to, *headers, device=DEVICE, payload=ALERT, flags=()):
        good = {"authorization": f"bearer {token}", "apns-topic": TOPIC,
                "apns-push-type": "alert"}
        for header in headers:
            good.pop(header.partition(":")[0], None)
        return curl.request(
            f"{to.url}/3/device/{device}", *headers,
            *(f"{name}: {value}" for name, value in good.items()),
            data=payload, flags=flags)
    return run


@pytest.fixture
def push(apns, curl, request_to):
    """push(header, …) -> Answer: as request_to(), and done."""
    def run(*headers, to=apns, **changes):
        return curl.several([request_to(to, *headers, **changes)])[0]
    return run


def reason(answer):
    """The reason, having checked that the status is the one it comes with."""
    text = answer.json["reason"]
    assert answer.status == apns_rules.REASONS[text]
    return text


# --- a push

def test_push__is_accepted_and_recorded(apns, push):
    apns_id = "9a08baa1-26f6-46ac-bba6-e3149f5e3d29"
    answer = push(f"apns-id: {apns_id}", "apns-priority: 10",
                  "apns-expiration: 1900000000", "apns-collapse-id: abc")
    assert answer.status == 200 and answer.body == ""
    assert answer.headers["apns-id"] == apns_id
    [received] = apns.received(wait=1)
    assert received["status"] == 200 and received["reason"] is None
    assert received["token"] == DEVICE and received["app"] == TOPIC
    assert received["body"] == ALERT
    assert received["headers"]["apns-collapse-id"] == "abc"


def test_push__gets_an_id_if_it_has_none(push):
    assert apns_rules.UUID.fullmatch(push().headers["apns-id"])
    refused = push("apns-topic;")
    assert apns_rules.UUID.fullmatch(refused.headers["apns-id"])


@pytest.mark.parametrize("headers, payload", [
    (["apns-priority: 5"], ALERT),
    (["apns-priority: 1"], ALERT),
    (["apns-expiration: 0"], ALERT),
    (["apns-collapse-id: " + "x" * 64], ALERT),
    (["apns-topic: org.example.other"], ALERT),
    (["apns-push-type: background", "apns-priority: 5"], BACKGROUND),
    (["apns-push-type: voip"], sized(5120, {})),
    ([], {"aps": {"badge": 1}, "account": "a@example.org"}),
    ([], sized(4096, {"alert": "x"})),
])
def test_push__takes_what_apple_allows(push, headers, payload):
    device = "cd" * 50 if "apns-topic: org.example.other" in headers \
        else DEVICE
    assert push(*headers, payload=payload, device=device).status == 200


@pytest.mark.parametrize("header, expected", [
    ("apns-topic:", "MissingTopic"),
    ("apns-topic: org/example", "BadTopic"),
    ("apns-topic: org.example.else", "TopicDisallowed"),
    ("apns-push-type:", "InvalidPushType"),
    ("apns-push-type: silent", "InvalidPushType"),
    ("apns-priority: 7", "BadPriority"),
    ("apns-priority: high", "BadPriority"),
    ("apns-expiration: soon", "BadExpirationDate"),
    ("apns-expiration: -1", "BadExpirationDate"),
    ("apns-expiration: 2419200", "BadExpirationDate"),       # 1970
    ("apns-expiration: 1900000000000", "BadExpirationDate"),  # milliseconds
    ("apns-collapse-id: " + "x" * 65, "BadCollapseId"),
    ("apns-collapse-id;", "BadCollapseId"),
    ("apns-id: 9A08BAA1-26F6-46AC-BBA6-E3149F5E3D29", "BadMessageId"),
    ("apns-id: 1", "BadMessageId"),
])
def test_push__refuses_a_bad_header(apns, push, header, expected):
    assert reason(push(header)) == expected
    assert apns.received()[0]["reason"] == expected


def test_push__refuses_a_repeated_header(push):
    assert reason(push("apns-priority: 10", "apns-priority: 5")) \
        == "DuplicateHeaders"


@pytest.mark.parametrize("push_type, payload, expected", [
    ("alert", "", "PayloadEmpty"),
    ("alert", "{", "PayloadEmpty"),
    ("alert", [], "PayloadEmpty"),
    ("alert", {"account": "x"}, "PayloadEmpty"),
    ("alert", {"aps": "x"}, "PayloadEmpty"),
    ("alert", sized(4097, {"alert": "x"}), "PayloadTooLarge"),
    ("voip", sized(5121, {}), "PayloadTooLarge"),
    ("alert", BACKGROUND, "InvalidPushType"),
    ("alert", {"aps": {"sound": "x", "mutable-content": 1}},
     "InvalidPushType"),
    ("alert", {"aps": {"alert": {}, "mutable-content": 1}},
     "InvalidPushType"),
    ("alert", {"aps": {"alert": {"title": ""}, "mutable-content": 1}},
     "InvalidPushType"),
    ("alert", {"aps": {"alert": "", "mutable-content": 1}},
     "InvalidPushType"),
    ("background", ALERT, "InvalidPushType"),
    ("background", {"aps": {}}, "InvalidPushType"),
    ("background", {"aps": {"content-available": 1, "sound": "x"}},
     "InvalidPushType"),
])
def test_push__refuses_a_bad_payload(push, push_type, payload, expected):
    priority = 5 if push_type == "background" else 10
    answer = push(f"apns-push-type: {push_type}",
                  f"apns-priority: {priority}", payload=payload)
    assert reason(answer) == expected


@pytest.mark.parametrize("headers", [[], ["apns-priority: 10"]])
def test_push__in_the_background_needs_priority_5(push, headers):
    answer = push("apns-push-type: background", *headers, payload=BACKGROUND)
    assert reason(answer) == "BadPriority"


@pytest.mark.parametrize("device, expected", [
    ("", "MissingDeviceToken"),
    ("ab" * 31, "BadDeviceToken"),
    ("ab" * 32 + "c", "BadDeviceToken"),
    ("xy" * 32, "BadDeviceToken"),
    ("0" * 64, "BadDeviceToken"),  # nobody has it
])
def test_push__refuses_a_bad_device_token(push, device, expected):
    assert reason(push(device=device)) == expected


def test_push__refuses_a_device_token_of_another_app(push):
    device = "0a" * 32
    assert push(device=device).status == 200
    assert reason(push("apns-topic: org.example.other", device=device)) \
        == "DeviceTokenNotForTopic"


def test_push__refuses_bad_methods_and_paths(apns, push, curl):
    assert reason(push(flags=["-X", "PUT"])) == "MethodNotAllowed"
    assert reason(curl(apns.url + "/2/device/" + DEVICE, data="{}")) \
        == "BadPath"


# --- provider tokens

@pytest.mark.parametrize("wrong, expected", [
    ({"iat": NOW - 3700}, "ExpiredProviderToken"),
    ({"iat": NOW + 300}, "InvalidProviderToken"),
    ({"iat": None}, "InvalidProviderToken"),
    ({"iss": "OTHERTEAM1"}, "InvalidProviderToken"),
    ({"header": {"kid": "NOSUCHKEY1"}}, "InvalidProviderToken"),
    ({"header": {"kid": pki.KEY_IDS[1]}}, "InvalidProviderToken"),
    ({"alg": "HS256", "secret": "x"}, "InvalidProviderToken"),
])
def test_provider_token__is_checked(apns, push, wrong, expected):
    token = provider_token(apns.info, **wrong)
    assert reason(push(f"authorization: bearer {token}")) == expected


@pytest.mark.parametrize("header, expected", [
    ("authorization:", "MissingProviderToken"),
    ("authorization: bearer", "MissingProviderToken"),
    ("authorization: basic eDp4", "MissingProviderToken"),
    ("authorization: bearer x.y.z", "InvalidProviderToken"),
])
def test_provider_token__must_be_there(push, header, expected):
    assert reason(push(header)) == expected


def test_provider_token__may_be_renewed_every_20_minutes(start, push):
    apns = start("apns")

    def push_issued(age_s):
        token = provider_token(apns.info, iat=NOW - age_s)
        return push(f"authorization: bearer {token}", to=apns)
    assert push_issued(3000).status == 200
    assert reason(push_issued(3000 - 1190)) == "TooManyProviderTokenUpdates"
    assert push_issued(3000).status == 200
    assert push_issued(3000 - 1210).status == 200
    # Another process signed in the same second: not an update.
    assert push_issued(3000 - 1210).status == 200


def test_provider_token__may_be_renewed_at_will_if_told_so(start, push):
    apns = start("apns", "--allow-token-updates")
    for iat in (NOW, NOW - 1, NOW - 2):
        token = provider_token(apns.info, iat=iat)
        assert push(f"authorization: bearer {token}", to=apns).status == 200


def test_connection__is_tied_to_the_key_of_its_first_push(apns, curl,
                                                          request_to):
    other = provider_token(apns.info, "next_", iat=NOW - 3000)
    answers = curl.several([
        request_to(apns), request_to(apns, f"authorization: bearer {other}"),
        request_to(apns)])
    assert [answer.status for answer in answers] == [200, 403, 200]
    assert reason(answers[1]) == "UnrelatedKeyIdInToken"
    assert len({push["connection"] for push in apns.received()}) == 1


# --- certificates

def certificate(info, kind):
    return {"pem": ["--cert", info["cert_file"],
                    "--key", info["cert_key_file"]],
            "p12": ["--cert-type", "P12", "--cert",
                    f"{info['p12_file']}:{info['p12_password']}"]}[kind]


@pytest.mark.parametrize("kind", ["pem", "p12"])
@pytest.mark.parametrize("headers", [
    ["authorization:"],
    ["authorization:", "apns-topic:"],
    ["authorization: bearer of no interest"]])
def test_certificate__needs_no_token_and_no_topic(apns, push, kind, headers):
    assert push(*headers, flags=certificate(apns.info, kind)).status == 200
    assert apns.received()[0]["app"] == TOPIC


def test_certificate__is_good_for_its_own_topics(apns, push):
    answer = push("authorization:", "apns-topic: org.example.other",
                  flags=certificate(apns.info, "pem"))
    assert reason(answer) == "TopicDisallowed"


def test_certificate__with_several_topics_needs_one_named(start, push):
    apns = start("apns", "--cert-topic", TOPIC,
                 "--cert-topic", TOPIC + ".voip")
    flags = certificate(apns.info, "pem")
    assert reason(push("apns-topic:", to=apns, flags=flags)) == "MissingTopic"
    assert push(to=apns, flags=flags).status == 200


def test_certificate__of_a_strange_ca_is_refused(start, push, tmp_path):
    apns = start("apns", "--client-ca", str(strange_ca(tmp_path)))
    answer = push(to=apns, flags=certificate(apns.info, "pem"))
    assert answer.exit != 0


def strange_ca(directory):
    pki.make_ca(directory)
    return directory / "ca.pem"


# --- errors on command

@pytest.mark.parametrize("commanded", apns_rules.REASONS)
def test_reason__comes_on_command(apns, push, commanded):
    status = apns_rules.REASONS[commanded]
    apns.fault(reason=commanded, status=status, count=1)
    answer = push()
    assert reason(answer) == commanded
    assert ("timestamp" in answer.json) == (status == 410)
    assert push().status == 200
    first, second = apns.received(wait=1)
    assert (first["status"], first["reason"]) == (status, commanded)
    assert first["fault"] == "error" and second["fault"] is None


def test_timestamp__is_now_or_as_commanded(apns, push):
    apns.fault(reason="Unregistered", count=1)
    assert abs(push().json["timestamp"] / 1000 - time.time()) < 5
    apns.fault(reason="ExpiredToken", timestamp=1700000000000)
    assert push().json["timestamp"] == 1700000000000


def test_retry_after__comes_on_command(apns, push):
    apns.fault(reason="TooManyRequests", retry_after=7)
    assert push().headers["retry-after"] == "7"


def test_device__can_be_dead_for_good(apns, push):
    dead = "de" * 32
    apns.fault(reason="Unregistered", token=dead)
    for _ in range(2):
        assert reason(push(device=dead)) == "Unregistered"
        assert push().status == 200


@pytest.mark.parametrize("fault, named", [
    ({}, "reason: missing"),
    ({"reason": "Gone"}, "reason: must be one of"),
    ({"reason": "Unregistered", "status": 400}, "status: Unregistered has"),
    ({"reason": "BadTopic", "timestamp": 1}, "timestamp: BadTopic has none"),
    ({"reason": "BadTopic", "error_code": "x"}, "error_code: no such member"),
    ({"kind": "no_details"}, "kind: must be one of"),
])
def test_fault__that_makes_no_sense_is_refused_by_name(apns, fault, named):
    with pytest.raises(urllib.error.HTTPError) as error:
        apns.control("POST", "/faults", fault)
    assert error.value.code == 400
    assert named in json.load(error.value)["error"]
