# embed_lua(OUT NAME…): writes the C source OUT with the text of each NAME.lua
# of this folder as SCRIPT_NAME. Lines that are all comment stay out of it: the
# text goes to Redis with every call.
function(embed_lua out)
  set(source "#include \"services/registry/scripts.h\"\n")
  foreach(name ${ARGN})
    set(file ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${name}.lua)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(REGEX REPLACE "(^|\n)([ ]*(--[^\n]*)?\n)+" "\\1" text "${text}")
    string(REPLACE "\\" "\\\\" text "${text}")
    string(REPLACE "\"" "\\\"" text "${text}")
    string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
    string(TOUPPER ${name} symbol)
    string(APPEND source
      "\nconst char SCRIPT_${symbol}[] =\n    \"${text}\";\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} CONTENT "${source}" @ONLY)
endfunction()
