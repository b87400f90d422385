"""What XMPP servers do to a subscription when a push is answered: six rules,
as functions of the answer.

Those of Prosody 0.12 and ejabberd 23.01 are also watched at work, see
support/test_xmpp_servers.py. The others are read from their sources: MongooseIM's
mod_event_pusher_push_plugin_defaults, Tigase's AbstractPushNotifications,
Metronome's mod_push, and the push notification plugin of Openfire. None of
them ever sends the push again, and all keep the subscription when no answer
comes.
"""

KEPT, COUNTED, DROPPED = 'kept', 'counted', 'dropped'

# Tigase looks at nothing but the condition.
TIGASE_KEEPS = {'remote-server-timeout', 'service-unavailable',
                'internal-server-error', 'bad-request'}


def prosody(kind, condition):
    """The sixteenth that is counted in a row ends the subscription."""
    return KEPT if kind in (None, 'wait') else COUNTED


def ejabberd(kind, condition):
    return KEPT if kind in (None, 'wait') else DROPPED


def mongooseim(kind, condition):
    """An error of another type is kept for ever."""
    return DROPPED if kind == 'cancel' else KEPT


def tigase(kind, condition):
    return KEPT if kind is None or condition in TIGASE_KEEPS else DROPPED


def metronome(kind, condition):
    return KEPT if kind in (None, 'wait') else DROPPED


def openfire(kind, condition):
    """It does not read answers."""
    return KEPT


RULES = {rule.__name__: rule for rule in (
    prosody, ejabberd, mongooseim, tigase, metronome, openfire)}


def verdicts(error):
    """What each server does, by its name. `error` is a pair of type and
    condition, or None for a result."""
    kind, condition = error or (None, None)
    return {name: rule(kind, condition) for name, rule in RULES.items()}


ALL_KEEP = dict.fromkeys(RULES, KEPT)
ALL_DROP_THAT_EVER_DO = {**dict.fromkeys(RULES, DROPPED),
                         'prosody': COUNTED, 'openfire': KEPT}
