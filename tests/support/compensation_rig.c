#include "tests/support/compensation_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gmp.h>
#include <pthread.h>

#include "io/cloudevents/v1/cloudevents.pb-c.h"
#include "services/common/base/clock.h"
#include "services/common/bus/bus_sql.h"
#include "services/compensation/compensation.h"
#include "services/compensation/compensation_sql.h"
#include "services/compensation/decide.h"

#define SECOND INT64_C(1000000)

static void good(bool done, const struct niva_error *err)
{
    if (!done)
        fail_msg("%s: %s (%s) %s", niva_code_name((int)err->code), err->text_en, err->cause,
                 err->violation_count > 0 ? err->violations[0].field : "");
}

static void migrate(struct rig *rig)
{
    struct niva_error err;
    struct niva_pg *pg =
        niva_pg_open(cluster_conninfo(rig->cluster, rig->database, "niva_compensation_owner"),
                     "compensation", "test", &err);
    struct niva_migration all[NIVA_BUS_MIGRATION_COUNT + NIVA_COMPENSATION_MIGRATION_COUNT];
    size_t applied;

    good(pg != NULL, &err);
    memcpy(all, niva_bus_migrations, sizeof niva_bus_migrations);
    memcpy(all + NIVA_BUS_MIGRATION_COUNT, niva_compensation_migrations,
           sizeof niva_compensation_migrations);
    good(niva_migrate(pg, all, sizeof all / sizeof all[0], &applied, &err), &err);
    niva_pg_close(pg);
}

void rig_open(struct rig *rig, struct cluster *cluster)
{
    struct niva_journal_options options = {
        .stream = "compensation",
        .source = "/niva/19/compensation",
        .types = compensation_service.types,
        .type_count = compensation_service.type_count,
        .upstreams = compensation_service.upstreams,
        .queue = 1024,
        .rehearsal = true,
        .rules = compensation_service.rules,
    };
    struct niva_error err;

    *rig = (struct rig){.cluster = cluster, .arena = niva_arena_new(SIZE_MAX / 2)};
    assert_non_null(rig->arena);
    rig->database = cluster_database(cluster);
    migrate(rig);
    options.conninfo = cluster_conninfo(cluster, rig->database, "niva_compensation");
    rig->journal = niva_journal_new(&options, &err);
    good(rig->journal != NULL, &err);
    rig->pg = niva_pg_open(cluster_conninfo(cluster, rig->database, "niva_compensation"),
                           "compensation", "test", &err);
    good(rig->pg != NULL, &err);
    assert_true(niva_instant_parse("2022-06-01T10:00:00Z", &rig->now));
}

void rig_close(struct rig *rig)
{
    rig->pg = niva_pg_close(rig->pg);
    rig->journal = niva_journal_free(rig->journal);
    rig->arena = niva_arena_free(rig->arena);
}

void rig_tell(struct rig *rig, const char *type, const char *subject, const ProtobufCMessage *data)
{
    struct niva_event *event = niva_arena_alloc(rig->arena, sizeof *event);
    char *id = niva_arena_alloc(rig->arena, 37);

    assert_non_null(event);
    assert_non_null(id);
    assert_true(rig->event_count < RIG_EVENTS_MAX);
    niva_uuid_format(niva_uuid_v7(rig->now), id);
    *event = (struct niva_event){.stream = "compliance",
                                 .position = ++rig->position,
                                 .id = id,
                                 .type = type,
                                 .subject = subject,
                                 .time = rig->now,
                                 .actor = "local:test",
                                 .causation_id = "",
                                 .traceparent = "",
                                 .data = data};
    rig->now += SECOND;
    rig->events[rig->event_count++] = event;
}

void rig_day(struct rig *rig, const char *day)
{
    Niva__Compliance__V1__DayBegun *begun =
        niva_wire_new(&niva__compliance__v1__day_begun__descriptor, rig->arena);
    niva_day parsed;

    assert_non_null(begun);
    begun->day = text_make(rig->arena, day);
    if (niva_day_parse(day, &parsed) && niva_local_midnight(parsed) > rig->now)
        rig->now = niva_local_midnight(parsed);
    rig_tell(rig, EVENT_DAY_BEGUN, "", &begun->base);
}

void rig_days(struct rig *rig, const char *first, const char *last)
{
    niva_day day;
    niva_day end;
    char text[16];

    assert_true(niva_day_parse(first, &day));
    assert_true(niva_day_parse(last, &end));
    for (; day <= end; day++) {
        niva_day_format(day, text);
        rig_day(rig, text);
    }
}

