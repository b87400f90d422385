/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_TEMPLATE_H
#define XMPP_FRONTEND_TEMPLATE_H

/* The part of Mustache (https://mustache.github.io/mustache.5.html) that a page
 * of ours needs. Pure.
 *
 *     {{name}}              a text, with what means something in HTML escaped
 *     {{#name}}…{{/name}}   for each object of a list, or once if it is true
 *     {{^name}}…{{/name}}   if it is false, or an empty list
 *
 * A name is looked for in the object of the innermost list, then further out.
 */

#include <jansson.h>

/* The text, malloc'd. Templates are ours: one with a name that is not there, or
 * a section that does not end, is a bug. */
char *template_render(const char *text, const json_t *values);

#endif
