#include "services/compliance/record.h"

#include <string.h>

#include "services/common/wire/wire.h"

static const struct {
    const char *name;
    const ProtobufCMessageDescriptor *type;
} kinds[] = {
    [RECORD_UNIT] = {"unit", &niva__intake__v1__unit__descriptor},
    [RECORD_REPORT] = {"report", &niva__intake__v1__staffing_report__descriptor},
    [RECORD_CONFIRMATION] = {"confirmation", &niva__intake__v1__confirmation__descriptor},
    [RECORD_ABSENCE] = {"absence", &niva__intake__v1__absence__descriptor},
    [RECORD_RULE_SET] = {"rule_set", &niva__compliance__v1__rule_set__descriptor},
    [RECORD_CONTRACT] = {"contract", &niva__compliance__v1__contract__descriptor},
    [RECORD_LISTING] = {"listing", &niva__compliance__v1__listing__descriptor},
    [RECORD_DISPENSATION] = {"dispensation", &niva__compliance__v1__dispensation__descriptor},
    [RECORD_FINDING] = {"finding", &niva__compliance__v1__finding__descriptor},
    [RECORD_CALL] = {"call", &niva__compliance__v1__call__descriptor},
    [RECORD_DIALOGUE] = {"dialogue", &niva__compliance__v1__dialogue_entry__descriptor},
    [RECORD_ERASURE] = {"erasure", &niva__compliance__v1__erasure__descriptor},
    [RECORD_INDICATOR] = {"indicator", &niva__compliance__v1__indicator__descriptor},
    [RECORD_IMPORT] = {"import", &niva__compliance__v1__original__descriptor},
};

const char *record_kind_name(enum record_kind kind)
{
    return kinds[kind].name;
}

static bool kind_of(const char *name, enum record_kind *ret_kind)
{
    for (size_t i = RECORD_UNIT; i < RECORD_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = (enum record_kind)i;
            return true;
        }
    }
    return false;
}

bool record_read(const struct niva_fact *fact, struct niva_arena *arena, struct record *ret_record,
                 struct niva_error *err)
{
    enum record_kind kind;
    if (!kind_of(fact->kind, &kind))
        return niva_fail_internal(err, "fact %lld has the unknown kind %s",
                                  (long long)fact->fact_no, fact->kind);
    ProtobufCMessage *message = NULL;
    if (fact->body.data != NULL && !niva_wire_unpack(kinds[kind].type, fact->body.data,
                                                     fact->body.len, false, arena, &message, err))
        return false;
    *ret_record = (struct record){kind, *fact, message};
    return true;
}

bool records_reserve(struct records *records, struct niva_arena *arena, struct niva_error *err)
{
    if (records->count < records->capacity)
        return true;
    size_t capacity = records->capacity > 0 ? 2 * records->capacity : 16;
    struct record *list = niva_arena_array(arena, capacity, sizeof *list);
    if (list == NULL)
        return niva_fail_memory(err);
    if (records->count > 0)
        memcpy(list, records->list, records->count * sizeof *list);
    records->list = list;
    records->capacity = capacity;
    return true;
}

void records_push(struct records *records, const struct record *record)
{
    records->list[records->count++] = *record;
}

bool records_of_unit(const struct records *all, const char *unit, struct niva_arena *arena,
                     struct records *ret_records, struct niva_error *err)
{
    struct records records = {0};
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->list[i].fact.unit, unit) != 0)
            continue;
        if (!records_reserve(&records, arena, err))
            return false;
        records_push(&records, &all->list[i]);
    }
    *ret_records = records;
    return true;
}
