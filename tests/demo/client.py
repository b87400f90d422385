"""What demo-client in docker-compose.yml does: the demo's story, told in
containers that are up already."""

import secrets
import sys
from pathlib import Path

import redis

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / 'integration'), str(TESTS / 'emulators')]

from running import Remote  # noqa: E402
from support.xmpp_client import XmppClient  # noqa: E402

from story import Story, bold  # noqa: E402

PROSODY = 'demo-prosody'
PASSWORD = 'secret'


def connect():
    return XmppClient(5222, 'example.test', PROSODY)


def new_user(name):
    """With another name if it is taken, as in a second run of the demo."""
    try:
        connect().create_account(name, PASSWORD)
    except AssertionError:
        return new_user(f'{name}-{secrets.token_hex(2)}')
    client = connect()
    client.login(name, PASSWORD)
    return client


def main():
    print(f'\n{bold("A push, with no account anywhere")}: Prosody, FCM and APNs'
          ' are containers as well.')
    Story('push.example.test', new_user, Remote('http://demo-fcm:8080'),
          Remote('http://demo-apns:8080'),
          redis.Redis('demo-redis', decode_responses=True)).tell()
    print(f'\n{bold("Done.")} Ctrl-C stops it all; the other containers have'
          ' written what they did (log.level is debug).')


if __name__ == '__main__':
    main()
