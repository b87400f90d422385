-- Wakebus as an external component of Prosody.
--
-- Replace push.example.org and change-me, put this file into
-- /etc/prosody/conf.d/ and restart Prosody. The same name and secret go into
-- the configuration of Wakebus as xmpp.jid and xmpp.secret.
--
-- Give push.example.org a DNS record that leads to this server, as for any
-- other XMPP host (A and AAAA, or SRV _xmpp-server._tcp). Servers elsewhere
-- find Wakebus by it; without it none of their users gets a push.

-- The connection has no encryption of its own: keep it on this host, or inside
-- a tunnel.
component_interfaces = { "127.0.0.1" }
component_ports = { 5347 }

-- A push and a registration fit into a few KiB. Whatever larger stanza anybody
-- on the network sends to the component would be read by Wakebus, so it is
-- refused where it enters. These two hold for the whole server: if it also has
-- accounts whose clients publish large avatars, raise the first.
c2s_stanza_size_limit = 64 * 1024
s2s_stanza_size_limit = 64 * 1024
component_stanza_size_limit = 64 * 1024

Component "push.example.org"
    component_secret = "change-me"

    -- Of two connections the newer one wins. By default the older one would,
    -- and after a lost network Prosody would turn Wakebus away until it had
    -- noticed that the old connection is dead. It also makes a restart
    -- short: the new Wakebus takes over before the old one has gone.
    component_conflict_resolve = "kick_old"
