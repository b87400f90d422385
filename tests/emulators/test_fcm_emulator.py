# SPDX-License-Identifier: BSD-3-Clause
"""The FCM emulator, pushed against with curl."""

import json
import pathlib
import time
import urllib.error

import jwt
import pytest

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SKEWED = "short-lived"

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"

MESSAGE = {"token": "device-1", "data": {"account": "1f"},
           "android": {"priority": "HIGH", "ttl": "3600s"}}


def assertion(file, headers=(), alg="RS256", key=None, **claims):
    """A good assertion for this service account, but for what is given; a
    claim of None is left out."""
    account = json.loads(pathlib.Path(file).read_text())
    now = int(time.time())
    claims = {"iss": account["client_email"], "scope": SCOPE,
              "aud": account["token_uri"], "iat": now, "exp": now + 3600,
              **claims}
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        key or account["private_key"], alg,
        headers={"kid": account["private_key_id"], **dict(headers)})


def form(assertion_text, grant_type=GRANT):
    return f"grant_type={grant_type}&assertion={assertion_text}"


@pytest.fixture(scope="module")
def account(fcm_process):
    return fcm_process.info["service_account_file"]


@pytest.fixture(scope="module")
def access_token(fcm_process, curl, account):
    answer = curl(fcm_process.url + "/token", data=form(assertion(account)))
    return answer.json["access_token"]


@pytest.fixture
def send(fcm, curl, access_token):
    """send(message) with everything else in order -> Answer."""
    def run(message=MESSAGE, project="p1", body=None, flags=()):
        return curl(f"{fcm.url}/v1/projects/{project}/messages:send",
                    f"Authorization: Bearer {access_token}",
                    "Content-Type: application/json",
                    data={"message": message} if body is None else body,
                    flags=flags)
    return run


def details(answer, type_url):
    return [detail for detail in answer.json["error"].get("details", [])
            if detail["@type"] == type_url]


# --- tokens

def test_token__is_granted_for_either_key_of_the_account(fcm, curl):
    for member in ("service_account_file", "next_service_account_file"):
        answer = curl(fcm.url + "/token",
                      data=form(assertion(fcm.info[member])))
        assert answer.status == 200
        assert answer.json["token_type"] == "Bearer"
        assert answer.json["expires_in"] == 3599


def test_token__is_refused_with_an_oauth_error(fcm, curl, account):
    now = int(time.time())
    other_key = json.loads(pathlib.Path(
        fcm.info["next_service_account_file"]).read_text())["private_key"]
    cases = [
        (form("nonsense"), "invalid_request", "Bad Request"),
        ("", "invalid_request", "grant_type"),
        ("x", "invalid_request", "Bad Request"),
        ("grant_type=" + GRANT, "invalid_request", "assertion"),
        (form(assertion(account)) + "&grant_type=x", "invalid_request",
         "grant_type"),
        (form(assertion(account), "password"), "unsupported_grant_type",
         "password"),
        (form(assertion(account, alg="HS256", key="k")), "invalid_grant",
         "RS256"),
        (form(assertion(account, {"typ": "at+jwt"})), "invalid_grant", "typ"),
        (form(assertion(account, {"kid": "9"})), "invalid_grant",
         "Signature"),
        (form(assertion(account, key=other_key)), "invalid_grant",
         "Signature"),
        (form(assertion(account, iss="me@example.org")), "invalid_grant",
         "account not found"),
        (form(assertion(account, aud="https://example.org/token")),
         "invalid_grant", "audience"),
        (form(assertion(account, scope=SCOPE + ".readonly")),
         "invalid_scope", "scope"),
        (form(assertion(account, iat=now + 120)), "invalid_grant", SKEWED),
        (form(assertion(account, iat=now, exp=now + 3601)), "invalid_grant",
         SKEWED),
        (form(assertion(account, iat=now - 3700, exp=now - 100)),
         "invalid_grant", SKEWED),
        (form(assertion(account, exp=None)), "invalid_grant", SKEWED),
    ]
    for data, error, description in cases:
        answer = curl(fcm.url + "/token", data=data)
        assert (answer.status, answer.json["error"]) == (400, error), data
        assert description in answer.json["error_description"]


