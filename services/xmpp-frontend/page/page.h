/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_PAGE_H
#define XMPP_FRONTEND_PAGE_H

/* The files of this folder, put in here by embed.cmake. The first is a template
 * for template.h, of what status_facts.h tells. */
extern const char PAGE_STATUS_HTML[];
extern const char PAGE_STATUS_CSS[];
extern const char PAGE_STATUS_JS[];

#endif
