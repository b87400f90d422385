# SPDX-License-Identifier: BSD-3-Clause
"""Every C file begins with its licence."""

import sys

import sources

LINE = "/* SPDX-License-Identifier: BSD-3-Clause */\n"

sys.exit(sources.report(
    [f"{path}: does not begin with {LINE.strip()}"
     for path in sources.c_files("proto", "common", "services", "tests")
     if not sources.read(path).startswith(LINE)]))
