#include "services/common/bus/requests.h"

#include <openssl/evp.h>
#include <string.h>

#include "services/common/base/text.h"

static const struct niva_statement requests_find = {
    "bus_requests_find", "SELECT w.slot, r.digest, r.reply, r.erased_by IS NOT NULL FROM "
                         "unnest($1, $2, $3) AS w (slot, principal, request_id)"
                         " JOIN request r USING (principal, request_id)"};
static const struct niva_statement requests_insert = {
    "bus_requests_insert",
    "INSERT INTO request (principal, request_id, digest, method, reply, recorded_at)"
    " SELECT * FROM unnest($1, $2, $3, $4, $5, $6)"};

/* ---- what is asked ---- */

/* SHA-256 over the method and the request as we pack it, without its id. */
static bool request_digest(const struct niva_command *command, struct niva_arena *arena,
                           uint8_t ret_digest[HASH_SIZE], struct niva_error *err)
{
    size_t size = command->request->descriptor->sizeof_message;
    ProtobufCMessage *copy = niva_arena_alloc(arena, size);
    EVP_MD_CTX *context;
    ProtobufCBinaryData bytes;
    bool good;

    if (copy == NULL)
        return niva_fail_internal(err, "no memory for a digest");
    memcpy(copy, command->request, size);
    niva_wire_set_text(copy, "request_id", "");
    if (!niva_wire_pack(copy, arena, &bytes, err))
        return false;
    context = EVP_MD_CTX_new();
    good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
           EVP_DigestUpdate(context, command->method, strlen(command->method) + 1) == 1 &&
           EVP_DigestUpdate(context, bytes.data, bytes.len) == 1 &&
           EVP_DigestFinal_ex(context, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good || niva_fail_internal(err, "SHA-256 is not to be had");
}

void request_identify(struct slot *slot, struct niva_arena *arena)
{
    struct niva_error err;

    if (!niva_uuid_parse(niva_wire_get_text(slot->command->request, "request_id"),
                         &slot->request_id)) {
        niva_error_clear(&err);
        niva_fail_violation(&err, NIVA_INVALID_ARGUMENT, "requestId", "UUID",
                            "Ett UUID som avsändaren har valt måste anges.",
                            "A UUID chosen by the caller must be given.");
        slot_reject(slot, &err);
    } else if (!request_digest(slot->command, arena, slot->digest, &err)) {
        slot_reject(slot, &err);
    }
}

/* ---- was it asked before ---- */

void requests_query_stored(struct niva_query *query, const struct slot *slots, size_t count,
                           struct niva_arena *arena)
{
    struct niva_column *numbers = niva_column_new(NIVA_COLUMN_INT32, arena);
    struct niva_column *principals = niva_column_new(NIVA_COLUMN_TEXT, arena);
    struct niva_column *ids = niva_column_new(NIVA_COLUMN_UUID, arena);

    *query = (struct niva_query){.statement = &requests_find, .params.arena = arena};
    for (size_t i = 0; i < count; i++) {
        if (slots[i].command == NULL || slots[i].outcome != OUTCOME_OPEN)
            continue;
        niva_column_int32(numbers, (int32_t)i);
        niva_column_text(principals, niva_text_or_empty(slots[i].command->principal));
        niva_column_uuid(ids, &slots[i].request_id);
    }
    niva_param_column(&query->params, numbers);
    niva_param_column(&query->params, principals);
    niva_param_column(&query->params, ids);
}

bool request_fail_reused(struct niva_error *err)
{
    niva_error_clear(err);
    return niva_fail_violation(err, NIVA_ALREADY_EXISTS, "requestId", "REQUEST_ID_REUSED",
                               "requestId har redan använts för ett annat innehåll. Välj ett nytt.",
                               "requestId was used before with other content. Choose a new one.");
}

/* The stored reply, marked as replayed where its type can say so. */
static bool reply_mark(const struct niva_command *command, struct niva_arena *arena,
                       ProtobufCBinaryData *reply, struct niva_error *err)
{
    ProtobufCMessage *message;

    if (niva_wire_field(command->reply_type, "replayed") == NULL)
        return true;
    if (!niva_wire_unpack_reply(command->reply_type, reply->data, reply->len, arena, &message, err))
        return niva_fail_internal(err, "a stored reply of %s is broken", command->method);
    niva_wire_set_bool(message, "replayed", true);
    return niva_wire_pack(message, arena, reply, err);
}

/* An answer in doubt was never given: it is the first one, not a replayed one. */
static void fail_erased(struct niva_error *err)
{
    niva_error_clear(err);
    niva_fail_violation(err, NIVA_FAILED_PRECONDITION, "requestId", "ANSWER_ERASED",
                        "Begäran är redan utförd, och svaret har gallrats med det som den gällde.",
                        "The request was carried out before, and its answer has been erased with "
                        "what it was about.");
}

static void slot_answer_stored(struct slot *slot, const struct niva_query *found, int row,
                               struct niva_arena *arena)
{
    struct niva_error err;
    size_t size;
    const uint8_t *bytes = niva_row_bytes(found, row, 1, &size);

    if (niva_row_bool(found, row, 3)) {
        fail_erased(&err);
        slot_reject(slot, &err);
        return;
    }
    if (size != HASH_SIZE || memcmp(bytes, slot->digest, HASH_SIZE) != 0) {
        request_fail_reused(&err);
        slot_reject(slot, &err);
        return;
    }
    bytes = niva_row_bytes(found, row, 2, &slot->reply.len);
    slot->reply.data = (uint8_t *)niva_arena_copy(arena, bytes, slot->reply.len);
    slot->outcome = OUTCOME_ANSWERED;
    if (slot->reply.data == NULL) {
        niva_fail_internal(&err, "no memory for a stored reply");
        slot_reject(slot, &err);
    } else if (!slot->in_doubt && !reply_mark(slot->command, arena, &slot->reply, &err)) {
        slot_reject(slot, &err);
    }
}

void requests_answer_stored(const struct niva_query *found, struct slot *slots,
                            struct niva_arena *arena)
{
    for (int row = 0; row < niva_rows(found); row++)
        slot_answer_stored(&slots[niva_row_int32(found, row, 0)], found, row, arena);
}

/* ---- twice in a batch ---- */

static bool same_key(const struct slot *a, const struct slot *b)
{
    return a->command != NULL && b->command != NULL &&
           memcmp(a->request_id.bytes, b->request_id.bytes, sizeof a->request_id.bytes) == 0 &&
           strcmp(niva_text_or_empty(a->command->principal),
                  niva_text_or_empty(b->command->principal)) == 0;
}

const struct slot *request_leader(const struct slot *slots, const struct slot *slot)
{
    for (const struct slot *earlier = slots; earlier < slot; earlier++)
        if (earlier->item != NULL && same_key(earlier, slot) &&
            memcmp(earlier->digest, slot->digest, HASH_SIZE) == 0)
            return earlier;
    return NULL;
}

bool request_key_used(const struct slot *slots, const struct slot *slot)
{
    for (const struct slot *earlier = slots; earlier < slot; earlier++)
        if (earlier->outcome == OUTCOME_ACCEPTED && same_key(earlier, slot))
            return true;
    return false;
}

void requests_answer_folded(struct slot *slots, size_t count, struct niva_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &slots[i];
        struct niva_error err;

        if (slot->outcome != OUTCOME_FOLDED)
            continue;
        slot->outcome = slot->leader->outcome;
        slot->reply = slot->leader->reply;
        if (slot->outcome == OUTCOME_REJECTED)
            slot->err = slot->leader->err;
        else if (slot->outcome == OUTCOME_ACCEPTED &&
                 !reply_mark(slot->command, arena, &slot->reply, &err))
            slot_reject(slot, &err);
    }
}

