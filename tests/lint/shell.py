# SPDX-License-Identifier: BSD-3-Clause
"""shellcheck finds nothing in the shell scripts."""

import shutil
import subprocess
import sys

import sources

SKIP = 77  # what ctest takes for skipped
TOOL = "shellcheck"

scripts = sources.shell_scripts()
if shutil.which(TOOL) is None or not scripts:
    print(f"{TOOL} is not installed, or there are no scripts: "
          "nothing was checked")
    sys.exit(SKIP)
sys.exit(subprocess.run([TOOL, *scripts], cwd=sources.ROOT,
                        check=False).returncode)
