#include <inttypes.h>
#include <string.h>

#include "niva/control/v1/control.pb-c.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"

typedef Niva__Control__V1__GetStatusRequest GetStatusRequest;
typedef Niva__Control__V1__GetStatusResponse GetStatusResponse;

enum { CALL_MS = 5000 };

/* What is known of a service: its answer, or why there is none. */
struct patient {
    const GetStatusResponse *status; /* NULL: no answer */
    struct niva_error err;
};

static void patient_ask(struct session *session, enum service service, struct patient *ret_patient)
{
    GetStatusRequest request = NIVA__CONTROL__V1__GET_STATUS_REQUEST__INIT;
    const struct call call = {.recorded_at = INT64_MIN, .timeout_ms = CALL_MS};
    struct method method;
    ProtobufCMessage *reply;

    niva_error_clear(&ret_patient->err);
    ret_patient->status = NULL;
    if (!method_find("niva.control.v1.ControlService/GetStatus", &method))
        niva_fail_internal(&ret_patient->err, "no GetStatus");
    else if (session_call(session, service, &method, &request.base, &call, session->arena, &reply,
                          &ret_patient->err))
        ret_patient->status = (const GetStatusResponse *)reply;
}

static int64_t applied_of(const GetStatusResponse *status, const char *stream)
{
    for (size_t i = 0; status != NULL && i < status->n_applied; i++)
        if (strcmp(status->applied[i]->stream, stream) == 0)
            return status->applied[i]->position;
    return -1;
}

/* How many events of the services that it follows a service has still to apply; -1: not known. */
static int64_t behind(const struct patient *patients, enum service service)
{
    struct follow follow;
    int64_t late = 0;

    for (size_t i = 0; follow_at(i, &follow); i++) {
        const char *stream = service_name(follow.followed);
        int64_t head = applied_of(patients[follow.followed].status, stream);
        int64_t applied = applied_of(patients[service].status, stream);

        if (follow.follower != service)
            continue;
        if (head < 0 || applied < 0)
            return -1;
        late += head > applied ? head - applied : 0;
    }
    return late;
}

static bool well(const struct patient *patient)
{
    return patient->status != NULL && patient->status->ready;
}

static const char *cell_state(const struct session *session, const struct patient *patient)
{
    if (patient->status == NULL)
        return session_pick(session, "svarar inte", "does not answer");
    return patient->status->ready ? session_pick(session, "redo", "ready")
                                  : session_pick(session, "inte redo", "not ready");
}

static const struct table *patients_table(const struct session *session,
                                          const struct patient *patients)
{
    static const struct column sv[] = {
        {"Tjänst", false}, {"Läge", false}, {"Version", false},  {"Schema", true},
        {"Dag", false},    {"Huvud", true}, {"Efter med", true}, {"Kvar att göra", true},
    };
    static const struct column en[] = {
        {"Service", false}, {"State", false}, {"Version", false}, {"Schema", true},
        {"Day", false},     {"Head", true},   {"Behind", true},   {"Pending", true},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (int i = 0; i < SERVICE_COUNT; i++) {
        const char *name = service_name((enum service)i);
        const GetStatusResponse *status = patients[i].status;
        int64_t late = behind(patients, (enum service)i);
        const char *cells[] = {
            name,
            cell_state(session, &patients[i]),
            status == NULL ? "" : status->version,
            status == NULL ? "" : cell_integer(session, status->schema_version),
            status == NULL ? "" : status->today,
            status == NULL ? "" : cell_integer(session, applied_of(status, name)),
            late < 0 ? session_pick(session, "okänt", "unknown") : cell_integer(session, late),
            status == NULL ? "" : cell_integer(session, status->pending),
        };

        table_row(table, cells);
    }
    return table;
}

static bool patients_print(struct session *session, const struct patient *patients,
                           struct niva_error *err)
{
    fprintf(session->out, session_pick(session, "Socklar: %s\n", "Sockets: %s\n"),
            session->place.run_dir);
    if (session->rehearsal)
        fprintf(session->out, "%s\n",
                session_pick(session, "Repetition: dagen flyttas för hand.",
                             "Rehearsal: the day is moved by hand."));
    fputs("\n", session->out);
    if (!session_print_table(session, patients_table(session, patients), err))
        return false;
    for (int i = 0; i < SERVICE_COUNT; i++)
        if (patients[i].status == NULL)
            show(session->out, "\n%s: %s\n", service_name((enum service)i),
                 session_pick(session, patients[i].err.text_sv, patients[i].err.text_en));
    return true;
}

/* A list with one entry a service: its status, or the error that came instead. */
static bool patients_print_json(const struct session *session, const struct patient *patients,
                                struct niva_error *err)
{
    const char *comma = "[\n";

    for (int i = 0; i < SERVICE_COUNT; i++) {
        fputs(comma, session->out);
        comma = ",\n";
        if (patients[i].status == NULL)
            fprintf(session->out, "{\"service\": \"%s\", \"ready\": false, \"error\": \"%s\"}\n",
                    service_name((enum service)i), niva_code_name((int)patients[i].err.code));
        else if (!session_print_json(session, &patients[i].status->base, err))
            return false;
    }
    fputs("]\n", session->out);
    return true;
}

int command_doctor(struct session *session, size_t count, const char *const *arguments)
{
    struct patient patients[SERVICE_COUNT];
    struct niva_error err;
    bool all_well = true;

    (void)count;
    (void)arguments;
    niva_error_clear(&err);
    for (int i = 0; i < SERVICE_COUNT; i++) {
        patient_ask(session, (enum service)i, &patients[i]);
        all_well = all_well && well(&patients[i]);
    }
    if (!session->placed)
        return session_fail(session, &patients[0].err);
    if (!(session->json ? patients_print_json(session, patients, &err)
                        : patients_print(session, patients, &err)))
        return session_fail(session, &err);
    return all_well ? EXIT_YES : EXIT_NO;
}
