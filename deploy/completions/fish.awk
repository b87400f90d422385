# SPDX-License-Identifier: BSD-3-Clause
# Completion for fish, of what model.sh tells.
BEGIN {
  FS = "\t"
  print "# Made of what wakebusctl --help says."
  print "complete -c wakebusctl -f"
  print "complete -c wakebusctl -n __fish_use_subcommand -l help \\"
  print "    -d 'print what it can do'"
  print "complete -c wakebusctl -n __fish_use_subcommand -l version \\"
  print "    -d 'print the version and the commit'"
}
$1 == "command" {
  print "complete -c wakebusctl -n __fish_use_subcommand -a " $2 " \\"
  print "    -d '" quoted($3) "'"
}
$1 == "option" {
  print "complete -c wakebusctl -n '__fish_seen_subcommand_from " $2 "' -l " $3 \
    filling($4) " \\"
  print "    -d '" quoted($5) "'"
}
$1 == "operand" && $3 == "files" {
  print "complete -c wakebusctl -n '__fish_seen_subcommand_from " $2 "' -F"
}
$1 == "operand" && $3 == "dirs" {
  print "complete -c wakebusctl -n '__fish_seen_subcommand_from " $2 "' \\"
  print "    -a '(__fish_complete_directories)'"
}

# -r: it has a value, and files may be that; -x: files may not.
function filling(kind) {
  if (kind == "flag") {
    return ""
  }
  if (kind == "files") {
    return " -r -F"
  }
  return kind == "any" ? " -x" : " -x -a '" kind "'"
}

function quoted(text) {
  gsub(/['\\]/, "\\\\&", text)
  return text
}
