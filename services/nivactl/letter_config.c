#include "services/nivactl/letter_config.h"

#include <stdio.h>
#include <string.h>

/* Where the letters of an installed nivactl are. */
#ifndef NIVA_LETTERS_DIR
#define NIVA_LETTERS_DIR "/usr/local/share/niva/letters"
#endif

static bool file_choose(const struct session *session, char ret_path[PATH_MAX])
{
    char clone[PATH_MAX];
    int length;

    if (*session->options.letters != '\0')
        length = snprintf(ret_path, PATH_MAX, "%s", session->options.letters);
    else if (clone_find(".", clone) || clone_find("/proc/self/exe", clone))
        length = snprintf(ret_path, PATH_MAX, "%s/deploy/letters/letters.conf", clone);
    else
        length = snprintf(ret_path, PATH_MAX, "%s/letters.conf", NIVA_LETTERS_DIR);
    return length < PATH_MAX;
}

/* A directory that is not absolute lies beside the file. */
static bool templates_find(const char *path, const char *given, char ret_templates[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int beside = slash == NULL ? 0 : (int)(slash + 1 - path);

    if (*given == '/')
        beside = 0;
    return snprintf(ret_templates, PATH_MAX, "%.*s%s", beside, path, given) < PATH_MAX;
}

/* The texts are the configuration's, which is given back; the arena's stay. */
static bool texts_keep(const struct niva_config_entry *entries, size_t count,
                       struct niva_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        const char **text = entries[i].ret_value;

        *text = niva_arena_strdup(arena, *text);
        if (*text == NULL)
            return false;
    }
    return true;
}

#define REQUIRED(key_, value_)                                                                     \
    {                                                                                              \
        .key = (key_), .ret_value = (void *)(uintptr_t) & (value_)                                 \
    }
#define OPTIONAL(key_, value_)                                                                     \
    {                                                                                              \
        .key = (key_), .preset = "", .ret_value = (void *)(uintptr_t) & (value_)                   \
    }

bool letter_config_read(const struct session *session, struct letter_config *ret_config,
                        struct niva_error *err)
{
    struct letter_config config;
    const char *templates;
    const struct niva_config_entry entries[] = {
        REQUIRED("region", config.region),
        REQUIRED("region-name", config.region_name),
        OPTIONAL("department-sv", config.department[SWEDISH]),
        OPTIONAL("department-en", config.department[ENGLISH]),
        OPTIONAL("section-sv", config.section[SWEDISH]),
        OPTIONAL("section-en", config.section[ENGLISH]),
        OPTIONAL("foot", config.foot),
        OPTIONAL("foot-more", config.foot_more),
        REQUIRED("contact", config.contact),
        OPTIONAL("contact-phone", config.contact_phone),
        OPTIONAL("contact-email", config.contact_email),
        OPTIONAL("remedy-region-run-sv", config.remedy_region_run[SWEDISH]),
        OPTIONAL("remedy-region-run-en", config.remedy_region_run[ENGLISH]),
        OPTIONAL("remedy-intraprenad-sv", config.remedy_intraprenad[SWEDISH]),
        OPTIONAL("remedy-intraprenad-en", config.remedy_intraprenad[ENGLISH]),
        OPTIONAL("remedy-private-sv", config.remedy_private[SWEDISH]),
        OPTIONAL("remedy-private-en", config.remedy_private[ENGLISH]),
        {.key = "templates", .preset = ".", .ret_value = (void *)(uintptr_t)&templates},
    };
    size_t count = sizeof entries / sizeof *entries;
    char program[] = "nivactl";
    char *argv[] = {program, NULL};
    char *variables[] = {NULL};
    char path[PATH_MAX];
    struct niva_config *read;
    const char *const *rest;
    size_t rest_count;
    bool kept;

    if (!file_choose(session, path))
        return niva_fail_internal(err, "a path is too long");
    read = niva_config_read(entries, count, path, 1, argv, variables, &rest_count, &rest, err);
    if (read == NULL)
        return false;
    kept = texts_keep(entries, count, session->arena);
    niva_config_free(read);
    if (!kept)
        return niva_fail_memory(err);
    if (!templates_find(path, templates, config.templates))
        return niva_fail_internal(err, "a path is too long");
    *ret_config = config;
    return true;
}
