"""What the providers have accepted, as it comes in."""


class Wakeups:
    """Reads the journals of the emulators, each push once."""

    def __init__(self, providers, on_accepted):
        self._on_accepted = on_accepted
        self._seen = {provider: 0 for provider in providers}
        self.accepted = 0
        self.refused = 0

    def poll(self):
        for provider, seen in self._seen.items():
            for push in provider.control('GET', f'/received?since={seen}'):
                self._seen[provider] = push['number']
                if push['status'] == 200:
                    self.accepted += 1
                    self._on_accepted(push['token'], push['at'])
                else:
                    self.refused += 1
