/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config.h"

#include "common/known.h"
#include "common/reading.h"
#include "common/service_link.h"
#include <assert.h>
#include <czmq.h>
#include <errno.h>
#include <string.h>

enum { SECRET_FILE_MAX = 4096 };

struct config {
    json_t *root;      /* the file, or an empty object */
    json_t *effective; /* what was read, secrets masked */
    char *path;        /* of the file, or NULL */
    zlistx_t *strings; /* owned by us, lent to the structs */
    known_t *known;    /* paths that were asked for */
    notes_t *notes;    /* what is wrong */
};

const char *config_keep(config_t *self, char *string)
{
    assert(string);
    zlistx_add_end(self->strings, string);
    return string;
}

void config_fault(config_t *self, const char *path, const char *what,
                  const char *remedy)
{
    notes_add(self->notes, NOTE_FAULT, path, what, remedy);
}

void config_warn(config_t *self, const char *path, const char *what,
                 const char *remedy)
{
    notes_add(self->notes, NOTE_WARNING, path, what, remedy);
}

notes_t *config_notes(config_t *self)
{
    return self->notes;
}

/* ---- the file ---- */

static void load(config_t *self, const char *path, bool optional)
{
    json_error_t error;
    char where[128];

    if (path == NULL || (optional && access(path, F_OK) != 0)) {
        return;
    }
    self->path = strdup(path);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL && error.line < 0) {
        config_fault(self, path, strerror(errno), "give a file to --config");
    } else if (root == NULL) {
        snprintf(where, sizeof where, "not valid JSON at line %d column %d",
                 error.line, error.column);
        config_fault(self, path, where, error.text);
    } else if (!json_is_object(root)) {
        config_fault(self, path, "not a JSON object",
                     "it must begin with { and end with }");
        json_decref(root);
    } else {
        json_decref(self->root);
        self->root = root;
    }
}

config_t *config_open(const char *path, bool optional)
{
    config_t *self = zmalloc(sizeof *self);

    assert(self);
    self->root = json_object();
    self->effective = json_object();
    self->strings = zlistx_new();
    assert(self->strings);
    zlistx_set_destructor(self->strings, (zlistx_destructor_fn *)zstr_free);
    self->known = known_new();
    self->notes = notes_new();
    load(self, path, optional);
    return self;
}

void config_close(config_t **self_p)
{
    config_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    json_decref(self->root);
    json_decref(self->effective);
    zlistx_destroy(&self->strings);
    known_destroy(&self->known);
    notes_destroy(&self->notes);
    free(self->path);
    free(self);
    *self_p = NULL;
}

/* The value at "apps.ios.topic", or NULL. With `create`, objects on the way
 * are made and the last part's parent is returned instead. */
static json_t *descend(json_t *root, const char *path, bool create,
                       const char **last)
{
    json_t *at = root;
    const char *dot;

    while ((dot = strchr(path, '.')) != NULL) {
        char *name = strndup(path, (size_t)(dot - path));
        json_t *next = json_object_get(at, name);
        if (next == NULL && create) {
            next = json_object();
            json_object_set_new(at, name, next);
        }
        free(name);
        at = next;
        path = dot + 1;
    }
    *last = path;
    return at;
}

static json_t *value_at(json_t *root, const char *path)
{
    const char *last;
    json_t *parent = descend(root, path, false, &last);

    return last[0] == '\0' ? parent : json_object_get(parent, last);
}

void config_show(config_t *self, const char *path, json_t *value)
{
    const char *last;
    json_t *parent = descend(self->effective, path, true, &last);

    json_object_set_new(parent, last, value);
}

size_t config_members(config_t *self, const char *prefix, const char **names,
                      size_t max)
{
    json_t *object = value_at(self->root, prefix);
    const char *name;
    json_t *value;
    char group[READING_PATH_SIZE];
    size_t count = 0;

    snprintf(group, sizeof group, "%s.", prefix);
    known_add(self->known, group);
    json_object_foreach(object, name, value) {
        if (count < max) {
            names[count] = name;
        }
        count++;
    }
    return count;
}

/* ---- one setting ---- */

/* A secret in a file of its own, without the newline that editors leave. */
static void take_secret_file(const struct reading *r, const char *path)
{
    char text[SECRET_FILE_MAX + 1];
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        char what[300];
        snprintf(what, sizeof what, "cannot read %s: %s", path,
                 strerror(errno));
        reading_fault(r, what);
        return;
    }
    size_t size = fread(text, 1, SECRET_FILE_MAX, file);
    fclose(file);
    text[size] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    reading_take_text(r, text);
}

/* Look for `<path>_file`, in the environment or the file. What is for another
 * program is not opened: this one may well be kept from reading it. */
