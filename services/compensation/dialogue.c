#include "services/compensation/dialogue.h"

#include <string.h>

#include "services/common/wire/wire.h"

typedef Niva__Compliance__V1__BreachMerged BreachMerged;
typedef Niva__Compliance__V1__DialogueEntry DialogueEntry;
typedef Niva__Compliance__V1__DialogueOpened DialogueOpened;

/* All that is told of dialogues; DialogueAnswered has the shape of DialogueOpened. */
static const struct {
    const char *type;
    enum dialogue_kind kind;
    const ProtobufCMessageDescriptor *data;
} told[] = {
    {"se.niva.compliance.dialogue.opened.v1", DIALOGUE_OPENED,
     &niva__compliance__v1__dialogue_opened__descriptor},
    {"se.niva.compliance.dialogue.answered.v1", DIALOGUE_ANSWERED,
     &niva__compliance__v1__dialogue_answered__descriptor},
    {"se.niva.compliance.breach.merged.v1", DIALOGUE_MERGED,
     &niva__compliance__v1__breach_merged__descriptor},
};

enum { TOLD = sizeof told / sizeof told[0] };

static const struct dialogue not_told = {INT64_MIN, NIVA_DAY_NONE, INT64_MIN};

bool dialogue_kind_of(const char *type, enum dialogue_kind *ret_kind)
{
    for (size_t i = 0; i < TOLD; i++) {
        if (strcmp(told[i].type, type) == 0) {
            *ret_kind = told[i].kind;
            return true;
        }
    }
    return false;
}

static bool merged_read(const BreachMerged *merged, struct dialogue_entry *entry)
{
    if (merged->breach == NULL || merged->breach->merged_into[0] == '\0')
        return false;
    entry->unit = merged->breach->unit;
    entry->group = merged->breach->profession_group;
    entry->breach_id = merged->breach->breach_id;
    entry->merged_into = merged->breach->merged_into;
    return true;
}

static bool said_read(const DialogueEntry *said, struct dialogue_entry *entry)
{
    const Google__Protobuf__Timestamp *at;

    if (said == NULL)
        return false;
    at = said->received_at != NULL ? said->received_at : said->recorded_at;
    entry->unit = said->unit;
    entry->group = said->profession_group;
    entry->breach_id = said->breach_id;
    entry->answer_by = NIVA_DAY_NONE;
    return at != NULL && niva_wire_instant(at, &entry->at) &&
           (said->answer_by[0] == '\0' || niva_day_parse(said->answer_by, &entry->answer_by));
}

bool dialogue_entry_read(const ProtobufCMessage *data, struct dialogue_entry *entry,
                         struct niva_error *err)
{
    bool good = data != NULL && (entry->kind == DIALOGUE_MERGED
                                     ? merged_read((const BreachMerged *)data, entry)
                                     : said_read(((const DialogueOpened *)data)->entry, entry));

    return good || niva_fail_internal(err, "what was told of a dialogue at %lld can't be read",
                                      (long long)entry->position);
}

bool dialogue_entry_unpack(struct dialogue_entry *entry, struct niva_arena *arena,
                           struct niva_error *err)
{
    ProtobufCMessage *data = NULL;

    for (size_t i = 0; i < TOLD; i++)
        if (told[i].kind == entry->kind &&
            !niva_wire_unpack(told[i].data, entry->body.data, entry->body.len, false, arena, &data,
                              err))
            return false;
    return dialogue_entry_read(data, entry, err);
}

/* A breach and its dialogue. */
struct place {
    const char *breach_id;
    struct dialogue dialogue;
};

struct places {
    size_t count;
    struct place *list;
};

static struct dialogue *place_find(const struct places *places, const char *breach_id)
{
    for (size_t i = 0; i < places->count; i++)
        if (strcmp(places->list[i].breach_id, breach_id) == 0)
            return &places->list[i].dialogue;
    return NULL;
}

/* The place of a breach, made when it is not there; there is room for one more. */
static struct dialogue *place_take(struct places *places, const char *breach_id)
{
    struct dialogue *found = place_find(places, breach_id);

    if (found != NULL)
        return found;
    places->list[places->count] = (struct place){breach_id, not_told};
    return &places->list[places->count++].dialogue;
}

/* Two dialogues as one. Both were told. */
static struct dialogue joined(const struct dialogue *a, const struct dialogue *b)
{
    struct dialogue both = *a;

    if (b->communicated_at > both.communicated_at)
        both.communicated_at = b->communicated_at;
    if (b->answer_by > both.answer_by)
        both.answer_by = b->answer_by;
    if (a->answered_at == INT64_MIN || b->answered_at == INT64_MIN)
        both.answered_at = INT64_MIN;
    else if (b->answered_at > both.answered_at)
        both.answered_at = b->answered_at;
    return both;
}

/* It has answered with its first answer to what it was told last, in whatever order answers are
 * recorded. */
static void answer_apply(struct dialogue *dialogue, niva_instant at)
{
    if (niva_local_day(at) < niva_local_day(dialogue->communicated_at))
        return;
    if (dialogue->answered_at == INT64_MIN || at < dialogue->answered_at)
        dialogue->answered_at = at;
}

static void entry_apply(struct places *places, const struct dialogue_entry *entry)
{
    struct dialogue *own = place_find(places, entry->breach_id);
    struct dialogue passed;

    switch (entry->kind) {
    case DIALOGUE_OPENED:
        *place_take(places, entry->breach_id) =
            (struct dialogue){entry->at, entry->answer_by, INT64_MIN};
        return;
    case DIALOGUE_ANSWERED:
        if (own != NULL)
            answer_apply(own, entry->at);
        return;
    case DIALOGUE_MERGED:
        if (own == NULL)
            return;
        passed = *own;
        own = place_take(places, entry->merged_into);
        *own = own->communicated_at == INT64_MIN ? passed : joined(own, &passed);
        return;
    }
}

bool dialogue_of(const struct dialogue_entry *const *entries, size_t entry_count,
                 niva_instant known_at, char *const *breach_ids, size_t breach_count,
                 struct niva_arena *arena, struct dialogue *ret_dialogue, struct niva_error *err)
{
    struct places places = {.list = niva_arena_array(arena, entry_count, sizeof *places.list)};
    struct dialogue all = not_told;

    if (places.list == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < entry_count; i++)
        if (entries[i]->recorded_at <= known_at)
            entry_apply(&places, entries[i]);
    for (size_t i = 0; i < breach_count; i++) {
        const struct dialogue *one = place_find(&places, breach_ids[i]);

        if (one == NULL) {
            all = not_told;
            break;
        }
        all = i == 0 ? *one : joined(&all, one);
    }
    *ret_dialogue = all;
    return true;
}
