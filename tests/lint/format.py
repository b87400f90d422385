# SPDX-License-Identifier: BSD-3-Clause
"""Every C file is as clang-format 14 writes it; other versions differ."""

import shutil
import subprocess
import sys

import sources

SKIP = 77  # what ctest takes for skipped
TOOL = "clang-format-14"

if shutil.which(TOOL) is None:
    print(f"{TOOL} is not installed: nothing was checked")
    sys.exit(SKIP)
sys.exit(subprocess.run(
    [TOOL, "--dry-run", "-Werror",
     *sources.c_files("proto", "common", "services", "tests")],
    cwd=sources.ROOT, check=False).returncode)
