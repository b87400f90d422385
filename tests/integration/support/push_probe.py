"""Asks a real XMPP server the one question that matters after an answer: does
it still push for that user?"""

import time


def push_arrives(sender, to, wait_push, within=5.0):
    """Let the client `sender` send `to`, who is offline, one more message, and
    tell whether a push comes of it in `within` seconds.

    `wait_push(timeout)` takes the next push for that user where the test sees
    them, at a component or behind Wakebus, or raises TimeoutError. It must have
    taken those of earlier messages.
    """
    time.sleep(0.2)  # the answer to the push before may still be on its way
    sender.send_chat(to, 'Art thou not Romeo?')
    try:
        wait_push(within)
    except TimeoutError:
        return False
    return True
