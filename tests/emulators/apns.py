#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The Apple Push Notification service, emulated. Production and sandbox are
two processes."""

import asyncio
import json
import pathlib
import time
import uuid

import apns_rules
import emulator
import http2_server
import journal
import pki
import provider_token
from apns_rules import REASONS, BadPush, demand
from faults import REQUIRED, RETRY_AFTER_S, Kind, integer, one_of

MAX_STREAMS = 1000


def members_agree(values):
    status = REASONS[values["reason"]]
    if values["status"] not in (None, status):
        return f"status: {values['reason']} has status {status}"
    if values["timestamp"] is not None and status != 410:
        return f"timestamp: {values['reason']} has none"
    return None


KINDS = {
    "error": Kind({"reason": (one_of(REASONS), REQUIRED),
                   "status": (integer(400, 599), None),
                   "timestamp": (integer(0, 2**53), None),
                   "retry_after": (RETRY_AFTER_S, None)},
                  agree=members_agree),
}


class Apns(emulator.Emulator):
    code_name = "reason"
    kinds = KINDS
    goaway_debug = '{"reason":"Shutdown"}'

    def __init__(self, options, keys):
        super().__init__(options)
        self.tokens = provider_token.ProviderTokens(
            keys, pki.TEAM_ID, options.allow_token_updates)
        self.topic_of = {}  # device token -> the app it was first used for

    # --- requests

    def streams_at_start(self, connection):
        """Who comes with a token may have one stream until it has proved
        good; who came with a certificate has proved it."""
        return self.options.max_streams \
            if connection.has_client_certificate else 1

    def handle(self, request):
        push = journal.Push(request)
        headers = push.headers
        apns_id = headers.get("apns-id") or str(uuid.uuid4())
        try:
            self.check(request, headers, push)
        except BadPush as bad:
            reply = refusal(str(bad))
        else:
            reply, push.fault = self.answer(
                request, "push", push.token,
                lambda: self.accept(request.connection, push.token))
        if reply is not None:
            reply.headers.append(("apns-id", apns_id))
            push.status, push.code = reply.status, reply.code
        self.journal.add(push)
        return reply

    def check(self, request, headers, push):
        """Raises BadPush. What it learns on the way goes into `push`."""
        push.token = apns_rules.check_target(request.method, request.path)
        demand(len(headers) == len(request.headers), "DuplicateHeaders")
        topics = self.check_credentials(request.connection, headers)
        push.app = headers.get("apns-topic")
        if push.app is None and request.connection.has_client_certificate \
                and len(topics) == 1:
            push.app = topics[0]
        apns_rules.check_topic(push.app, topics)
        apns_rules.check_headers(headers)
        apns_rules.check_payload(headers["apns-push-type"], request.body)
        demand(self.topic_of.setdefault(push.token, push.app) == push.app,
               "DeviceTokenNotForTopic")

    def check_credentials(self, connection, headers):
        """Returns the topics they are good for."""
        if connection.has_client_certificate:
            return self.options.cert_topic
        scheme, _, token = headers.get("authorization", "").partition(" ")
        demand(scheme.lower() == "bearer" and token, "MissingProviderToken")
        try:
            key_id = self.tokens.check(token)
        except provider_token.BadToken as bad:
            raise BadPush(str(bad)) from None
        # The first push ties the connection to its key.
        demand(connection.context.setdefault("key_id", key_id) == key_id,
               "UnrelatedKeyIdInToken")
        return self.options.topic

    def accept(self, connection, token):
        if set(token) == {"0"}:  # nobody's
            return refusal("BadDeviceToken")
        if "greeted" not in connection.context:
            connection.context["greeted"] = True
            if not connection.has_client_certificate:
                connection.set_max_streams(self.options.max_streams)
        return emulator.Reply(200)

    def error_reply(self, fault):
        values = fault.values
        return refusal(values["reason"], values["timestamp"],
                       values["retry_after"])

    # --- life

    def prepare(self, _url):
        directory = pathlib.Path(self.options.dir).resolve()
        first, following = pki.KEY_IDS
        return {
            "ca_file": str(directory / "ca.pem"),
            "team_id": pki.TEAM_ID,
            "key_id": first,
            "key_file": str(pki.apns_key_file(directory, first)),
            "next_key_id": following,
            "next_key_file": str(pki.apns_key_file(directory, following)),
            "topics": self.options.topic,
            "cert_file": str(directory / "apns-client.pem"),
            "cert_key_file": str(directory / "apns-client-key.pem"),
            "p12_file": str(directory / "apns-client.p12"),
            "p12_password": pki.P12_PASSWORD,
            "cert_topics": self.options.cert_topic}


def refusal(reason, timestamp=None, retry_after=None):
    status = REASONS[reason]
    content = {"reason": reason}
    if status == 410:
        content["timestamp"] = (int(time.time() * 1000) if timestamp is None
                                else timestamp)
    headers = []
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    return emulator.Reply(status, headers, json.dumps(content).encode(),
                          code=reason)


def main():
    parser = emulator.arguments(__doc__, MAX_STREAMS)
    add = parser.add_argument
    add("--topic", action="append", metavar="TOPIC",
        help="an app the provider token is good for; may be repeated "
             "(default: org.example.app)")
    add("--cert-topic", action="append", metavar="TOPIC",
        help="an app the client certificate is good for; may be repeated "
             "(default: the first --topic)")
    add("--client-ca", metavar="FILE",
        help="trust client certificates of this CA (default: the one in DIR)")
    add("--allow-token-updates", action="store_true",
        help="let providers renew their token more than once in 20 minutes")
    options = parser.parse_args()
    options.topic = options.topic or ["org.example.app"]
    options.cert_topic = options.cert_topic or options.topic[:1]
    directory = pathlib.Path(options.dir)
    pki.make(directory, options.name, options.cert_topic[0])
    keys = {key_id: pki.load_key(
        pki.apns_key_file(directory, key_id)).public_key()
        for key_id in pki.KEY_IDS}
    tls = http2_server.tls_context(
        directory / "server.pem", options.client_ca or directory / "ca.pem")
    asyncio.run(Apns(options, keys).run(tls))


if __name__ == "__main__":
    main()
