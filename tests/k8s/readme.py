# SPDX-License-Identifier: BSD-3-Clause
"""What deploy/k8s/README.md tells people to do, done."""

import base64
import json
import os
import re
import shutil
import subprocess

from objects import BIN, K8S, ROOT, find

README = (K8S / 'README.md').read_text()

# Notes what each `kubectl create` would have made.
KUBECTL = '''\
#!/bin/sh
exec {kubectl} "$@" --dry-run=client -o json >$(mktemp {made}/XXXXXX.json)
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
    config = json.loads((K8S / 'base/wakebus.json').read_text())
    del config['apps']['ios']  # as the example leaves its sender out
    (site / 'wakebus.json').write_text(json.dumps(config))
    return site


def make_secrets(scratch, **files):
    """Step 1. Returns the objects that Kubernetes would be given. `files` are
    those that people have beforehand: their names have an underscore for each
    dot and dash."""
    made = scratch / 'made'
    tools = scratch / 'tools'
    for folder in (made, tools):
        folder.mkdir()
    (scratch / 'wakebus').symlink_to(ROOT)
    for name in ('xmpp-secret', 'fcm.json', 'AuthKey.p8'):
        (scratch / name).write_text(
            files.get(re.sub('[.-]', '_', name), f'what is in {name}\n'))
    kubectl = tools / 'kubectl'
    kubectl.write_text(KUBECTL.format(kubectl=shutil.which('kubectl'),
                                      made=made))
    kubectl.chmod(0o755)
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
