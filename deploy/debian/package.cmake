# `./run package` makes a package of what cmake --install puts into /usr.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Wakebus authors <maintainers@wakebus.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "push app server for XMPP apps (XEP-0357)")
set(CPACK_PACKAGE_DESCRIPTION
  "Wakes phones: takes the pushes of users' XMPP servers to FCM and APNs, for
the developer of an XMPP app. It speaks the protocol of p2, as Conversations
and its forks do, and connects to an XMPP server as a component.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For sysusers.d and tmpfiles.d, which the maintainer scripts use.
set(CPACK_DEBIAN_PACKAGE_DEPENDS
  "systemd | systemd-standalone-sysusers, systemd | systemd-standalone-tmpfiles")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS redis-server)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prosody | ejabberd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_CURRENT_LIST_DIR}/postinst ${CMAKE_CURRENT_LIST_DIR}/prerm
  ${CMAKE_CURRENT_LIST_DIR}/postrm)

configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog.in changelog @ONLY)
execute_process(COMMAND ${GZIP} -9nfk changelog
  WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} COMMAND_ERROR_IS_FATAL ANY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz
  DESTINATION ${CMAKE_INSTALL_DOCDIR})

include(CPack)
