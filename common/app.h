/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_APP_H
#define COMMON_APP_H

/* What an operator can set of an app. The tables in app.c list every member
 * with its bounds and its help. */

#include "common/config.h"
#include "proto/push.h"
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { APP_NAME_MAX = 64 };

enum apns_environment { APNS_PRODUCTION, APNS_SANDBOX };
enum apns_push_type { APNS_ALERT, APNS_BACKGROUND };

/* Which pushes are urgent. */
enum app_priority { APP_PRIORITY_AUTO, APP_PRIORITY_HIGH, APP_PRIORITY_LOW };

/* Which pushes take each other's place at the provider, while they wait for a
 * device that is off. */
enum app_collapse { COLLAPSE_NONE, COLLAPSE_ACCOUNT };

/* An app whose users are woken: one project at FCM, one topic at APNs. */
struct app {
    const char *name;    /* key below `apps`, 1..64 bytes */
    const char *backend; /* "fcm" or "apns": register-push-<backend> */
    bool is_default;     /* serves register-push-<backend> */
    bool is_stateless;   /* pushes bring the token: nothing is stored */
    int64_t ttl_s;       /* how long the provider keeps an undelivered push */
    enum app_priority priority;
    enum app_collapse collapse;
    json_t *payload;         /* what a push has beside what is ours, or NULL;
                                an object that nobody has looked into yet */
    bool forwards_encrypted; /* the content that servers encrypt for the app */
    struct {
        int64_t target_per_minute; /* 0: any, as below */
        int64_t target_burst;
        int64_t per_second;
        int64_t burst;
    } limits;

    /* backend "fcm" */
    const char *service_account_file; /* JSON key from the Google console … */
    const char *project_id;           /* … or the project, without a key */
    bool direct_boot_ok;
    const char *restricted_package; /* or NULL */

    /* backend "apns" */
    const char *topic; /* the bundle id */
    enum apns_environment environment;
    enum apns_push_type push_type;
    const char *key_file; /* .p8 token key … */
    const char *key_id;
    const char *team_id;
    const char *certificate_file;     /* … or PEM or .p12 certificate */
    const char *certificate_key_file; /* NULL: in the certificate's file */
    const char *certificate_password; /* of the key or the .p12, or NULL */
};

/* Read the app that has `app->name` below `apps`. What is at fault is noted,
 * and zero here; limits of a target that the app does not have stay as they
 * are. */
void app_read(config_t *config, struct app *app, const char *program);

/* Have two the same members, whatever is in the files that they name? */
bool app_is_same(const struct app *a, const struct app *b);

/* Is a push urgent that the XMPP server has given this priority? */
bool app_is_urgent(const struct app *app, enum push_priority priority);

/* The backends' names, NULL-terminated. */
extern const char *const APP_BACKENDS[];

/* The tables, for the help. Ends with one whose table is NULL. */
struct app_group {
    const char *title; /* NULL: it goes on with the one before */
    const struct setting *table;
    size_t count;
};
extern const struct app_group APP_GROUPS[];

#endif
