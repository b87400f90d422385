# SPDX-License-Identifier: BSD-3-Clause
"""APNs provider tokens: signature, age, and how often they may be renewed."""

import collections
import time

import jwt

MAX_AGE_S = 3600
MIN_RENEWAL_S = 20 * 60
SKEW_S = 30  # how far ahead a provider's clock may be


class BadToken(Exception):
    """The text is the reason, in Apple's words."""


class ProviderTokens:
    """keys: key id -> public key."""

    def __init__(self, keys, team_id, allow_updates):
        self.keys = keys
        self.team_id = team_id
        self.allow_updates = allow_updates
        self.verified = collections.OrderedDict()  # token -> (key id, iat)
        self.issued = {key_id: set() for key_id in keys}  # iats in use

    def check(self, token):
        """The id of the key that signed a valid token; raises BadToken."""
        if token not in self.verified:
            # Many requests carry the same token: verify its signature once.
            self.verified[token] = self.verify(token)
            if len(self.verified) > 1000:
                self.verified.popitem(last=False)
        key_id, iat = self.verified[token]
        now = time.time()
        if iat > now + SKEW_S:
            raise BadToken("InvalidProviderToken")
        if now - iat > MAX_AGE_S:
            raise BadToken("ExpiredProviderToken")
        if not self.allow_updates:
            self.check_renewal(key_id, iat, now)
        return key_id

    def check_renewal(self, key_id, iat, now):
        """Two tokens of a key must be 20 minutes apart. Those of one second
        are one token, signed by two processes."""
        issued = self.issued[key_id]
        if iat in issued:
            return
        for other in list(issued):
            if now - other > MAX_AGE_S:
                issued.discard(other)
            elif abs(iat - other) < MIN_RENEWAL_S:
                raise BadToken("TooManyProviderTokenUpdates")
        issued.add(iat)

    def verify(self, token):
        """The key id and the issue time of a token we could have trusted at
        some time."""
        try:
            header = jwt.get_unverified_header(token)
            key_id = header.get("kid")
            if not isinstance(key_id, str) or key_id not in self.keys:
                raise BadToken("InvalidProviderToken")
            claims = jwt.decode(
                token, self.keys[key_id], algorithms=["ES256"],
                options={"verify_iat": False, "verify_exp": False,
                         "verify_nbf": False, "verify_aud": False})
        except jwt.InvalidTokenError:
            raise BadToken("InvalidProviderToken") from None
        if claims.get("iss") != self.team_id or type(claims.get("iat")) != int:
            raise BadToken("InvalidProviderToken")
        return key_id, claims["iat"]