void rig_month(struct rig *rig, const Niva__Compliance__V1__TimelineChanged *timeline)
{
    rig_tell(rig, EVENT_TIMELINE_CHANGED, timeline->unit, &timeline->base);
}

/* An entry of a dialogue, said at the instant at which it is told. */
static Niva__Compliance__V1__DialogueEntry *entry_make(struct rig *rig, const char *unit,
                                                       const char *breach_id)
{
    Niva__Compliance__V1__DialogueEntry *entry =
        niva_wire_new(&niva__compliance__v1__dialogue_entry__descriptor, rig->arena);

    assert_non_null(entry);
    entry->unit = text_make(rig->arena, unit);
    entry->profession_group = text_make(rig->arena, "fysioterapeut");
    entry->breach_id = text_make(rig->arena, breach_id);
    entry->recorded_at = niva_wire_timestamp(rig->now, rig->arena);
    return entry;
}

void rig_told(struct rig *rig, const char *unit, const char *breach_id, const char *answer_by)
{
    Niva__Compliance__V1__DialogueOpened *opened =
        niva_wire_new(&niva__compliance__v1__dialogue_opened__descriptor, rig->arena);

    assert_non_null(opened);
    opened->entry = entry_make(rig, unit, breach_id);
    opened->entry->kind = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__OPENED;
    opened->entry->answer_by = text_make(rig->arena, answer_by);
    rig_tell(rig, "se.niva.compliance.dialogue.opened.v1", unit, &opened->base);
}

void rig_answered(struct rig *rig, const char *unit, const char *breach_id)
{
    Niva__Compliance__V1__DialogueAnswered *answered =
        niva_wire_new(&niva__compliance__v1__dialogue_answered__descriptor, rig->arena);

    assert_non_null(answered);
    answered->entry = entry_make(rig, unit, breach_id);
    answered->entry->kind = NIVA__COMPLIANCE__V1__DIALOGUE_ENTRY__KIND__ANSWERED;
    rig_tell(rig, "se.niva.compliance.dialogue.answered.v1", unit, &answered->base);
}

void rig_merged(struct rig *rig, const char *unit, const char *breach_id, const char *merged_into)
{
    Niva__Compliance__V1__BreachMerged *merged =
        niva_wire_new(&niva__compliance__v1__breach_merged__descriptor, rig->arena);
    Niva__Compliance__V1__Breach *breach =
        niva_wire_new(&niva__compliance__v1__breach__descriptor, rig->arena);

    assert_non_null(merged);
    assert_non_null(breach);
    breach->unit = text_make(rig->arena, unit);
    breach->profession_group = text_make(rig->arena, "fysioterapeut");
    breach->breach_id = text_make(rig->arena, breach_id);
    breach->merged_into = text_make(rig->arena, merged_into);
    merged->breach = breach;
    rig_tell(rig, "se.niva.compliance.breach.merged.v1", unit, &merged->base);
}

bool rig_try(struct rig *rig, struct niva_error *err)
{
    size_t count = rig->event_count;

    rig->event_count = 0;
    if (count == 0)
        return true;
    return niva_journal_apply(rig->journal, "compliance", rig->events, count,
                              rig->events[count - 1]->position, err);
}

void rig_apply(struct rig *rig)
{
    struct niva_error err;

    good(rig_try(rig, &err), &err);
}

Niva__Compensation__V1__PutComponentRequest *rig_put_make(struct rig *rig, const char *unit,
                                                          const char *component,
                                                          const char *first_day,
                                                          const char *last_day, int64_t monthly_ore)
{
    Niva__Compensation__V1__PutComponentRequest *put =
        niva_wire_new(&niva__compensation__v1__put_component_request__descriptor, rig->arena);
    Niva__Compensation__V1__Component *made =
        niva_wire_new(&niva__compensation__v1__component__descriptor, rig->arena);

    assert_non_null(put);
    assert_non_null(made);
    made->component = text_make(rig->arena, component);
    made->unit = text_make(rig->arena, unit);
    made->profession_group = text_make(rig->arena, "fysioterapeut");
    made->first_day = text_make(rig->arena, first_day);
    made->last_day = text_make(rig->arena, last_day);
    made->monthly_ore = monthly_ore;
    made->regulated = true;
    put->component = made;
    return put;
}

