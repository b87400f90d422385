"""The configuration that operators get, for the servers of the tests: what is
handed out is what is tested."""

from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / 'deploy'


def deployed_text(path, server):
    """The file below deploy/ with its example values replaced by a test
    server's."""
    text = (DEPLOY / path).read_text()
    for example, value in (('push.example.org', server.component),
                           ('change-me', server.secret),
                           ('5347', str(server.component_port))):
        assert example in text, f'{path} no longer has {example}'
        text = text.replace(example, value)
    return text
