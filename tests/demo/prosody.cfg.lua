-- The Prosody of the demo in docker-compose.yml: anybody may make an account,
-- nothing is encrypted, and no other server is reached.
data_path = "/var/lib/prosody"
certificates = "/var/lib/prosody"
log = { { levels = { min = "warn" }, to = "console" } }

modules_enabled = {
    "cloud_notify", "disco", "mam", "ping", "register", "roster", "saslauth",
    "smacks",
}
modules_disabled = { "s2s", "tls" }

storage = "internal"
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
allow_registration = true

VirtualHost "example.test"

Include "wakebus.cfg.lua"