static void call_done(struct niva_command *command, const ProtobufCBinaryData *reply,
                      const struct niva_error *err)
{
    struct rig_calling *calling = command->user;

    pthread_mutex_lock(&calling->lock);
    niva_error_clear(&calling->err);
    if (err != NULL)
        calling->err = *err;
    else
        calling->reply = (ProtobufCBinaryData){
            .len = reply->len,
            .data = (uint8_t *)niva_arena_copy(calling->arena, reply->data, reply->len)};
    calling->done = true;
    pthread_cond_signal(&calling->answered);
    pthread_mutex_unlock(&calling->lock);
}

static const struct niva_method *method_find(const char *name)
{
    for (size_t i = 0; i < compensation_service.method_count; i++)
        if (strstr(compensation_service.methods[i].name, name) != NULL)
            return &compensation_service.methods[i];
    fail_msg("no method %s", name);
    return NULL;
}

static const ProtobufCMessageDescriptor *reply_type(const char *name)
{
    const char *method = strrchr(name, '/') + 1;

    for (size_t i = 0; i < compensation_service.service_count; i++) {
        const ProtobufCMethodDescriptor *found = protobuf_c_service_descriptor_get_method_by_name(
            compensation_service.services[i], method);

        if (found != NULL)
            return found->output;
    }
    fail_msg("no method %s", name);
    return NULL;
}

static char *request_id_make(struct rig *rig)
{
    char id[37];

    niva_uuid_format(niva_uuid_v7(niva_clock_now()), id);
    return text_make(rig->arena, id);
}

void rig_submit(struct rig *rig, struct rig_calling *calling, const char *method,
                const char *principal, ProtobufCMessage *request)
{
    const struct niva_method *found = method_find(method);

    *calling = (struct rig_calling){.lock = PTHREAD_MUTEX_INITIALIZER,
                                    .answered = PTHREAD_COND_INITIALIZER,
                                    .arena = rig->arena};
    if (*niva_wire_get_text(request, "request_id") == '\0')
        assert_true(niva_wire_set_text(request, "request_id", request_id_make(rig)));
    calling->command = (struct niva_command){.method = found->name,
                                             .request = request,
                                             .reply_type = reply_type(found->name),
                                             .principal = principal,
                                             .traceparent = "",
                                             .recorded_at = rig->now,
                                             .deadline_ms = niva_clock_monotonic_ms() + 60000,
                                             .done = call_done,
                                             .user = calling};
    if (!found->check(request, &calling->err)) {
        calling->done = true;
        return;
    }
    rig->now += SECOND;
    if (!niva_journal_submit(rig->journal, &calling->command, &calling->err))
        calling->done = true;
}

bool rig_await(struct rig *rig, struct rig_calling *calling, ProtobufCMessage **ret_reply,
               struct niva_error *err)
{
    pthread_mutex_lock(&calling->lock);
    while (!calling->done)
        pthread_cond_wait(&calling->answered, &calling->lock);
    pthread_mutex_unlock(&calling->lock);
    *err = calling->err;
    if (err->code != NIVA_OK)
        return false;
    good(niva_wire_unpack(calling->command.reply_type, calling->reply.data, calling->reply.len,
                          true, rig->arena, ret_reply, err),
         err);
    return true;
}

bool rig_call(struct rig *rig, const char *method, const char *principal, ProtobufCMessage *request,
              ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct rig_calling calling;

    rig_submit(rig, &calling, method, principal, request);
    return rig_await(rig, &calling, ret_reply, err);
}

bool rig_call_put(struct rig *rig, const Niva__Compensation__V1__PutComponentRequest *put,
                  Niva__Compensation__V1__PutComponentResponse **ret_reply, struct niva_error *err)
{
    ProtobufCMessage *reply;

    if (!rig_call(rig, METHOD_PUT_COMPONENT, "local:test", (ProtobufCMessage *)&put->base, &reply,
                  err))
        return false;
    *ret_reply = (Niva__Compensation__V1__PutComponentResponse *)reply;
    return true;
}

Adjustment *rig_prepare(struct rig *rig, const Adjustment *line)
{
    Niva__Compensation__V1__PrepareAdjustmentRequest request =
        NIVA__COMPENSATION__V1__PREPARE_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.statement = (char *)"Fiktivt yttrande";
    request.statement_response = (char *)"Fiktivt svar";
    good(rig_call(rig, METHOD_PREPARE_ADJUSTMENT, "officer", &request.base, &reply, &err), &err);
    return ((Niva__Compensation__V1__PrepareAdjustmentResponse *)reply)->adjustment;
}

