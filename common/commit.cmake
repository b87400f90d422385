# find_commit(VARIABLE): what the tree was built from. Asked when the build is
# configured, which is again after each commit; a tarball has nobody to ask.
function(find_commit variable)
  set(commit "${WAKEBUS_COMMIT}")
  if(commit STREQUAL "" AND EXISTS ${CMAKE_SOURCE_DIR}/.git)
    find_program(GIT git)
    mark_as_advanced(GIT)
    if(GIT)
      execute_process(
        COMMAND ${GIT} describe --always --dirty --abbrev=12 --exclude=*
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
    if(EXISTS ${CMAKE_SOURCE_DIR}/.git/logs/HEAD)
      set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY
        CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/.git/logs/HEAD)
    endif()
  endif()
  if(commit STREQUAL "")
    set(commit unknown)
  endif()
  set(${variable} "${commit}" PARENT_SCOPE)
endfunction()
