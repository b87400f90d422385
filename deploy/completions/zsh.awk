# SPDX-License-Identifier: BSD-3-Clause
# Completion for zsh, of what model.sh tells.
BEGIN { FS = "\t" }
$1 == "command" {
  order[++count] = $2
  help[$2] = $3
}
$1 == "option" {
  specs[$2] = specs[$2] " \\\n            '--" $3 "[" within($5, "[][]") "]" \
    ($4 == "flag" ? "" : ":" $3 ":" filling($4)) "'"
}
$1 == "operand" {
  specs[$2] = specs[$2] " \\\n            '1:" $2 ":" filling($3) "'"
}

function filling(kind) {
  if (kind == "files") {
    return "_files"
  }
  if (kind == "dirs") {
    return "_files -/"
  }
  return kind == "any" ? " " : "(" kind ")"
}

# What stands between single quotes, where `special` need a backslash.
function within(text, special) {
  gsub(special, "\\\\&", text)
  gsub(/'/, "'\\''", text)
  return text
}

END {
  print "#compdef wakebusctl"
  print "# Made of what wakebusctl --help says."
  print "local -a commands"
  print "commands=("
  for (i = 1; i <= count; i++) {
    print "    '" order[i] ":" within(help[order[i]], ":") "'"
  }
  print ")"
  print ""
  print "if ((CURRENT == 2)); then"
  print "    _describe command commands"
  print "    _arguments '--help[print what it can do]' \\"
  print "        '--version[print the version and the commit]'"
  print "    return"
  print "fi"
  print "shift words"
  print "((CURRENT--))"
  print "case $words[1] in"
  for (i = 1; i <= count; i++) {
    print "    " order[i] ")"
    print "        _arguments" specs[order[i]]
    print "        ;;"
  }
  print "esac"
}