static bool revise(struct rig *rig, const Adjustment *line, int64_t revised_ore,
                   const char *principal, Adjustment **ret_line, struct niva_error *err)
{
    Niva__Compensation__V1__ReviseAdjustmentRequest request =
        NIVA__COMPENSATION__V1__REVISE_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.revised_ore = revised_ore;
    request.reason_code = NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__UNABLE_TO_RECRUIT;
    request.reason = (char *)"Fiktivt skäl";
    request.case_number = (char *)"FIKTIV-2";
    request.delegation = (char *)"Fiktiv delegation 1";
    if (!rig_call(rig, METHOD_REVISE_ADJUSTMENT, principal, &request.base, &reply, err))
        return false;
    *ret_line = ((Niva__Compensation__V1__ReviseAdjustmentResponse *)reply)->adjustment;
    return true;
}

bool rig_decide(struct rig *rig, const Adjustment *line, enum rig_decision decision,
                int64_t revised_ore, const char *principal, Adjustment **ret_line,
                struct niva_error *err)
{
    Niva__Compensation__V1__DecideAdjustmentRequest request =
        NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    if (decision == RIG_REVISE)
        return revise(rig, line, revised_ore, principal, ret_line, err);
    request.adjustment_id = line->adjustment_id;
    request.computed_ore = line->computed_ore;
    request.decision = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__APPROVE;
    if (decision == RIG_WAIVE) {
        request.decision = NIVA__COMPENSATION__V1__DECIDE_ADJUSTMENT_REQUEST__DECISION__WAIVE;
        request.reason_code = NIVA__COMPENSATION__V1__ADJUSTMENT__REASON_CODE__OTHER;
        request.reason = (char *)"Fiktivt skäl";
    }
    request.case_number = (char *)"FIKTIV-1";
    request.delegation = (char *)"Fiktiv delegation 1";
    if (!rig_call(rig, METHOD_DECIDE_ADJUSTMENT, principal, &request.base, &reply, err))
        return false;
    *ret_line = ((Niva__Compensation__V1__DecideAdjustmentResponse *)reply)->adjustment;
    return true;
}

Adjustment *rig_settle(struct rig *rig, const Adjustment *line, enum rig_decision decision,
                       int64_t revised_ore)
{
    Adjustment *decided;
    struct niva_error err;

    rig_prepare(rig, line);
    good(rig_decide(rig, line, decision, revised_ore, "decider", &decided, &err), &err);
    return decided;
}

void rig_put(struct rig *rig, const char *unit, const char *component, const char *first_day,
             const char *last_day, int64_t monthly_ore)
{
    Niva__Compensation__V1__PutComponentResponse *reply;
    struct niva_error err;

    good(rig_call_put(rig, rig_put_make(rig, unit, component, first_day, last_day, monthly_ore),
                      &reply, &err),
         &err);
}

bool rig_read(struct rig *rig, const char *method, const ProtobufCMessage *request,
              ProtobufCMessage **ret_reply, struct niva_error *err)
{
    struct niva_query begin = {.statement = &niva_pg_begin_snapshot};
    struct niva_query end = {.statement = &niva_pg_rollback};
    struct niva_read read = {.pg = rig->pg,
                             .arena = rig->arena,
                             .principal = "local:test",
                             .deadline_ms = niva_clock_monotonic_ms() + 60000,
                             .rehearsal = true};
    ProtobufCMessage *reply = niva_wire_new(reply_type(method), rig->arena);
    struct niva_error ending;
    bool done;

    assert_non_null(reply);
    good(niva_pg_run(rig->pg, &begin, 1, err), err);
    done = method_find(method)->read(&read, request, reply, err);
    good(niva_pg_run(rig->pg, &end, 1, &ending), &ending);
    niva_queries_clear(&begin, 1);
    niva_queries_clear(&end, 1);
    *ret_reply = reply;
    return done;
}

size_t rig_list(struct rig *rig, bool history, Adjustment ***ret_adjustments)
{
    ListAdjustmentsRequest request = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ListAdjustmentsResponse *response;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.include_history = history;
    request.page_size = 1000;
    good(rig_read(rig, "AdjustmentService/ListAdjustments", &request.base, &reply, &err), &err);
    response = (ListAdjustmentsResponse *)reply;
    assert_string_equal(response->next_page_token, "");
    assert_int_equal(response->pending, 0);
    *ret_adjustments = response->adjustments;
    return response->n_adjustments;
}

