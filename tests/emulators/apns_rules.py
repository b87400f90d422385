# SPDX-License-Identifier: BSD-3-Clause
"""What APNs demands of one push: its headers and its payload.

Beyond Apple, who accepts and then drops it, a payload that can do nothing is
refused: see README.md."""

import json
import re

# reason -> status: all that Apple documents.
REASONS = {
    "BadCollapseId": 400, "BadDeviceToken": 400, "BadExpirationDate": 400,
    "BadMessageId": 400, "BadPriority": 400, "BadTopic": 400,
    "DeviceTokenNotForTopic": 400, "DuplicateHeaders": 400,
    "IdleTimeout": 400, "InvalidPushType": 400, "MissingDeviceToken": 400,
    "MissingTopic": 400, "PayloadEmpty": 400, "TopicDisallowed": 400,
    "BadCertificate": 403, "BadCertificateEnvironment": 403,
    "BadEnvironmentKeyIdInToken": 403, "ExpiredProviderToken": 403,
    "Forbidden": 403, "InvalidProviderToken": 403,
    "MissingProviderToken": 403, "UnrelatedKeyIdInToken": 403,
    "BadPath": 404, "MethodNotAllowed": 405,
    "ExpiredToken": 410, "Unregistered": 410, "PayloadTooLarge": 413,
    "TooManyProviderTokenUpdates": 429, "TooManyRequests": 429,
    "InternalServerError": 500, "ServiceUnavailable": 503, "Shutdown": 503,
}

PUSH_TYPES = {"alert", "background", "complication", "controls",
              "fileprovider", "liveactivity", "location", "mdm",
              "pushtotalk", "voip", "widgets"}

MAX_PAYLOAD_BYTES = 4096
MAX_VOIP_PAYLOAD_BYTES = 5120
MAX_COLLAPSE_ID_BYTES = 64

# Seconds since 1970 outside of these years were something else: a lifetime,
# milliseconds, an uninitialised clock.
YEAR_2020, YEAR_2100 = 1_577_836_800, 4_102_444_800

DEVICE_TOKEN = re.compile(r"([0-9a-fA-F]{2}){32,100}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOPIC = re.compile(r"[A-Za-z0-9.-]{1,255}")


class BadPush(Exception):
    """The text is the reason, one of REASONS."""


def demand(condition, reason):
    if not condition:
        raise BadPush(reason)


def check_target(method, path):
    """Returns the device token."""
    demand(path.startswith("/3/device/"), "BadPath")
    demand(method == "POST", "MethodNotAllowed")
    token = path.removeprefix("/3/device/")
    demand(token, "MissingDeviceToken")
    demand(DEVICE_TOKEN.fullmatch(token), "BadDeviceToken")
    return token


def check_headers(headers):
    """All but the topic, which is a matter of the credentials."""
    push_type = headers.get("apns-push-type")
    demand(push_type in PUSH_TYPES, "InvalidPushType")
    priority = headers.get("apns-priority", "10")
    demand(priority in ("10", "5", "1"), "BadPriority")
    demand(push_type != "background" or priority == "5", "BadPriority")
    expiration = headers.get("apns-expiration", "0")
    demand(re.fullmatch("[0-9]{1,15}", expiration), "BadExpirationDate")
    demand(int(expiration) == 0 or YEAR_2020 <= int(expiration) < YEAR_2100,
           "BadExpirationDate")
    collapse_id = headers.get("apns-collapse-id", "-")
    demand(1 <= len(collapse_id.encode("latin-1")) <= MAX_COLLAPSE_ID_BYTES,
           "BadCollapseId")
    demand("apns-id" not in headers or UUID.fullmatch(headers["apns-id"]),
           "BadMessageId")


def check_topic(topic, allowed):
    """`allowed` are the topics of the credentials."""
    demand(topic is not None, "MissingTopic")
    demand(TOPIC.fullmatch(topic), "BadTopic")
    demand(topic in allowed, "TopicDisallowed")


def has_text(alert):
    """A title, subtitle or body, maybe the key of one that is in the app."""
    if isinstance(alert, dict):
        return any(alert.get(part) for name in ("title-", "subtitle-", "")
                   for part in (f"{name}loc-key", name.rstrip("-") or "body"))
    return isinstance(alert, str) and alert != ""


def check_payload(push_type, body):
    demand(body, "PayloadEmpty")
    demand(len(body) <= (MAX_VOIP_PAYLOAD_BYTES if push_type == "voip"
                         else MAX_PAYLOAD_BYTES), "PayloadTooLarge")
    try:
        payload = json.loads(body)
    except ValueError:
        raise BadPush("PayloadEmpty") from None
    aps = payload.get("aps") if isinstance(payload, dict) else None
    demand(isinstance(aps, dict), "PayloadEmpty")
    visible = {"alert", "badge", "sound"} & set(aps)
    if push_type == "alert":
        demand(visible, "InvalidPushType")
        demand("mutable-content" not in aps or has_text(aps.get("alert")),
               "InvalidPushType")  # else no extension would be started
    if push_type == "background":
        demand(aps.get("content-available") == 1 and not visible,
               "InvalidPushType")
