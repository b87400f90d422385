"""What the integration tests stand on: real servers started privately on
loopback, scripted peers that speak XMPP, and the stanzas real software sends.

Nothing here knows Wakebus, so a bug in Wakebus cannot hide in it.
"""