/* ---- to be asked again ---- */

bool requests_query_insert(struct niva_query *query, const struct slot *slots, size_t count,
                           struct niva_arena *arena)
{
    static const enum niva_column_type types[] = {NIVA_COLUMN_TEXT,  NIVA_COLUMN_UUID,
                                                  NIVA_COLUMN_BYTES, NIVA_COLUMN_TEXT,
                                                  NIVA_COLUMN_BYTES, NIVA_COLUMN_INSTANT};
    enum { COLUMNS = sizeof types / sizeof *types };
    struct niva_column *columns[COLUMNS];
    bool any = false;

    *query = (struct niva_query){.statement = &requests_insert, .params.arena = arena};
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = niva_column_new(types[i], arena);
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &slots[i];

        if (slot->outcome != OUTCOME_ACCEPTED || slot->command == NULL)
            continue;
        any = true;
        niva_column_text(columns[0], niva_text_or_empty(slot->command->principal));
        niva_column_uuid(columns[1], &slot->request_id);
        niva_column_bytes(columns[2], slot->digest, HASH_SIZE);
        niva_column_text(columns[3], slot->command->method);
        niva_column_bytes(columns[4], slot->reply.data, slot->reply.len);
        niva_column_instant(columns[5], slot->item->recorded_at);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        niva_param_column(&query->params, columns[i]);
    return any;
}
