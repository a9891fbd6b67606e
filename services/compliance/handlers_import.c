/* The files that listings, contracts and indicators were imported from. */
#include "services/common/wire/check.h"
#include "services/compliance/handlers.h"
#include "services/compliance/record.h"

bool read_get_original(struct niva_read *read, const ProtobufCMessage *request,
                       ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Compliance__V1__GetOriginalRequest *get = (const void *)request;
    Niva__Compliance__V1__GetOriginalResponse *answer = (void *)reply;
    const char *id = niva_wire_uuid(get->import_id, read->arena);
    struct niva_fact *fact = NULL;
    struct record record;
    struct niva_check check;
    niva_instant known_at;
    if (id == NULL)
        return niva_fail_memory(err);
    niva_check_begin(&check, err);
    niva_check_uuid(&check, "import_id", get->import_id);
    niva_check_known_at(&check, get->known_at, &known_at);
    if (!niva_check_end(&check) || !niva_fact_get(read->pg, record_kind_name(RECORD_IMPORT), id,
                                                  known_at, read->arena, &fact, err))
        return false;
    if (fact == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "importId", "IMPORT_UNKNOWN",
                           "Det finns ingen inläsning %s.", "There is no import %s.", id);
    if (!record_read(fact, read->arena, &record, err))
        return false;
    answer->original = (void *)record.message;
    return true;
}
