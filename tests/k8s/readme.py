# SPDX-License-Identifier: BSD-3-Clause
"""What deploy/k8s/README.md tells people to do, done."""

import base64
import json
import os
import re
import shutil
import subprocess

from objects import BIN, K8S, ROLES, ROOT, find

README = (K8S / 'README.md').read_text()

# Notes what each `kubectl create` would have made.
KUBECTL = '''\
#!/bin/sh
exec {kubectl} "$@" --dry-run=client -o json >$(mktemp {made}/XXXXXX.json)
'''
# Makes files of the names that the real one makes, for a build without it.
KEYGEN = '''\
#!/bin/sh
[ "$1" = keygen ] && mkdir -p "$2/authorized"
for role in {roles} wakebusctl; do
    echo secret >"$2/$role.key_secret"
    echo public >"$2/authorized/$role.key"
done
'''


def blocks(language, containing):
    found = [block for block in
             re.findall(rf'^```{language}\n(.*?)^```', README, re.M | re.S)
             if containing in block]
    assert found, f'no {language} block with {containing!r}'
    return found[0]


def make_site(scratch, server_is_outside=False):
    """Step 2. Returns the kustomization."""
    site = scratch / 'site'
    site.mkdir()
    (scratch / 'wakebus').symlink_to(ROOT)
    text = blocks('yaml', '# site/kustomization.yaml')
    if server_is_outside:
        text += '  - path: xmpp-server.yaml\n'
        (site / 'xmpp-server.yaml').write_text(
            blocks('yaml', '# site/xmpp-server.yaml'))
    (site / 'kustomization.yaml').write_text(text)
    shutil.copy(K8S / 'base/wakebus.json', site)
    return site


def _script(path, text):
    path.write_text(text)
    path.chmod(0o755)


def make_secrets(scratch):
    """Step 1. Returns the objects that Kubernetes would be given."""
    made = scratch / 'made'
    tools = scratch / 'tools'
    for folder in (made, tools):
        folder.mkdir()
    (scratch / 'wakebus').symlink_to(ROOT)
    for name in ('xmpp-secret', 'fcm.json', 'AuthKey.p8'):
        (scratch / name).write_text(f'what is in {name}\n')
    _script(tools / 'kubectl', KUBECTL.format(kubectl=shutil.which('kubectl'),
                                              made=made))
    if not (BIN / 'wakebusctl').exists():
        _script(tools / 'wakebusctl', KEYGEN.format(roles=' '.join(ROLES)))
    path = os.pathsep.join([str(tools), str(BIN), os.environ['PATH']])
    subprocess.run(['sh', '-eu', '-c', blocks('sh', 'wakebusctl keygen keys')],
                   cwd=scratch, env={**os.environ, 'PATH': path}, check=True)
    return [json.loads(file.read_text()) for file in made.iterdir()]


def files_of(made, volume):
    """The files that a volume would hold: name -> bytes."""
    if 'secret' in volume:
        data = find(made, 'Secret', volume['secret']['secretName'])['data']
        return {name: base64.b64decode(text) for name, text in data.items()}
    data = find(made, 'ConfigMap', volume['configMap']['name'])['data']
    return {name: text.encode() for name, text in data.items()}
