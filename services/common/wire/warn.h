/* Warnings: what is accepted, but looks odd, is said in the reply. They are collected while a
 * request is decided. */
#ifndef NIVA_COMMON_WIRE_WARN_H
#define NIVA_COMMON_WIRE_WARN_H

#include "niva/intake/v1/report.pb-c.h"
#include "services/common/base/arena.h"

/* What was found so far; all zero but the arena, in which it lives. */
struct niva_warnings {
    struct niva_arena *arena;
    size_t count;
    size_t capacity;
    Niva__Intake__V1__Warning **items;
    bool failed; /* the arena is out */
};

/* Adds one. `path` is that of the field as in JSON; texts are copied. */
void niva_warn(struct niva_warnings *warnings, const char *path, const char *code,
               const char *text_sv, const char *text_en);
/* FREE_TEXT_PERSONAL for free text that seems to hold a personal number or an e-mail address. */
void niva_warn_free_text(struct niva_warnings *warnings, const char *path, const char *text);
/* Whether a text seems to hold a personal number or an e-mail address somewhere. */
bool niva_text_looks_personal(const char *text);

#endif
