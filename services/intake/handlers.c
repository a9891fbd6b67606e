/* What the handlers of the nouns share. */
#include "services/intake/handlers.h"

#include <stdio.h>
#include <string.h>

#include "services/common/wire/token.h"
#include "services/intake/token.h"

/* ---- checks ---- */

void day_check(struct niva_check *check, const char *field, const char *value, bool required)
{
    niva_day day;

    niva_check_day(check, field, value, required, &day);
}

void received_check(struct niva_check *check, const struct Google__Protobuf__Timestamp *value)
{
    niva_instant received_at;

    niva_check_timestamp(check, "received_at", value, &received_at);
}

static void title_check(struct niva_check *check, const char *title)
{
    size_t length = strspn(title, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    if (length == 0 || length > TITLE_CHARACTERS_MAX || title[length] != '\0')
        niva_check_fail(check, "title_code", "TITLE_MALFORMED",
                        "Titeln ska vara en HSA-kod, 1–8 versaler eller siffror, t.ex. FT.",
                        "The title must be an HSA code, 1–8 capitals or digits, e.g. FT.");
}

/* Whether a key was used before in the list, or is `taken`. An empty one is refused elsewhere. */
static bool key_used(Niva__Intake__V1__Position *const *positions, size_t index, const char *taken)
{
    const char *key = positions[index]->position_key;

    if (key[0] == '\0')
        return false;
    for (size_t i = 0; i < index; i++)
        if (strcmp(positions[i]->position_key, key) == 0)
            return true;
    return strcmp(key, taken) == 0;
}

void position_check(struct niva_check *check, const Niva__Intake__V1__Position *position)
{
    niva_day first = NIVA_DAY_NONE;
    niva_day until;

    niva_check_position_key(check, "position_key", position->position_key);
    title_check(check, position->title_code);
    niva_check_given(check, "employment", (int)position->employment);
    niva_check_range(check, "fte_milli", position->fte_milli, 0, FULL_TIME_MILLI);
    niva_check_day(check, "first_day", position->first_day, false, &first);
    niva_check_last_day(check, "last_day", position->last_day, first, &until);
}

void positions_check(struct niva_check *check, const char *field, size_t count,
                     Niva__Intake__V1__Position *const *positions, size_t most, const char *taken)
{
    if (count > most) {
        char text_sv[96];
        char text_en[96];

        snprintf(text_sv, sizeof text_sv, "Listan får ha högst %zu positioner.", most);
        snprintf(text_en, sizeof text_en, "The list may have at most %zu positions.", most);
        niva_check_fail(check, field, "TOO_MANY", text_sv, text_en);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t mark = niva_check_enter(check, field, (long)i);

        position_check(check, positions[i]);
        if (key_used(positions, i, taken))
            niva_check_fail(check, "position_key", "POSITION_KEY_DUPLICATE",
                            "Befattningsnyckeln används redan av en annan position.",
                            "The position key is already used by another position.");
        niva_check_leave(check, mark);
    }
}

/* ---- filters ---- */

void known_at_read(struct niva_check *check, const struct Google__Protobuf__Timestamp *value,
                   niva_instant *ret_known_at)
{
    *ret_known_at = INT64_MAX;
    niva_check_timestamp(check, "known_at", value, ret_known_at);
}

void page_read(struct niva_check *check, int32_t page_size, const char *page_token,
               struct store_filter *filter)
{
    niva_check_page_size(check, page_size, &filter->page_size);
    if (!token_read_number(page_token, &filter->after_no))
        niva_token_refuse(check);
}

void subject_read(struct niva_check *check, const char *unit, const char *profession_group,
                  struct store_filter *filter)
{
    if (unit[0] != '\0')
        niva_check_hsa_id(check, "unit", unit);
    if (profession_group[0] != '\0')
        niva_check_name_key(check, "profession_group", profession_group);
    filter->unit = unit;
    filter->profession_group = profession_group;
}

/* ---- answers ---- */

void *body_read(const ProtobufCMessageDescriptor *type, ProtobufCBinaryData body,
                struct niva_arena *arena, struct niva_error *err)
{
    ProtobufCMessage *message;

    if (niva_wire_unpack(type, body.data, body.len, false, arena, &message, err))
        return message;
    if (err->code == NIVA_INVALID_ARGUMENT)
        niva_fail_internal(err, "a recorded %s cannot be read", type->name);
    return NULL;
}

bool page_messages(const ProtobufCMessageDescriptor *type, const struct store_page *page,
                   struct niva_arena *arena, size_t *ret_count, void ***ret_messages,
                   struct niva_error *err)
{
    void **messages = niva_arena_array(arena, page->count, sizeof *messages);

    if (messages == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < page->count; i++) {
        messages[i] = body_read(type, page->rows[i].body, arena, err);
        if (messages[i] == NULL)
            return false;
    }
    *ret_count = page->count;
    *ret_messages = messages;
    return true;
}

bool page_token(const struct store_page *page, struct niva_arena *arena, char **ret_token,
                struct niva_error *err)
{
    char *token;

    if (!page->more)
        return true;
    token = token_of_number(page->rows[page->count - 1].fact_no, arena);
    if (token == NULL)
        return niva_fail_memory(err);
    *ret_token = token;
    return true;
}
