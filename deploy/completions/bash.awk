# SPDX-License-Identifier: BSD-3-Clause
# Completion for bash, of what model.sh tells.
BEGIN { FS = "\t" }
$1 == "command" { commands = commands " " $2 }
$1 == "option" {
  options[$2] = options[$2] " --" $3
  if ($4 != "flag") {
    values = values "    " $2 "/--" $3 ") " filling($4) "return ;;\n"
  }
}
$1 == "operand" { operands[$2] = $3 }

function filling(kind) {
  if (kind == "files") {
    return "_wakebusctl_paths -f; "
  }
  if (kind == "dirs") {
    return "_wakebusctl_paths -d; "
  }
  return kind == "any" ? "" : "_wakebusctl_words '" kind "'; "
}

END {
  print "# bash completion for wakebusctl, made of its --help."
  print "_wakebusctl_words() {"
  print "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")"
  print "}"
  print ""
  print "_wakebusctl_paths() {"
  print "    compopt -o filenames"
  print "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")"
  print "}"
  print ""
  print "_wakebusctl() {"
  print "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}"
  print ""
  print "    COMPREPLY=()"
  print "    if ((COMP_CWORD == 1)); then"
  print "        _wakebusctl_words '" substr(commands, 2) " --help --version'"
  print "        return"
  print "    fi"
  print "    case ${COMP_WORDS[1]}/$prev in"
  printf "%s", values
  print "    esac"
  print "    case ${COMP_WORDS[1]}/$cur in"
  count = split(substr(commands, 2), names, " ")
  for (i = 1; i <= count; i++) {
    name = names[i]
    print "    " name "/-*) _wakebusctl_words '" substr(options[name], 2) "' ;;"
    if (operands[name] == "files" || operands[name] == "dirs") {
      print "    " name "/*) " filling(operands[name]) "return ;;"
    }
  }
  print "    esac"
  print "}"
  print ""
  print "complete -F _wakebusctl wakebusctl"
}
