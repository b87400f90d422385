# SPDX-License-Identifier: BSD-3-Clause
"""The JSON of FCM's v1 send method, checked member by member.

Google's parser refuses what its schema does not know, in its own words; after
it, the service refuses what parses but makes no sense. The two kinds of error
have different shapes, so they are kept apart here: parse() and judge()."""

import json
import re

MAX_DATA_BYTES = 4096
MAX_TOPIC_DATA_BYTES = 2048
MAX_TTL_S = 2_419_200
TARGETS = ("fid", "token", "topic", "condition")

TYPE_URL = "type.googleapis.com/"
DURATION = re.compile(r"(\d{1,12})(\.\d{1,9})?s")


class Violation(Exception):
    """One fieldViolations entry of a google.rpc.BadRequest."""

    def __init__(self, field, description):
        super().__init__(description)
        self.field = field
        self.description = description


# --- the schema's types; each checks a value found at a path

def invalid(path, type_name, value):
    return Violation(path, f"Invalid value at '{path}' ({type_name}), "
                           f"{json.dumps(value)}")


def string(path, value):
    if not isinstance(value, str):
        raise invalid(path, "TYPE_STRING", value)


def boolean(path, value):
    if not isinstance(value, bool):
        raise invalid(path, "TYPE_BOOL", value)


def int32(path, value):
    if type(value) is not int or not -2**31 <= value < 2**31:
        raise invalid(path, "TYPE_INT32", value)


def number(path, value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(path, "TYPE_FLOAT", value)


def duration(path, value):
    if not isinstance(value, str) or not DURATION.fullmatch(value):
        raise Violation(path, f"Invalid value at '{path}' ({TYPE_URL}"
                              "google.protobuf.Duration), Illegal duration "
                              "format; duration must end with 's'")


def struct(path, value):
    if not isinstance(value, dict):
        raise invalid(path, TYPE_URL + "google.protobuf.Struct", value)


def string_map(path, value):
    if not isinstance(value, dict):
        raise invalid(path, "map", value)
    for index, member in enumerate(value.values()):
        string(f"{path}[{index}].value", member)


def list_of(check):
    def check_list(path, value):
        if not isinstance(value, list):
            raise invalid(path, "repeated", value)
        for index, member in enumerate(value):
            check(f"{path}[{index}]", member)
    return check_list


def enum(name, *values):
    def check(path, value):
        if value not in values:
            raise invalid(path, TYPE_URL + "google.firebase.fcm.v1." + name,
                          value)
    return check


def message(name, **members):
    def check(path, value):
        if not isinstance(value, dict):
            raise invalid(path, TYPE_URL + "google.firebase.fcm.v1." + name,
                          value)
        for key, member in value.items():
            check_member = members.get(snake_case(key))
            if check_member is None:
                where = f" at '{path}'" if path else ""
                raise Violation(path, "Invalid JSON payload received. Unknown "
                                f'name "{key}"{where}: Cannot find field.')
            if member is not None:  # null is as good as absent
                check_member(f"{path}.{key}" if path else key, member)
    return check


def snake_case(key):
    """Members may be written either way."""
    return re.sub("[A-Z]", lambda found: "_" + found[0].lower(), key)


LABEL = message("FcmOptions", analytics_label=string)

COLOR = message("Color", red=number, green=number, blue=number, alpha=number)

ANDROID_NOTIFICATION = message(
    "AndroidNotification",
    title=string, body=string, icon=string, color=string, sound=string,
    tag=string, click_action=string, body_loc_key=string,
    body_loc_args=list_of(string), title_loc_key=string,
    title_loc_args=list_of(string), channel_id=string, ticker=string,
    sticky=boolean, event_time=string, local_only=boolean,
    notification_priority=enum(
        "NotificationPriority", "PRIORITY_UNSPECIFIED", "PRIORITY_MIN",
        "PRIORITY_LOW", "PRIORITY_DEFAULT", "PRIORITY_HIGH", "PRIORITY_MAX"),
    default_sound=boolean, default_vibrate_timings=boolean,
    default_light_settings=boolean, vibrate_timings=list_of(duration),
    visibility=enum("Visibility", "VISIBILITY_UNSPECIFIED", "PRIVATE",
                    "PUBLIC", "SECRET"),
    notification_count=int32,
    light_settings=message("LightSettings", color=COLOR,
                           light_on_duration=duration,
                           light_off_duration=duration),
    image=string, bypass_proxy_notification=boolean,
    proxy=enum("Proxy", "PROXY_UNSPECIFIED", "ALLOW", "DENY",
               "IF_PRIORITY_LOWERED"))

ANDROID = message(
    "AndroidConfig",
    collapse_key=string,
    # The REST examples write them in lower case, the schema in upper.
    priority=enum("AndroidMessagePriority", "NORMAL", "HIGH", "normal",
                  "high"),
    ttl=duration, restricted_package_name=string, data=string_map,
    notification=ANDROID_NOTIFICATION, fcm_options=LABEL,
    direct_boot_ok=boolean, bandwidth_constrained_ok=boolean,
    restricted_satellite_ok=boolean)

REQUEST = message(
    "SendMessageRequest",
    validate_only=boolean,
    message=message(
        "Message",
        fid=string, token=string, topic=string, condition=string,
        data=string_map,
        notification=message("Notification", title=string, body=string,
                             image=string),
        android=ANDROID,
        webpush=message(
            "WebpushConfig", headers=string_map, data=string_map,
            notification=struct,
            fcm_options=message("WebpushFcmOptions", link=string,
                                analytics_label=string)),
        apns=message(
            "ApnsConfig", headers=string_map, payload=struct,
            live_activity_token=string,
            fcm_options=message("ApnsFcmOptions", image=string,
                                analytics_label=string)),
        fcm_options=LABEL))


def parse(body):
    """Raises the Violation that keeps Google's parser from taking `body`, the
    decoded JSON of a request."""
    REQUEST("", body)
    targets = [name for name in TARGETS
               if (body.get("message") or {}).get(name) is not None]
    if len(targets) > 1:
        raise Violation("message", "Invalid value at 'message' (oneof), oneof "
                        f"field 'target' is already set. Cannot set "
                        f"'{targets[1]}'")


# --- sense

class TooBig(Exception):
    """The one refusal that names no field."""


def judge(body):
    """Raises the Violation, or TooBig, for which the service refuses what
    parse() took. Returns the target."""
    wanted = body.get("message") or {}
    target = next((wanted[name] for name in TARGETS if wanted.get(name)), None)
    if target is None:
        raise Violation("message", "Recipient of the message is not set.")
    if wanted.get("token") and re.search(r"\s", target):
        raise Violation("message.token", "Invalid registration token")
    android = wanted.get("android") or {}
    ttl = android.get("ttl")
    if ttl is not None and not within(ttl, MAX_TTL_S):
        raise Violation("message.android.ttl", "Invalid time to live: must be "
                        f"from 0 to {MAX_TTL_S} seconds")
    for path, data in (("message.data", wanted.get("data") or {}),
                       ("message.android.data", android.get("data") or {})):
        for key in data:
            if (key in ("from", "message_type")
                    or key.startswith(("google", "gcm"))):
                raise Violation(path, f"Invalid data payload key: {key}")
        size = sum(len(key.encode()) + len(value.encode())
                   for key, value in data.items())
        if size > (MAX_TOPIC_DATA_BYTES if wanted.get("topic")
                   else MAX_DATA_BYTES):
            raise TooBig
    return target


def within(ttl, limit_s):
    seconds, fraction = DURATION.fullmatch(ttl).groups()
    return int(seconds) + float(fraction or 0) <= limit_s
