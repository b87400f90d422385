"""A private ejabberd.

While no component is connected it looks for the component's domain elsewhere.
Where that name resolves, as 'localhost' does everywhere, it then finds nobody
at home; otherwise it finds no such server, and takes that for a final answer.
"""

from pathlib import Path

from .deployed import deployed_text
from .process import Process, free_port
from .xmpp_server import XmppServer

CONFIG = '''\
hosts: [{domain}]
loglevel: debug
registration_timeout: infinity
outgoing_s2s_port: {no_port}
s2s_dns_timeout: 1
s2s_dns_retries: 1
listen:
  - port: {c2s_port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 65536
include_config_file: "{directory}/wakebus.yml"
modules:
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_offline: {{}}
  mod_ping: {{}}
  mod_push: {{}}
  mod_push_keepalive: {{wake_on_start: true}}
  mod_register: {{ip_access: all}}
  mod_roster: {{}}
  mod_stream_mgmt: {{resume_timeout: 300}}
'''


# With wake_on_start mod_push_keepalive pushes to all when it is started, which is
# before any component can be there. So it is started again when this file is.
WAKE = ('Wake = fun(Wake) -> case filelib:is_file("{0}") of'
        ' false -> timer:sleep(50), Wake(Wake);'
        ' true -> gen_mod:stop_module(<<"{1}">>, mod_push_keepalive),'
        ' gen_mod:start_module(<<"{1}">>, mod_push_keepalive) end end,'
        ' spawn(fun() -> Wake(Wake) end).')


class Ejabberd(XmppServer):
    """What it stored in the last three seconds before a kill() is lost."""

    name = 'ejabberd'

    def wake_all(self):
        """Push to all who have enabled it, as after a start."""
        self._wake.touch()

    @property
    def _wake(self):
        return self.directory / 'wake'

    def _run(self, log):
        config = self.directory / 'ejabberd.yml'
        config.write_text(CONFIG.format(
            directory=self.directory, domain=self.domain,
            c2s_port=self.c2s_port, no_port=free_port()))
        (self.directory / 'wakebus.yml').write_text(
            deployed_text('ejabberd/wakebus.yml', self))
        libraries = next(Path('/usr/lib').glob('*/ejabberd-*')).parent
        # Started without ejabberdctl, which would change to another user, and
        # without a node name, which would leave an epmd behind.
        return Process(
            ['erl', '-noinput', '-mnesia', 'dir', f'"{self.directory}/data"',
             '-s', 'ejabberd', '-eval',
             WAKE.format(self._wake, self.domain)],
            log,
            env={'ERL_LIBS': str(libraries),
                 'RES_OPTIONS': 'timeout:1 attempts:1',
                 'ERL_CRASH_DUMP_BYTES': '0',
                 'EJABBERD_CONFIG_PATH': str(config),
                 'EJABBERD_LOG_PATH': str(self.directory / 'ejabberd.log')})
