"""FCM and APNs as the tests see them: the emulators, and what an app of the
configuration needs to use them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'emulators'))

from running import Running  # noqa: E402

TOPIC = 'org.example.app'


class Fcm(Running):
    def __init__(self, directory, *flags):
        super().__init__('fcm', directory, *flags)

    def app(self):
        return {'backend': 'fcm',
                'service_account_file': self.info['service_account_file']}

    def settings(self):
        return {'base_url': self.url, 'ca_file': self.info['ca_file']}

    def accounts(self):
        """The account hashes of the pushes it took, in order."""
        return [push['body']['message']['data']['account']
                for push in self.received() if push['status'] == 200]

    def wakeups(self, token):
        """(when, priority) of those for this token that it took."""
        return [(push['at'], push['body']['message']['android']['priority'])
                for push in self.received()
                if push['token'] == token and push['status'] == 200]


class Apns(Running):
    def __init__(self, directory, *flags):
        super().__init__('apns', directory, '--topic', TOPIC, *flags)

    def app(self):
        return {'backend': 'apns', 'topic': TOPIC,
                'key_file': self.info['key_file'],
                'key_id': self.info['key_id'],
                'team_id': self.info['team_id']}

    def settings(self):
        return {'production_url': self.url, 'ca_file': self.info['ca_file']}

    def accounts(self):
        return [push['body']['account']
                for push in self.received() if push['status'] == 200]