static bool read_secret_file(struct reading *r, bool environment)
{
    char path[READING_PATH_SIZE + 8];
    char variable[VARIABLE_SIZE];
    json_t *value = NULL;

    snprintf(path, sizeof path, "%s_file", r->path);
    known_variable(path, variable);
    const char *file = environment ? getenv(variable) : NULL;
    if (!environment) {
        value = value_at(r->config->root, path);
        file = json_string_value(value);
    }
    if (file == NULL && value != NULL && !json_is_null(value)) {
        config_fault(r->config, path, "not a string", r->setting->help);
        return true;
    }
    if (file == NULL || r->foreign) {
        return false;
    }
    r->variable = environment ? variable : NULL;
    take_secret_file(r, file);
    r->variable = NULL;
    return true;
}

/* So that config_refuse_unknown lets them pass. */
static void note_known(const struct reading *r)
{
    char file[READING_PATH_SIZE + 8];

    known_add(r->config->known, r->path);
    if (r->setting->kind == SETTING_SECRET) {
        snprintf(file, sizeof file, "%s_file", r->path);
        known_add(r->config->known, file);
    }
}

/* A secret that may be empty may also be missing. */
static bool is_optional(const struct setting *setting)
{
    return setting->needed_by == NULL ||
           (setting->kind == SETTING_SECRET && setting->min == 0);
}

/* Each of these looks in one place; true when the setting stood there. */
static bool read_environment(struct reading *r)
{
    char variable[VARIABLE_SIZE];

    known_variable(r->path, variable);
    const char *words = getenv(variable);
    if (words == NULL || service_link_is(variable, words)) {
        return false;
    }
    r->variable = variable;
    reading_take_words(r, words);
    r->variable = NULL;
    return true;
}

static bool read_file(struct reading *r)
{
    json_t *value = value_at(r->config->root, r->path);
    bool found = value != NULL && !json_is_null(value);

    if (found) {
        reading_take_json(r, value);
    }
    return found;
}

static bool read_fallback(struct reading *r)
{
    if (r->setting->fallback != NULL) {
        reading_take_words(r, r->setting->fallback);
    }
    return r->setting->fallback != NULL;
}

static void read_setting(struct reading *r, const char *audience)
{
    bool secret = r->setting->kind == SETTING_SECRET;
    const char *owner = r->setting->needed_by;

    note_known(r);
    r->foreign =
        owner != NULL && (audience == NULL || strcmp(owner, audience) != 0);
    bool found = read_environment(r) || (secret && read_secret_file(r, true)) ||
                 read_file(r) || (secret && read_secret_file(r, false)) ||
                 read_fallback(r);
    if (!found && !r->foreign && !is_optional(r->setting)) {
        reading_fault(r, "missing");
    }
}

void config_read(config_t *self, const struct config_scope *scope, void *to)
{
    for (size_t i = 0; i < scope->count; i++) {
        struct reading r = {.config = self, .setting = &scope->table[i]};
        r.member = (char *)to + scope->table[i].offset;
        snprintf(r.path, sizeof r.path, "%s%s%s", scope->prefix,
                 scope->prefix[0] == '\0' ? "" : ".", scope->table[i].name);
        read_setting(&r, scope->audience);
    }
}

/* ---- the end ---- */

static void refuse(config_t *self, const char *path, const char *what,
                   char *suggestion)
{
    char *remedy = suggestion != NULL
                       ? zsys_sprintf("did you mean %s?", suggestion)
                       : strdup("see --help for all that there are");

    config_fault(self, path, what, remedy);
    zstr_free(&remedy);
    free(suggestion);
}

static void refuse_members(config_t *self, json_t *object, const char *prefix)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value) {
        char *path =
            zsys_sprintf("%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", name);
        bool is_member = known_is_member(self->known, path);
        bool is_group = known_is_group(self->known, path);
        /* A dot in a name would look like the member of a group. */
        if (strchr(name, '.') != NULL) {
            refuse(self, path, "unknown member", NULL);
        } else if (!is_member && !is_group) {
            refuse(self, path, "unknown member",
                   known_near_path(self->known, path));
        } else if (is_group && json_is_object(value)) {
            refuse_members(self, value, path);
        } else if (is_group && !json_is_null(value)) {
            config_fault(self, path, "not a JSON object",
                         "its members go between { and }");
        }
        zstr_free(&path);
    }
}

static void refuse_variables(config_t *self)
{
    for (char **variable = environ; *variable != NULL; variable++) {
        const char *equals = strchr(*variable, '=');
        if (strncmp(*variable, VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) != 0 ||
            equals == NULL) {
            continue;
        }
        char *name = strndup(*variable, (size_t)(equals - *variable));
        if (!known_is_variable(self->known, name) &&
            !service_link_is(name, equals + 1)) {
            refuse(self, name, "unknown environment variable",
                   known_near_variable(self->known, name));
        }
        free(name);
    }
}

void config_refuse_unknown(config_t *self)
{
    refuse_members(self, self->root, "");
    refuse_variables(self);
}

size_t config_report(const config_t *self)
{
    notes_print(self->notes, self->path ? self->path : "configuration");
    return notes_count(self->notes, NOTE_FAULT);
}

char *config_print(const config_t *self)
{
    return json_dumps(self->effective, JSON_INDENT(2));
}
