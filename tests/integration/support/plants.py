"""Texts that are looked for where they must not be."""

import secrets
from dataclasses import dataclass, field

PIECE = 12  # characters in a row that give a plant away


def word(size=24):
    return secrets.token_hex(size // 2)


@dataclass
class Plants:
    """What must be found nowhere, by what it is, and everything that came and
    went: where it must be found, so that looking for it means something."""

    texts: dict = field(default_factory=dict)
    wire: list = field(default_factory=list)

    def __call__(self, what, text=None):
        text = word() if text is None else text
        self.texts.setdefault(what, []).append(text)
        return text

    def missing(self):
        wire = '\n'.join(self.wire)
        return [what for what, texts in self.texts.items()
                for text in texts if text not in wire]

    def found_in(self, text):
        """What of them stands there, whole or a piece of it."""
        text = text.lower()
        return {what for what, texts in self.texts.items()
                for plant in texts
                for start in range(max(1, len(plant) - PIECE + 1))
                if plant[start:start + PIECE].lower() in text}
