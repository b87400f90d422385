# SPDX-License-Identifier: BSD-3-Clause
"""Google's token endpoint for service accounts: a signed assertion goes in,
an access token comes out."""

import json
import secrets
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives import serialization

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
MAX_LIFETIME_S = 3600
SKEW_S = 30  # how far ahead a client's clock may be

NOT_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
    "reasonable timeframe. Check your iat and exp values in the JWT claim.")


class Denied(Exception):
    """The answer is this OAuth error, with status 400."""

    def __init__(self, error, description):
        super().__init__(description)
        self.error = error
        self.description = description


class AccountKey:
    """One key of a service account, from its file: the public half."""

    def __init__(self, path):
        account = json.loads(path.read_text())
        self.id = account["private_key_id"]
        self.email = account["client_email"]
        self.project = account["project_id"]
        self.token_uri = account["token_uri"]
        self.public_key = serialization.load_pem_private_key(
            account["private_key"].encode(), None).public_key()


class TokenEndpoint:
    """Knows the access tokens it gave out, until they expire."""

    def __init__(self, keys, lifetime_s):
        self.keys = {key.id + key.email: key for key in keys}
        self.emails = {key.email for key in keys}
        self.lifetime_s = lifetime_s
        self.tokens = {}  # access token -> (project, time of its expiry)

    def grant(self, request):
        """The JSON of a new access token; raises Denied."""
        key = self.check_assertion(assertion_of(request))
        now = time.monotonic()
        self.tokens = {token: entry for token, entry in self.tokens.items()
                       if entry[1] > now}
        token = "ya29.c." + secrets.token_urlsafe(96)
        self.tokens[token] = (key.project, now + self.lifetime_s)
        return {"access_token": token, "expires_in": self.lifetime_s,
                "token_type": "Bearer"}

    def project_of(self, token):
        """The project this access token is good for, or None."""
        project, expiry = self.tokens.get(token, (None, 0))
        return project if time.monotonic() < expiry else None

    def revoke_all(self):
        self.tokens.clear()

    def check_assertion(self, assertion):
        """Returns the key that signed it."""
        try:
            header = jwt.get_unverified_header(assertion)
            claims = jwt.decode(assertion,
                                options={"verify_signature": False})
        except jwt.InvalidTokenError:
            raise Denied("invalid_request", "Bad Request") from None
        if header.get("alg") != "RS256" or header.get("typ") != "JWT":
            raise Denied("invalid_grant", "Invalid JWT: Header must have alg "
                         "RS256 and typ JWT.")
        email = claims.get("iss")
        if email not in self.emails:
            raise Denied("invalid_grant", "Invalid grant: account not found")
        key = self.keys.get(str(header.get("kid")) + email)
        try:
            if key is None:
                raise jwt.InvalidSignatureError
            jwt.decode(assertion, key.public_key, algorithms=["RS256"],
                       options={"verify_iat": False, "verify_exp": False,
                                "verify_nbf": False, "verify_aud": False})
        except jwt.InvalidTokenError:
            raise Denied("invalid_grant", "Invalid JWT Signature.") from None
        check_claims(claims, key.token_uri)
        return key


def check_claims(claims, token_uri):
    if claims.get("aud") != token_uri:
        raise Denied("invalid_grant", "Invalid JWT: Failed audience check. "
                     f"The right audience is {token_uri}")
    iat, exp = claims.get("iat"), claims.get("exp")
    now = time.time()
    if (type(iat) is not int or type(exp) is not int or iat > now + SKEW_S
            or exp <= now or not 0 < exp - iat <= MAX_LIFETIME_S):
        raise Denied("invalid_grant", NOT_SHORT_LIVED)
    if SCOPE not in str(claims.get("scope")).split():
        raise Denied("invalid_scope", "Invalid OAuth scope or ID token "
                     "audience provided.")


def assertion_of(request):
    """The assertion in the form a client posted."""
    content_type = dict(request.headers).get("content-type", "")
    if content_type.split(";")[0].strip() \
            != "application/x-www-form-urlencoded":
        raise Denied("invalid_request", "Content-Type must be "
                     "application/x-www-form-urlencoded")
    try:
        form = urllib.parse.parse_qs(request.body.decode(),
                                     strict_parsing=True)
    except ValueError:
        raise Denied("invalid_request", "Bad Request") from None
    values = {}
    for name in ("grant_type", "assertion"):
        if len(form.get(name, [])) != 1:
            raise Denied("invalid_request",
                         f"Required parameter is missing: {name}")
        values[name] = form[name][0]
    if values["grant_type"] != GRANT_TYPE:
        raise Denied("unsupported_grant_type",
                     f"Invalid grant_type: {values['grant_type']}")
    return values["assertion"]
