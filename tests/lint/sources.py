# SPDX-License-Identifier: BSD-3-Clause
"""Which files the lint tests look at, and how they report."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def c_files(*folders):
    """Paths below the folders, relative to the root, of C sources and headers."""
    return sorted(path.relative_to(ROOT) for folder in folders
                  for path in (ROOT / folder).rglob("*.[ch]"))


def shell_scripts():
    scripts = {ROOT / "run"} | {
        ROOT / "deploy/debian" / name
        for name in ("postinst", "prerm", "postrm")} | {
        path for folder in ("tests", "deploy", "services", "common")
        for path in (ROOT / folder).rglob("*.sh")}
    return sorted(path.relative_to(ROOT) for path in scripts if path.is_file())


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code_of(text):
    """The text with comments and literals blanked out, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'",
                  blank, text, flags=re.DOTALL)


def report(faults):
    """Print them; returns the exit status."""
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0
