# SPDX-License-Identifier: BSD-3-Clause
"""A pod without Kubernetes: its volumes in a scratch directory, laid out as a
kubelet does it, and its program run on them with its environment."""

import subprocess
from itertools import count

from objects import BIN, containers, of_kind, pod
from readme import files_of


numbers = count(1)


def write_volume(path, files, mode):
    """Each file is a link into a hidden directory, which is a link itself and
    is exchanged in one step when the volume changes."""
    data = path / f'..2026_01_01_00_00_00.{next(numbers)}'
    data.mkdir(parents=True)
    for name, content in files.items():
        (data / name).write_bytes(content)
        (data / name).chmod(mode)
    (path / '..data_tmp').symlink_to(data.name)
    (path / '..data_tmp').rename(path / '..data')
    for name in files:
        if not (path / name).is_symlink():
            (path / name).symlink_to(f'..data/{name}')
    for link in path.iterdir():
        if not link.exists():
            link.unlink()


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

    def exchange(self, mount, files, mode):
        """What is mounted under this name is now this."""
        path = next(entry['mountPath'] for entry in
                    self.container['volumeMounts'] if entry['name'] == mount)
        write_volume(self.scratch / path.lstrip('/'), files, mode)

    def environment(self):
        return {variable['name']: self.moved(variable['value'])
                for variable in self.container.get('env', [])}

    def command(self, *args):
        """For its program, which is the one that its image is named after."""
        image = self.container['image'].rpartition('/')[2].partition(':')[0]
        return [BIN / f'wakebus-{image}', '--config',
                self.scratch / 'etc/wakebus/wakebus.json', *args]

    def run(self, *args):
        """Returns what it says, and its exit status."""
        done = subprocess.run(
            self.command(*args), env=self.environment(), capture_output=True, text=True)
        return done.stdout + done.stderr, done.returncode
