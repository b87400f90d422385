# SPDX-License-Identifier: BSD-3-Clause
"""The Debian package breaks no rule of Debian's that lintian calls an error."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIP = 77

if shutil.which('lintian') is None:
    print('skipped: lintian is not installed')
    sys.exit(SKIP)
subprocess.run([ROOT / 'run', 'package'], check=True)
sys.exit(subprocess.run(
    ['lintian', '--fail-on', 'error', '--allow-root',
     *(ROOT / 'build/package').glob('*.deb')], check=False).returncode)
