/* Dialogues, as they are on record. */
#include "services/common/run/page.h"
#include "services/compliance/decide.h"
#include "services/compliance/handlers.h"

typedef Niva__Compliance__V1__ListDialogueRequest list_request;
typedef Niva__Compliance__V1__ListDialogueResponse list_response;

/* The dialogue that is asked for: of one breach, wherever it lives on. */
struct dialogue_of {
    struct breach_set breaches;
    const pb_breach *survivor;
};

static bool check_list(const list_request *request, const struct niva_fact_list *list,
                       struct niva_page *ret_page, struct niva_error *err)
{
    struct niva_check check;
    niva_check_begin(&check, err);
    if (request->breach_id[0] != '\0')
        niva_check_uuid(&check, "breach_id", request->breach_id);
    niva_fact_list_check(&check, list, ret_page);
    return niva_check_end(&check);
}

/* All breaches of the unit and group of a breach, as they were known. */
static bool breaches_known(struct niva_read *read, const pb_breach *breach, niva_instant known_at,
                           struct breach_set *ret_set, struct niva_error *err)
{
    const struct breach_filter filter = {.unit = breach->unit,
                                         .group = breach->profession_group,
                                         .open_on = NIVA_DAY_NONE,
                                         .today = NIVA_DAY_NONE,
                                         .known_at = known_at,
                                         .limit = INT32_MAX};
    struct breach_row *rows = NULL;
    struct breach_set set = {0};
    size_t count = 0;
    if (!store_breaches(read->pg, &filter, read->arena, &count, &rows, err))
        return false;
    set.list = niva_arena_array(read->arena, count, sizeof *set.list);
    if (set.list == NULL)
        return niva_fail_memory(err);
    for (; set.count < count; set.count++)
        set.list[set.count] = rows[set.count].breach;
    *ret_set = set;
    return true;
}

static bool dialogue_look(struct niva_read *read, const list_request *list, niva_instant known_at,
                          struct dialogue_of *ret_dialogue, struct niva_error *err)
{
    struct dialogue_of dialogue = {0};
    pb_breach *breach = NULL;
    struct niva_uuid id;
    if (!niva_uuid_parse(list->breach_id, &id) ||
        !store_breach(read->pg, &id, known_at, read->arena, &breach, err))
        return false;
    if (breach == NULL)
        return niva_refuse(err, NIVA_NOT_FOUND, "breachId", "BREACH_UNKNOWN",
                           "Det finns ingen brist %s.", "There is no breach %s.", list->breach_id);
    if (!breaches_known(read, breach, known_at, &dialogue.breaches, err))
        return false;
    dialogue.survivor = breach_survivor(&dialogue.breaches, breach->breach_id);
    if (dialogue.survivor == NULL)
        return niva_fail_internal(err, "what the breach %s was merged into is not there",
                                  breach->breach_id);
    *ret_dialogue = dialogue;
    return true;
}

static bool is_of(const struct niva_fact *fact, const ProtobufCMessage *message, const void *user)
{
    const struct record record = {RECORD_DIALOGUE, *fact, message};
    const struct dialogue_of *dialogue = user;
    return dialogue_entry(&dialogue->breaches, dialogue->survivor, &record) != NULL;
}

bool read_list_dialogue(struct niva_read *read, const ProtobufCMessage *request,
                        ProtobufCMessage *reply, struct niva_error *err)
{
    const list_request *asked = (const void *)request;
    list_response *answer = (void *)reply;
    const struct niva_fact_page answered = {&answer->entries, &answer->n_entries,
                                            &answer->next_page_token};
    struct niva_fact_list list = {
        .filter = {.kind = record_kind_name(RECORD_DIALOGUE),
                   .unit = asked->unit,
                   .group = asked->profession_group},
        .type = &niva__compliance__v1__dialogue_entry__descriptor,
        .page_size = asked->page_size,
        .page_token = asked->page_token,
        .known_at = asked->known_at,
    };
    struct niva_fact_keep keep = {0};
    struct dialogue_of dialogue;
    struct niva_page page;
    if (!check_list(asked, &list, &page, err))
        return false;
    if (asked->breach_id[0] != '\0') {
        if (!dialogue_look(read, asked, page.known_at, &dialogue, err))
            return false;
        keep = (struct niva_fact_keep){is_of, &dialogue};
        answer->breach_id = dialogue.survivor->breach_id;
        if (list.filter.unit[0] == '\0')
            list.filter.unit = dialogue.survivor->unit;
    }
    return niva_fact_list_page(read, &list, &page, keep, &answered, err);
}
