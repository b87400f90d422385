# SPDX-License-Identifier: BSD-3-Clause
"""A pod without Kubernetes: its volumes in a scratch directory, laid out as a
kubelet does it, and its program run on them with its environment."""

import subprocess

from objects import BIN, containers, of_kind, pod
from readme import files_of


def write_volume(path, files, mode):
    """Each file is a link into a hidden directory, which is a link itself and
    is exchanged when the volume changes."""
    data = path / '..2026_01_01_00_00_00.123456789'
    data.mkdir(parents=True)
    (path / '..data').symlink_to(data.name)
    for name, content in files.items():
        (data / name).write_bytes(content)
        (data / name).chmod(mode)
        (path / name).symlink_to(f'..data/{name}')


class PodOnDisk:
    """`made` has the objects that are in no kustomization."""

    def __init__(self, scratch, workload, objects, made):
        self.scratch = scratch
        self.container = containers(workload)[0]
        self.known = [*of_kind(objects, 'ConfigMap'), *made]
        volumes = {volume['name']: volume for volume in
                   pod(workload)['volumes']}
        for mount in self.container['volumeMounts']:
            if mount['name'] in volumes:
                self._mount(mount['mountPath'], volumes[mount['name']])

    def moved(self, text):
        """The same with its absolute paths below the scratch directory."""
        for root in ('/etc/', '/run/', '/data'):
            text = text.replace(root, f'{self.scratch}{root}')
        return text

    def _mount(self, path, volume):
        mode = volume.get('secret', {}).get('defaultMode', 0o644)
        files = files_of(self.known, volume)
        if 'wakebus.json' in files:
            text = files['wakebus.json'].decode()
            files['wakebus.json'] = self.moved(text).encode()
        write_volume(self.scratch / path.lstrip('/'), files, mode)

    def environment(self):
        return {variable['name']: self.moved(variable['value'])
                for variable in self.container.get('env', [])}

    def run(self, program, *args):
        """Returns what it says, and its exit status."""
        done = subprocess.run(
            [BIN / program, '--config',
             self.scratch / 'etc/wakebus/wakebus.json', *args],
            env=self.environment(), capture_output=True, text=True)
        return done.stdout + done.stderr, done.returncode
