/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_SCRIPTS_H
#define REGISTRY_SCRIPTS_H

/* The text of register.lua and so on, put in here by scripts.cmake. What each
 * takes and returns stands at its head. */
extern const char SCRIPT_REGISTER[];
extern const char SCRIPT_UNREGISTER[];
extern const char SCRIPT_FORGET[];
extern const char SCRIPT_IMPORT[];
extern const char SCRIPT_POINT[];
extern const char SCRIPT_UNPOINT[];
extern const char SCRIPT_DEFER[];
extern const char SCRIPT_SETTLE[];
extern const char SCRIPT_CLAIM[];
extern const char SCRIPT_RELEASE[];
extern const char SCRIPT_COUNT[];
extern const char SCRIPT_WALK[];

#endif
