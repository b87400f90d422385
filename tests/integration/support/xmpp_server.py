"""What the real XMPP servers of the tests have in common."""

from .process import accepts, free_port
from .xmpp_client import XmppClient


class XmppServer:
    """A private XMPP server on loopback with one component configured.

    Its data below `scratch` survive stop, kill and restart; its ports stay.
    Subclasses say how to configure and run one.
    """

    name = None

    def __init__(self, scratch, domain='example.test',
                 component='push.example.test', secret='verysecure'):
        self.domain = domain
        self.component = component
        self.secret = secret
        self.c2s_port = free_port()
        self.component_port = free_port()
        self.directory = scratch / self.name
        self.directory.mkdir()
        self.process = None
        self._passwords = {}

    def start(self):
        self.process = self._run(self.directory / 'log')
        self.process.wait_until(self._answers, 'answering', timeout=30)
        return self

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def restart(self):
        self.stop()
        self.start()

    def log(self):
        """All it has logged, earlier runs included."""
        return (self.directory / 'log').read_text()

    def add_user(self, name, password='secret'):
        """Create an account the way a user does, by in-band registration."""
        client = XmppClient(self.c2s_port, self.domain)
        client.create_account(name, password)
        client.close()
        self._passwords[name] = password

    def login(self, name, resume=False):
        """An XmppClient bound as `name`, whom add_user() created."""
        client = XmppClient(self.c2s_port, self.domain)
        client.login(name, self._passwords[name], resume)
        return client

    def _run(self, log):
        raise NotImplementedError

    def _answers(self):
        """To listen is not enough: Prosody does so before it obeys SIGTERM."""
        try:
            XmppClient(self.c2s_port, self.domain).close()
        except OSError:
            return False
        return accepts(self.component_port)
