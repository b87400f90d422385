# SPDX-License-Identifier: BSD-3-Clause
"""What the shells complete, where Debian's look for it, is what wakebusctl takes: each command, each of its
options, and what these can be. Shells that are not installed are left out.

    completions.py BUILD_DIRECTORY"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROLES = {'xmpp-frontend', 'registry', 'fcm-sender', 'apns-sender',
         'wakebusctl'}


def run(*argv, **options):
    return subprocess.run(argv, check=True, text=True, stdout=subprocess.PIPE,
                          **options).stdout


def commands_of(program):
    """The options of each command, --help included; of two words it has the
    first one's."""
    names = re.findall(r'^  ([a-z]+)(?! [a-z])\b', run(program, '--help'),
                       re.MULTILINE)
    return {name: set(re.findall(r'^  (--[a-z-]+)', run(program, name, '--help'),
                                 re.MULTILINE)) for name in names}


class Bash:
    file = 'share/bash-completion/completions/wakebusctl'
    # Outside of a completion there is no compopt.
    script = '''compopt() { :; }
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_wakebusctl
printf '%s\\n' "${COMPREPLY[@]}"'''

    def __init__(self, file):
        self._file = file

    def complete(self, *words, cwd=None):
        return set(run('bash', '-c', self.script, 'bash', self._file,
                       'wakebusctl', *words, cwd=cwd).split())


class Fish:
    file = 'share/fish/vendor_completions.d/wakebusctl.fish'

    def __init__(self, file):
        self._file = file

    def complete(self, *words, cwd=None):
        line = ' '.join(('wakebusctl', *words))
        lines = run('fish', '--no-config', '-c',
                    f"source {self._file}; complete -C '{line}'", cwd=cwd)
        return {line.split('\t')[0].rstrip('/') for line in lines.splitlines()}


class Zsh:
    """Completes only for who types; what it then offers goes into a file."""
    file = 'share/zsh/vendor-completions/_wakebusctl'
    setup = """PS1='' PS2=''
fpath=({folder} $fpath)
cd {cwd}
autoload -Uz compinit
compinit -u -D
compadd() {{
    if [[ ${{@[1,(i)(-|--)]}} == *-(O|A|D)\\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a offered
    builtin compadd -O offered "$@"
    print -rl -- $offered >>{offers}
    builtin compadd "$@"
}}
zle-line-init() {{ touch {ready} }}
zle -N zle-line-init
"""

    def __init__(self, file):
        self._folder = file.parent

    def complete(self, *words, cwd=None):
        with tempfile.TemporaryDirectory() as scratch:
            setup, ready, offers, done = (Path(scratch) / name for name in (
                'setup', 'ready', 'offers', 'done'))
            offers.touch()
            setup.write_text(self.setup.format(
                folder=self._folder, cwd=cwd or '/', ready=ready,
                offers=offers))
            pid, terminal = pty.fork()
            if pid == 0:
                os.environ['TERM'] = 'dumb'
                os.execvp('zsh', ['zsh', '-f', '-i'])
            try:
                line = ' '.join(('wakebusctl', *words))
                os.write(terminal, f'source {setup}\n'.encode())
                self._wait(terminal, ready)
                os.write(terminal,
                         f'{line}\t\x15touch {done}\n'.encode())
                self._wait(terminal, done)
            finally:
                os.close(terminal)
                os.waitpid(pid, 0)
            return {word.rstrip('/') for word in offers.read_text().split()}

    @staticmethod
    def _wait(terminal, file):
        """Until there is that file. What it writes must be read, or it stops."""
        said = b''
        deadline = time.monotonic() + 20
        while not file.exists():
            assert time.monotonic() < deadline, said
            if select.select([terminal], [], [], 0.05)[0]:
                said += os.read(terminal, 65536)


def faults_of(shell, commands):
    def check(what, offered, wanted):
        return [f'{type(shell).__name__}: {what}: {sorted(offered)}'
                f' in place of {sorted(wanted)}'] if offered != wanted else []

    first = shell.complete('')
    faults = check('commands', first - {'--help', '--version'},
                   set(commands))
    for name, options in commands.items():
        faults += check(f'{name} --', shell.complete(name, '--'), options)
    faults += check('roles', shell.complete('keygen', '--rotate', ''), ROLES)
    faults += check('formats', shell.complete('import', '--from', ''),
                    {'own', 'p2'})
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / 'folder').mkdir()
        (Path(scratch) / 'file.json').touch()
        faults += check('files', shell.complete('show', '--config', 'fi',
                                                cwd=scratch), {'file.json'})
        faults += check('folders', shell.complete('keygen', 'fo', cwd=scratch),
                        {'folder'})
    return faults


def install(build, prefix):
    run('cmake', f'-DCMAKE_INSTALL_PREFIX={prefix}', '-P',
        build / 'deploy/completions/cmake_install.cmake')


def main():
    with tempfile.TemporaryDirectory() as prefix:
        return look(Path(sys.argv[1]), Path(prefix))


def look(build, prefix):
    """Where Debian's shells find them."""
    install(build, prefix)
    commands = commands_of(build / 'bin/wakebusctl')
    faults = []
    for kind in (Bash, Fish, Zsh):
        if shutil.which(kind.__name__.lower()) is None:
            print(f'not installed: {kind.__name__.lower()}')
            continue
        faults += faults_of(kind(prefix / kind.file), commands)
    if not commands:
        faults.append('wakebusctl --help tells of no commands')
    print('\n'.join(faults))
    return 1 if faults else 0


sys.exit(main())