Adjustment *rig_line(struct rig *rig, const char *unit, const char *period)
{
    ListAdjustmentsRequest request = NIVA__COMPENSATION__V1__LIST_ADJUSTMENTS_REQUEST__INIT;
    ListAdjustmentsResponse *response;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.unit = text_make(rig->arena, unit);
    request.period = text_make(rig->arena, period);
    good(rig_read(rig, "AdjustmentService/ListAdjustments", &request.base, &reply, &err), &err);
    response = (ListAdjustmentsResponse *)reply;
    for (size_t i = 0; i < response->n_adjustments; i++)
        if (strcmp(response->adjustments[i]->component, "fysioterapi") == 0 &&
            line_is_open((enum line_state)response->adjustments[i]->state))
            return response->adjustments[i];
    return NULL;
}

static void explanation_adds_up(const Explanation *explanation)
{
    mpq_t sum;
    mpq_t ore;

    mpq_inits(sum, ore, NULL);
    for (size_t i = 0; i < explanation->n_lines; i++) {
        assert_int_equal(mpq_set_str(ore, explanation->lines[i]->ore, 10), 0);
        mpq_add(sum, sum, ore);
    }
    if (mpq_cmp_si(sum, explanation->adjustment->deduction_ore, 1) != 0)
        fail_msg("the lines do not add up to %lld öre",
                 (long long)explanation->adjustment->deduction_ore);
    mpq_clears(sum, ore, NULL);
}

Explanation *rig_explain(struct rig *rig, const char *adjustment_id, niva_instant known_at)
{
    Niva__Compensation__V1__ExplainAdjustmentRequest request =
        NIVA__COMPENSATION__V1__EXPLAIN_ADJUSTMENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.adjustment_id = text_make(rig->arena, adjustment_id);
    if (known_at != INT64_MAX)
        request.known_at = niva_wire_timestamp(known_at, rig->arena);
    good(rig_read(rig, "AdjustmentService/ExplainAdjustment", &request.base, &reply, &err), &err);
    explanation_adds_up((Explanation *)reply);
    return (Explanation *)reply;
}

size_t rig_stream(struct rig *rig, int64_t after, struct niva_event **ret_events)
{
    Io__Cloudevents__V1__CloudEvent **found;
    struct niva_event *events;
    struct niva_error err;
    int64_t head;
    int64_t next;
    size_t count;

    good(niva_events_select(rig->pg, compensation_service.types, compensation_service.type_count,
                            true, after, 1000, NULL, 0, NULL, rig->arena, &count, &found, &head,
                            &next, &err),
         &err);
    events = niva_arena_array(rig->arena, count, sizeof *events);
    assert_non_null(events);
    for (size_t i = 0; i < count; i++)
        good(niva_event_read(found[i], rig->arena, &events[i], &err), &err);
    *ret_events = events;
    return count;
}

int64_t rig_head(struct rig *rig)
{
    struct niva_applied applied;

    niva_journal_applied(rig->journal, &applied);
    return applied.head;
}

/* One part of the proof, to its end. */
static void part_verify(struct niva_read *read, const struct niva_verify_part *part,
                        struct niva_verify *verify)
{
    const char *after = "";
    struct niva_error err;

    while (after != NULL)
        good(part->check(read, "", after, 1000, verify, &after, &err), &err);
}

const char *rig_verify(struct rig *rig)
{
    static char found[1024];
    struct niva_query begin = {.statement = &niva_pg_begin_snapshot};
    struct niva_query end = {.statement = &niva_pg_rollback};
    struct niva_read read = {.pg = rig->pg,
                             .arena = rig->arena,
                             .principal = "local:test",
                             .deadline_ms = niva_clock_monotonic_ms() + 60000,
                             .rehearsal = true};
    struct niva_verify verify = {.arena = rig->arena};
    struct niva_error err;
    size_t length = 0;

    good(niva_pg_run(rig->pg, &begin, 1, &err), &err);
    for (size_t i = 0; i < compensation_service.verify_part_count; i++)
        part_verify(&read, &compensation_service.verify_parts[i], &verify);
    good(niva_pg_run(rig->pg, &end, 1, &err), &err);
    niva_queries_clear(&begin, 1);
    niva_queries_clear(&end, 1);
    assert_false(verify.failed);
    found[0] = '\0';
    for (size_t i = 0; i < verify.difference_count && length < sizeof found - 1; i++)
        length += (size_t)snprintf(found + length, sizeof found - length, "%s %s\n",
                                   verify.differences[i]->code, verify.differences[i]->field);
    return found;
}
