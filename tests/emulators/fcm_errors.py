# SPDX-License-Identifier: BSD-3-Clause
"""FCM's errors, in the shapes Google gives them."""

import json

import emulator

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"

INVALID = "Request contains an invalid argument."

# errorCode -> HTTP status, its name, message
CODES = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT", INVALID),
    "UNREGISTERED": (404, "NOT_FOUND", "Requested entity was not found."),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED", "SenderId mismatch"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED",
                               "Auth error from APNS or Web Push Service"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED", "Quota exceeded."),
    "UNAVAILABLE": (503, "UNAVAILABLE",
                    "The service is currently unavailable."),
    "INTERNAL": (500, "INTERNAL", "Internal error encountered."),
    "UNSPECIFIED_ERROR": (500, "UNKNOWN", "Unknown error."),
}


def error(status, name, message, details=(), code=None, retry_after=None):
    """Without details there is no `details` member at all."""
    content = {"code": status, "message": message, "status": name}
    if details:
        content["details"] = list(details)
    headers = [("content-type", "application/json; charset=UTF-8")]
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    body = json.dumps({"error": content}, indent=2).encode() + b"\n"
    return emulator.Reply(status, headers, body, code=code or name)


def fcm_error(code):
    return {"@type": FCM_ERROR, "errorCode": code}


def bad_request(field, description):
    violation = {"description": description}
    if field:
        violation = {"field": field, **violation}
    return {"@type": BAD_REQUEST, "fieldViolations": [violation]}


def error_info(reason, domain, **metadata):
    return {"@type": ERROR_INFO, "reason": reason, "domain": domain,
            "metadata": metadata}


# --- what the checks of a request find

def unparsable(violation):
    """The parser's errors come from in front of FCM: no FcmError in them."""
    return error(400, "INVALID_ARGUMENT", violation.description,
                 [bad_request(violation.field, violation.description)])


def senseless(violation):
    """Of the two details either may come first; here the FcmError comes
    last, because a client must look for it."""
    return error(400, "INVALID_ARGUMENT", violation.description,
                 [bad_request(violation.field, violation.description),
                  fcm_error("INVALID_ARGUMENT")])


def too_big():
    return error(400, "INVALID_ARGUMENT", INVALID)


def unauthenticated(reason):
    """reason: CREDENTIALS_MISSING, ACCESS_TOKEN_EXPIRED, …"""
    wrong = ("Request is missing required authentication credential."
             if reason == "CREDENTIALS_MISSING" else
             "Request had invalid authentication credentials.")
    return error(
        401, "UNAUTHENTICATED",
        wrong + " Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/"
        "identity/sign-in/web/devconsole-project.",
        [error_info(reason, "googleapis.com", service="fcm.googleapis.com",
                    method="google.firebase.fcm.v1.FcmService.SendMessage")])


def permission_denied(project):
    resource = f"//cloudresourcemanager.googleapis.com/projects/{project}"
    return error(
        403, "PERMISSION_DENIED",
        "Permission 'cloudmessaging.messages.create' denied on resource "
        f"'{resource}' (or it may not exist).",
        [error_info("IAM_PERMISSION_DENIED", "iam.googleapis.com",
                    resource=f"projects/{project}",
                    permission="cloudmessaging.messages.create")])


# --- what a fault commands

def by_code(code, retry_after=None):
    status, name, message = CODES[code]
    details = [fcm_error(code)]
    if code == "INVALID_ARGUMENT":
        details.append(bad_request("message.data", "Invalid value"))
    if code == "QUOTA_EXCEEDED":
        details.insert(0, {"@type": QUOTA_FAILURE, "violations": [{
            "subject": "device", "description":
                "Device message rate exceeded."}]})
    return error(status, name, message, details, code, retry_after)


def without_details(code):
    status, name, message = CODES[code]
    return error(status, name, message, code=code)


def bad_token():
    return error(400, "INVALID_ARGUMENT", INVALID,
                 [fcm_error("INVALID_ARGUMENT"),
                  bad_request("message.token", "Invalid registration token")])


def bad_token_message():
    """The newer form: only the message tells that it is about the token."""
    return error(400, "INVALID_ARGUMENT", "The registration token is not a "
                 "valid FCM registration token",
                 [fcm_error("INVALID_ARGUMENT")])


def api_disabled(project):
    return error(
        403, "PERMISSION_DENIED",
        "Firebase Cloud Messaging API has not been used in project "
        f"{project} before or it is disabled. Enable it by visiting "
        "https://console.developers.google.com/apis/api/fcm.googleapis.com/"
        f"overview?project={project} then retry.",
        [error_info("SERVICE_DISABLED", "googleapis.com",
                    service="fcm.googleapis.com",
                    consumer=f"projects/{project}")])


def project_quota(retry_after):
    """A project's quota is watched in front of FCM: no FcmError."""
    return error(
        429, "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests' and limit 'Send "
        "requests per minute' of service 'fcm.googleapis.com' for consumer "
        "'project_number:1'.",
        [error_info("RATE_LIMIT_EXCEEDED", "googleapis.com",
                    service="fcm.googleapis.com",
                    quota_limit="SendsPerMinutePerProject")],
        retry_after=retry_after)
