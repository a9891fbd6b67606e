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

/* ---- filters ---- */

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
