# The members in a program's --help as mdoc, so that wakebus.json(5) lists what
# the programs take that were built with it.
function heading(text) {
    end()
    print ".Ss " text
}
function end() {
    if (listing) {
        print ".El"
    }
    listing = 0
}
/^Members /      { members = 1; heading("Members of the file"); next }
/^In each app/   { heading("Members of each app, apps.NAME"); next }
/^With backend / { sub(/:$/, ""); heading($0); next }
members && /^  [a-z]/ {
    name = $1
    help = substr($0, index($0, name) + length(name))
    sub(/^ +/, "", help)
    needs_restart = sub(/^\* +/, "", help)
    gsub(/…/, "...", help)
    gsub(/\\/, "\\e", help)
    fallback = ""
    if (match(help, / \[[^ ]*\]$/)) {
        fallback = substr(help, RSTART + 2, RLENGTH - 3)
        help = substr(help, 1, RSTART - 1)
    }
    if (!listing) {
        print ".Bl -tag -width Ds"
    }
    listing = 1
    print ".It Cm " name "\n\\&" help "."
    if (fallback != "") {
        print "Default:\n.Ql " fallback
    }
    if (needs_restart) {
        print ".Pq needs a restart"
    }
}
END {
    end()
    exit !members
}
