# Fills in one page; run by CMakeLists.txt.
file(READ ${FOLDER}/options.mdoc OPTIONS)
file(READ ${FOLDER}/exit.mdoc EXIT)
file(READ ${FOLDER}/../systemd/wakebus.json EXAMPLE)
execute_process(COMMAND ${PROGRAM} --help
  COMMAND awk -f ${FOLDER}/members.awk
  OUTPUT_VARIABLE MEMBERS COMMAND_ERROR_IS_FATAL ANY)
foreach(part OPTIONS EXIT MEMBERS)
  string(STRIP "${${part}}" ${part})
endforeach()
configure_file(${SOURCE} ${PAGE} @ONLY)