def test_token__must_be_asked_for_as_a_form(fcm, curl, account):
    answer = curl(fcm.url + "/token", "Content-Type: application/json",
                  data=form(assertion(account)))
    assert answer.json["error"] == "invalid_request"


def test_token__expires(start, curl):
    fcm = start("fcm", "--token-lifetime", "1", "--project", "short")
    token = curl(fcm.url + "/token", data=form(assertion(
        fcm.info["service_account_file"]))).json["access_token"]

    def status():
        return curl(fcm.url + "/v1/projects/short/messages:send",
                    f"Authorization: Bearer {token}",
                    "Content-Type: application/json",
                    data={"message": MESSAGE}).status
    assert status() == 200
    time.sleep(1.1)
    assert status() == 401


def test_token__can_be_revoked(start, curl):
    fcm = start("fcm", "--project", "revoked")
    token = curl(fcm.url + "/token", data=form(assertion(
        fcm.info["service_account_file"]))).json["access_token"]
    fcm.control("DELETE", "/access_tokens")
    answer = curl(fcm.url + "/v1/projects/revoked/messages:send",
                  f"Authorization: Bearer {token}", data={})
    assert answer.json["error"]["status"] == "UNAUTHENTICATED"


# --- sending

def test_send__is_accepted_and_recorded(fcm, send):
    answer = send()
    assert answer.status == 200
    assert answer.json["name"].startswith("projects/p1/messages/0:")
    [push] = fcm.received(wait=1)
    assert push["status"] == 200 and push["error_code"] is None
    assert push["token"] == "device-1" and push["app"] == "p1"
    assert push["body"] == {"message": MESSAGE}
    assert push["headers"]["content-type"] == "application/json"
    assert abs(push["at"] - time.time()) < 5


@pytest.mark.parametrize("message", [
    {"token": "t"},
    {"topic": "news", "data": {}},
    {"condition": "'a' in topics"},
    {"fid": "f"},
    {"token": "t", "android": {"priority": "high", "ttl": "0s"}},
    {"token": "t", "android": {"priority": "normal", "ttl": "2419200s"}},
    {"token": "t", "android": {"priority": "NORMAL", "ttl": "1.5s"}},
    {"token": "t", "android": {"collapse_key": "x", "direct_boot_ok": True}},
    {"token": "t", "android": {"collapseKey": "x", "directBootOk": True}},
    {"token": "t", "data": {"k": "v" * 4095}},
    {"token": "t", "apns": {"headers": {"apns-priority": "5"},
                            "payload": {"aps": {"badge": 1}}}},
    {"token": "t", "webpush": {"headers": {"TTL": "1"}}, "topic": None},
])
def test_send__takes_what_the_schema_allows(send, message):
    assert send(message).status == 200


def test_send__validates_only_when_asked(send):
    for member in ("validate_only", "validateOnly"):
        answer = send(body={member: True, "message": MESSAGE})
        assert answer.json["name"] == "projects/p1/messages/fake_message_id"


