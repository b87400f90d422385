#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Firebase Cloud Messaging, emulated: the v1 send method and the token
endpoint, on one HTTP/2 listener."""

import asyncio
import json
import pathlib
import re
import secrets
import time

import emulator
import fcm_errors
import fcm_schema
import http2_server
import journal
import oauth
import pki
from faults import REQUIRED, RETRY_AFTER_S, Kind, integer, one_of

SEND_PATH = re.compile(r"/v1/projects/([^/]+)/messages:send")

# Of the right form, but no random number looks like this.
NOBODYS_TOKEN = re.compile(r"[^:]+:APA91b(.)\1*")

# What Google's front ends were seen to allow.
MAX_STREAMS = 100

JSON_HEADERS = [("content-type", "application/json; charset=UTF-8")]


def status_agrees(values):
    status = fcm_errors.CODES[values["error_code"]][0]
    if values["status"] not in (None, status):
        return f"status: {values['error_code']} has status {status}"
    return None


CODE = one_of(fcm_errors.CODES)

KINDS = {
    "error": Kind({"error_code": (CODE, REQUIRED),
                   "status": (integer(400, 599), None),
                   "retry_after": (RETRY_AFTER_S, None)},
                  agree=status_agrees, endpoint="push"),
    "no_details": Kind({"error_code": (CODE, "INVALID_ARGUMENT")},
                       endpoint="push"),
    "bad_token": Kind(endpoint="push"),
    "bad_token_message": Kind(endpoint="push"),
    "unauthorized": Kind(endpoint="push"),
    "permission_denied": Kind(endpoint="push"),
    "api_disabled": Kind(endpoint="push"),
    "project_quota": Kind({"retry_after": (RETRY_AFTER_S, None)},
                          endpoint="push"),
    "oauth_error": Kind({"error": (one_of(("invalid_grant", "invalid_client",
                                           "unauthorized_client",
                                           "invalid_scope")),
                                   "invalid_grant")}, endpoint="token"),
}


class Refused(Exception):
    """The request deserves this error."""

    def __init__(self, reply):
        super().__init__(reply.code)
        self.reply = reply


class Fcm(emulator.Emulator):
    code_name = "error_code"
    kinds = KINDS
    endpoints = ["push", "token"]
    goaway_debug = "max_age"

    def __init__(self, options):
        super().__init__(options)
        self.token_endpoint = None  # made by prepare(): it needs our URL
        self.token_answers = {"granted": 0, "denied": 0}

    # --- requests

    def streams_at_start(self, _connection):
        return self.options.max_streams

    def handle(self, request):
        if request.path == "/token" and request.method == "POST":
            return self.handle_token(request)
        push = journal.Push(request)
        try:
            body = self.check(request, push)
        except Refused as refused:
            reply = refused.reply
        else:
            reply, push.fault = self.answer(
                request, "push", push.token,
                lambda: accepted(push.app, push.token, body))
        if reply is not None:
            push.status, push.code = reply.status, reply.code
        self.journal.add(push)
        return reply

    def check(self, request, push):
        """The decoded body of a request that FCM would accept; raises
        Refused. What it learns on the way goes into `push`."""
        found = SEND_PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            raise Refused(emulator.html_page(404))
        push.app = found[1]
        headers = dict(request.headers)
        self.check_credentials(headers, push.app)
        if headers.get("content-type", "").split(";")[0].strip() \
                != "application/json":
            raise Refused(fcm_errors.unparsable(fcm_schema.Violation(
                "", "Invalid content type: must be application/json")))
        try:
            body = json.loads(request.body)
        except ValueError:
            raise Refused(fcm_errors.unparsable(fcm_schema.Violation(
                "", "Invalid JSON payload received."))) from None
        try:
            fcm_schema.parse(body)
        except fcm_schema.Violation as violation:
            raise Refused(fcm_errors.unparsable(violation)) from None
        try:
            push.token = fcm_schema.judge(body)
        except fcm_schema.Violation as violation:
            raise Refused(fcm_errors.senseless(violation)) from None
        except fcm_schema.TooBig:
            raise Refused(fcm_errors.too_big()) from None
        return body

    def check_credentials(self, headers, project):
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refused(fcm_errors.unauthenticated("CREDENTIALS_MISSING"))
        good_for = self.token_endpoint.project_of(token)
        if good_for is None:
            raise Refused(fcm_errors.unauthenticated("ACCESS_TOKEN_EXPIRED"))
        if good_for != project:
            raise Refused(fcm_errors.permission_denied(project))

    def handle_token(self, request):
        reply, _ = self.answer(request, "token", None,
                               lambda: self.grant(request))
        granted = reply is not None and reply.status == 200
        self.token_answers["granted" if granted else "denied"] += 1
        return reply

    def grant(self, request):
        try:
            answer = self.token_endpoint.grant(request)
        except oauth.Denied as denied:
            return oauth_error(denied.error, denied.description)
        return emulator.Reply(200, JSON_HEADERS, json.dumps(answer).encode())

    def error_reply(self, fault):
        values = fault.values
        match fault.kind:
            case "error":
                return fcm_errors.by_code(values["error_code"],
                                          values["retry_after"])
            case "no_details":
                return fcm_errors.without_details(values["error_code"])
            case "bad_token":
                return fcm_errors.bad_token()
            case "bad_token_message":
                return fcm_errors.bad_token_message()
            case "unauthorized":
                return fcm_errors.unauthenticated("ACCESS_TOKEN_EXPIRED")
            case "permission_denied":
                return fcm_errors.permission_denied(self.options.project[0])
            case "api_disabled":
                return fcm_errors.api_disabled(self.options.project[0])
            case "project_quota":
                return fcm_errors.project_quota(values["retry_after"])
            case "oauth_error":
                return oauth_error(values["error"], "As commanded.")

    # --- control

    def routes(self):
        return super().routes() | {
            "/access_tokens": {"DELETE": self.delete_access_tokens}}

    async def delete_access_tokens(self, _query, _body):
        self.token_endpoint.revoke_all()
        return {}

    def stats(self):
        return super().stats() | {
            "token_requests": sum(self.token_answers.values()),
            **{f"tokens_{outcome}": count
               for outcome, count in self.token_answers.items()}}

    # --- life

    def prepare(self, url):
        directory = pathlib.Path(self.options.dir).resolve()
        files = {}
        for project in self.options.project:
            pki.make_service_account(directory, project, url + "/token")
            files[project] = pki.service_account_files(directory, project)
        self.token_endpoint = oauth.TokenEndpoint(
            [oauth.AccountKey(path) for paths in files.values()
             for path in paths],
            self.options.token_lifetime)
        first, following = files[self.options.project[0]]
        return {
            "ca_file": str(directory / "ca.pem"),
            "project": self.options.project[0],
            "service_account_file": str(first),
            "next_service_account_file": str(following),
            "service_account_files": {project: str(paths[0])
                                      for project, paths in files.items()}}


def accepted(project, token, body):
    if NOBODYS_TOKEN.fullmatch(token):
        return fcm_errors.bad_token_message()
    name = ("fake_message_id"
            if body.get("validate_only") or body.get("validateOnly")
            else f"0:{time.time_ns() // 1000}%{secrets.token_hex(8)}")
    return emulator.Reply(200, JSON_HEADERS, json.dumps(
        {"name": f"projects/{project}/messages/{name}"}).encode())


def oauth_error(error, description):
    return emulator.Reply(400, JSON_HEADERS, json.dumps(
        {"error": error, "error_description": description}).encode())


def main():
    parser = emulator.arguments(__doc__, MAX_STREAMS)
    parser.add_argument(
        "--project", action="append", metavar="ID",
        help="a Firebase project, with a service account of its own; may be "
             "repeated (default: wakebus-test)")
    parser.add_argument(
        "--token-lifetime", type=int, default=3599, metavar="SECONDS",
        help="lifetime of access tokens (default: %(default)s)")
    options = parser.parse_args()
    options.project = options.project or ["wakebus-test"]
    pki.make(options.dir, options.name)
    tls = http2_server.tls_context(pathlib.Path(options.dir) / "server.pem")
    asyncio.run(Fcm(options).run(tls))


if __name__ == "__main__":
    main()