@pytest.mark.parametrize("body, field, description", [
    ({"to": "t"}, None, "Unknown name \"to\": Cannot find field."),
    ({"message": {"token": "t", "priority": "high"}}, "message",
     "Unknown name \"priority\" at 'message': Cannot find field."),
    ({"message": {"token": "t", "android": {"time_to_live": "1s"}}},
     "message.android", "Unknown name \"time_to_live\""),
    ({"message": {"token": 1}}, "message.token", "(TYPE_STRING), 1"),
    ({"message": {"token": "t", "data": {"a": "b", "n": 1}}},
     "message.data[1].value",
     "Invalid value at 'message.data[1].value' (TYPE_STRING), 1"),
    ({"message": {"token": "t", "data": "x"}}, "message.data", "\"x\""),
    ({"message": {"token": "t", "android": {"priority": "HIGHEST"}}},
     "message.android.priority", "AndroidMessagePriority), \"HIGHEST\""),
    ({"message": {"token": "t", "android": {"ttl": "60"}}},
     "message.android.ttl", "Illegal duration format"),
    ({"message": {"token": "t", "android": {"ttl": 60}}},
     "message.android.ttl", "Illegal duration format"),
    ({"message": {"token": "t", "android": {"direct_boot_ok": "yes"}}},
     "message.android.direct_boot_ok", "TYPE_BOOL"),
    ({"message": {"token": "t", "topic": "x"}}, "message", "oneof"),
    ({"message": []}, "message", "v1.Message), []"),
    ([], None, "SendMessageRequest"),
    ("{", None, "Invalid JSON payload received."),
])
def test_send__refuses_what_does_not_parse(fcm, send, body, field,
                                           description):
    answer = send(body=body)
    assert answer.status == 400
    assert answer.json["error"]["status"] == "INVALID_ARGUMENT"
    [violation] = details(answer, BAD_REQUEST)[0]["fieldViolations"]
    assert violation.get("field") == field
    assert description in violation["description"]
    assert not details(answer, FCM_ERROR)
    assert fcm.received()[0]["error_code"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("message, field, description", [
    ({}, "message", "Recipient of the message is not set."),
    ({"token": ""}, "message", "Recipient of the message is not set."),
    ({"token": "a b"}, "message.token", "Invalid registration token"),
    ({"token": "t", "android": {"ttl": "2419201s"}}, "message.android.ttl",
     "time to live"),
    ({"token": "t", "data": {"from": "x"}}, "message.data",
     "Invalid data payload key: from"),
    ({"token": "t", "data": {"message_type": "x"}}, "message.data",
     "message_type"),
    ({"token": "t", "data": {"gcm.x": "x"}}, "message.data", "gcm.x"),
    ({"token": "t", "android": {"data": {"google_x": "x"}}},
     "message.android.data", "google_x"),
])
def test_send__refuses_what_makes_no_sense(send, message, field, description):
    answer = send(message)
    assert answer.status == 400
    assert details(answer, FCM_ERROR)[0]["errorCode"] == "INVALID_ARGUMENT"
    [violation] = details(answer, BAD_REQUEST)[0]["fieldViolations"]
    assert violation["field"] == field
    assert description in violation["description"]


@pytest.mark.parametrize("message", [
    {"token": "t", "data": {"k": "v" * 4096}},
    {"token": "t", "android": {"data": {"k": "v" * 4096}}},
    {"topic": "t", "data": {"k": "v" * 2048}},
])
def test_send__refuses_too_much_data_without_details(send, message):
    answer = send(message)
    assert answer.status == 400 and "details" not in answer.json["error"]


def test_send__needs_an_access_token_of_the_project(fcm, curl, send):
    url = fcm.url + "/v1/projects/p1/messages:send"
    for headers, reason in [
            ([], "CREDENTIALS_MISSING"),
            (["Authorization: key=AAAA"], "CREDENTIALS_MISSING"),
            (["Authorization: Bearer x"], "ACCESS_TOKEN_EXPIRED")]:
        answer = curl(url, "Content-Type: application/json", *headers,
                      data={"message": MESSAGE})
        assert answer.status == 401
        assert answer.json["error"]["status"] == "UNAUTHENTICATED"
        assert answer.json["error"]["details"][0]["reason"] == reason
    answer = send(project="p2")
    assert answer.status == 403
    assert "cloudmessaging.messages.create" in answer.body
    assert not details(answer, FCM_ERROR)


def test_send__needs_json(fcm, curl, access_token):
    answer = curl(fcm.url + "/v1/projects/p1/messages:send",
                  f"Authorization: Bearer {access_token}",
                  data={"message": MESSAGE})
    assert answer.status == 400 and "content type" in answer.body


def test_other_paths__get_a_page(fcm, curl):
    for path, flags in [("/fcm/send", []), ("/v1/projects/p1/messages", []),
                        ("/v1/projects/p1/messages:send", ["-X", "PUT"])]:
        answer = curl(fcm.url + path, data="{}", flags=flags)
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/html")


# --- errors on command

@pytest.mark.parametrize("code, status, name", [
    ("INVALID_ARGUMENT", 400, "INVALID_ARGUMENT"),
    ("UNREGISTERED", 404, "NOT_FOUND"),
    ("SENDER_ID_MISMATCH", 403, "PERMISSION_DENIED"),
    ("THIRD_PARTY_AUTH_ERROR", 401, "UNAUTHENTICATED"),
    ("QUOTA_EXCEEDED", 429, "RESOURCE_EXHAUSTED"),
    ("UNAVAILABLE", 503, "UNAVAILABLE"),
    ("INTERNAL", 500, "INTERNAL"),
    ("UNSPECIFIED_ERROR", 500, "UNKNOWN"),
])
def test_error__comes_on_command(fcm, send, code, status, name):
    fcm.fault(error_code=code, status=status, retry_after=30, count=1)
    answer = send()
    assert answer.status == status
    assert answer.headers["retry-after"] == "30"
    assert answer.json["error"]["code"] == status
    assert answer.json["error"]["status"] == name
    assert details(answer, FCM_ERROR)[0]["errorCode"] == code
    assert send().status == 200
    first, second = fcm.received(wait=1)
    assert (first["status"], first["error_code"]) == (status, code)
    assert first["fault"] == "error" and second["fault"] is None


@pytest.mark.parametrize("kind, status, contains, has_fcm_error", [
    ("no_details", 400, "invalid argument", False),
    ("bad_token", 400, "Invalid registration token", True),
    ("bad_token_message", 400, "not a valid FCM registration token", True),
    ("unauthorized", 401, "UNAUTHENTICATED", False),
    ("permission_denied", 403, "IAM_PERMISSION_DENIED", False),
    ("api_disabled", 403, "SERVICE_DISABLED", False),
    ("project_quota", 429, "RATE_LIMIT_EXCEEDED", False),
])
def test_variant__comes_on_command(fcm, send, kind, status, contains,
                                   has_fcm_error):
    fcm.fault(kind=kind)
    answer = send()
    assert answer.status == status and contains in answer.body
    assert bool(details(answer, FCM_ERROR)) == has_fcm_error


NOBODYS_TOKEN = "c" * 22 + ":APA91b" + "A" * 134


def test_send__to_a_token_that_nobody_has(fcm, send):
    answer = send({**MESSAGE, "token": NOBODYS_TOKEN})
    assert answer.status == 400
    assert "not a valid FCM registration token" in answer.body
    assert send({**MESSAGE, "token": NOBODYS_TOKEN + "B"}).status == 200
    fcm.fault(kind="api_disabled")  # it is not even looked at then
    assert send({**MESSAGE, "token": NOBODYS_TOKEN}).status == 403


def test_no_details__can_have_any_code(fcm, send):
    fcm.fault(kind="no_details", error_code="UNAVAILABLE")
    answer = send()
    assert answer.status == 503 and "details" not in answer.json["error"]


def test_faults__can_meet_the_token_endpoint_alone(fcm, curl, send, account):
    fcm.fault(kind="oauth_error", error="invalid_grant", count=1)
    fcm.fault(kind="html", endpoint="token", status=503, count=1)
    before = fcm.stats()
    statuses = [curl(fcm.url + "/token", data=form(assertion(account))).status
                for _ in range(3)]
    assert statuses == [400, 503, 200]
    assert send().status == 200
    after = fcm.stats()
    assert after["token_requests"] - before["token_requests"] == 3
    assert after["tokens_denied"] - before["tokens_denied"] == 2


@pytest.mark.parametrize("fault, named", [
    ({}, "error_code: missing"),
    ({"error_code": "GONE"}, "error_code: must be one of"),
    ({"error_code": "UNAVAILABLE", "status": 500}, "status: UNAVAILABLE has"),
    ({"kind": "no_details", "endpoint": "token"}, "endpoint: must be one of"),
    ({"kind": "oauth_error", "error": "oops"}, "error: must be one of"),
])
def test_fault__that_makes_no_sense_is_refused_by_name(fcm, fault, named):
    with pytest.raises(urllib.error.HTTPError) as error:
        fcm.control("POST", "/faults", fault)
    assert error.value.code == 400
    assert named in json.load(error.value)["error"]
