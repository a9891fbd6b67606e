/* Hands decided lines over to the ledger, as files; takes a settlement back, says that it is
 * booked, lists them and fetches their files. */
#include <string.h>

#include "niva/compensation/v1/settlement.pb-c.h"
#include "services/common/base/clock.h"
#include "services/nivactl/cells.h"
#include "services/nivactl/commands.h"
#include "services/nivactl/request.h"

typedef Niva__Compensation__V1__ExportSettlementResponse ExportSettlementResponse;
typedef Niva__Compensation__V1__GetSettlementResponse GetSettlementResponse;
typedef Niva__Compensation__V1__ListSettlementsResponse ListSettlementsResponse;
typedef Niva__Compensation__V1__Settlement Settlement;

#define SETTLEMENT_SERVICE "niva.compensation.v1.SettlementService/"

enum { PAGE = 1000 };

static Niva__Compensation__V1__Settlement__Format format_chosen(const struct session *session)
{
    if (strcmp(session->options.format, "csv") == 0)
        return NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__CSV;
    if (strcmp(session->options.format, "xlsx") == 0)
        return NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__XLSX;
    return NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__SIE4I;
}

/* A change: the request gets an id, is sent, and its reply printed when JSON is wanted. */
static bool change(struct session *session, const char *method, ProtobufCMessage *request,
                   ProtobufCMessage **ret_reply, struct niva_error *err)
{
    return request_give_id(request, niva_uuid_v7(niva_clock_now()), session->arena, err) &&
           session_ask(session, method, request, ret_reply, err) &&
           (!session->json || session_print_json(session, *ret_reply, err));
}

/* ---- files ---- */

static bool file_fail(const char *path, struct niva_error *err)
{
    return niva_refuse(err, NIVA_INVALID_ARGUMENT, path, "FILE", "Filen %s kunde inte skrivas.",
                       "The file %s could not be written.", path);
}

/* Writes the content to a path, by default its own name here, "-" for the output. */
static bool file_write(struct session *session, const Settlement *settlement, const char *path,
                       struct niva_error *err)
{
    bool standard = path != NULL && strcmp(path, "-") == 0;
    FILE *file;
    bool written;

    path = path != NULL ? path : settlement->file_name;
    file = standard ? session->out : fopen(path, "wb");
    if (file == NULL)
        return file_fail(path, err);
    written = fwrite(settlement->content.data, 1, settlement->content.len, file) ==
              settlement->content.len;
    if (standard ? fflush(file) != 0 : fclose(file) != 0)
        written = false;
    if (!written)
        return file_fail(path, err);
    if (!standard)
        show(session->out,
             session_pick(session, "Fil: %s\nSHA-256: %s\n", "File: %s\nSHA-256: %s\n"), path,
             settlement->sha256);
    return true;
}

/* ---- what is said ---- */

static const char *state_word(const struct session *session, const Settlement *settlement)
{
    return words_value(session->language, WORDS_SETTLEMENT_STATE, (int)settlement->state);
}

static void settlement_say(const struct session *session, const Settlement *settlement)
{
    show(session->out,
         session_pick(session, "Bokföringsmånad %s, region %s: %zu regleringar, %s, %s\n%s %s\n",
                      "Booking month %s, region %s: %zu adjustments, %s, %s\n%s %s\n"),
         settlement->period, settlement->region_code, settlement->n_adjustment_ids,
         cell_kronor(session, settlement->sum_ore), state_word(session, settlement),
         session_pick(session, "Avräkning", "Settlement"), settlement->settlement_id);
}

static const struct table *settlements_table(const struct session *session,
                                             const ListSettlementsResponse *list)
{
    static const struct column sv[] = {
        {"Bokföringsmånad", false}, {"Region", false},        {"Läge", false},
        {"Regleringar", true},      {"Summa", true},          {"Bokföringsdag", false},
        {"Verifikation", false},    {"Avräknings-id", false},
    };
    static const struct column en[] = {
        {"Booking month", false},
        {"Region", false},
        {"State", false},
        {"Adjustments", true},
        {"Sum", true},
        {"Booking day", false},
        {"Voucher", false},
        {"Settlement id", false},
    };
    struct table *table =
        table_new(session->arena, sizeof sv / sizeof *sv, session->language == ENGLISH ? en : sv);

    for (size_t i = 0; i < list->n_settlements; i++) {
        const Settlement *settlement = list->settlements[i];
        const char *cells[] = {
            settlement->period,
            settlement->region_code,
            state_word(session, settlement),
            cell_integer(session, (int64_t)settlement->n_adjustment_ids),
            cell_kronor(session, settlement->sum_ore),
            settlement->booking_day,
            settlement->voucher_number,
            settlement->settlement_id,
        };

        table_row(table, cells);
    }
    return table;
}

/* ---- commands ---- */

static bool settle_export(struct session *session, size_t count, const char *const *arguments,
                          struct niva_error *err)
{
    Niva__Compensation__V1__ExportSettlementRequest request =
        NIVA__COMPENSATION__V1__EXPORT_SETTLEMENT_REQUEST__INIT;
    const ExportSettlementResponse *response;
    ProtobufCMessage *reply;

    request.region_code = (char *)(uintptr_t)session->options.region;
    request.period = (char *)(uintptr_t)arguments[0];
    request.format = format_chosen(session);
    if (!change(session, SETTLEMENT_SERVICE "ExportSettlement", &request.base, &reply, err))
        return false;
    if (session->json)
        return true;
    response = (const ExportSettlementResponse *)reply;
    if (count == 1 || strcmp(arguments[1], "-") != 0) {
        settlement_say(session, response->settlement);
        if (response->exported_before)
            fputs(session_pick(session, "Månaden var redan avräknad: det här är samma fil.\n",
                               "The month was settled before: this is the same file.\n"),
                  session->out);
    }
    return file_write(session, response->settlement, count > 1 ? arguments[1] : NULL, err);
}

static bool settle_get(struct session *session, size_t count, const char *const *arguments,
                       struct niva_error *err)
{
    Niva__Compensation__V1__GetSettlementRequest request =
        NIVA__COMPENSATION__V1__GET_SETTLEMENT_REQUEST__INIT;
    const Settlement *settlement;
    ProtobufCMessage *reply;

    request.settlement_id = (char *)(uintptr_t)arguments[0];
    request.format = format_chosen(session);
    if (!session_known_at(session, &request.known_at, err) ||
        !session_ask(session, SETTLEMENT_SERVICE "GetSettlement", &request.base, &reply, err))
        return false;
    if (session->json)
        return session_print_json(session, reply, err);
    settlement = ((const GetSettlementResponse *)reply)->settlement;
    if (count == 1 || strcmp(arguments[1], "-") != 0) {
        settlement_say(session, settlement);
        if (*settlement->void_reason != '\0')
            show(session->out, session_pick(session, "Återtagen: %s\n", "Voided: %s\n"),
                 settlement->void_reason);
    }
    return file_write(session, settlement, count > 1 ? arguments[1] : NULL, err);
}

static bool settle_list(struct session *session, size_t count, const char *const *arguments,
                        struct niva_error *err)
{
    Niva__Compensation__V1__ListSettlementsRequest request =
        NIVA__COMPENSATION__V1__LIST_SETTLEMENTS_REQUEST__INIT;
    const ListSettlementsResponse *list;
    ProtobufCMessage *reply;

    request.region_code = (char *)(uintptr_t)session->options.region;
    if (count > 0)
        request.period = (char *)(uintptr_t)arguments[0];
    request.page_size = PAGE;
    if (!session_known_at(session, &request.known_at, err) ||
        !session_list(session, SETTLEMENT_SERVICE "ListSettlements", &request.base, &reply, err))
        return false;
    if (session->json)
        return session_print_json(session, reply, err);
    list = (const ListSettlementsResponse *)reply;
    if (!session_say_rehearsal(session, err))
        return false;
    if (list->n_settlements > 0)
        return session_print_table(session, settlements_table(session, list), err);
    fputs(session_pick(session, "Inget är överfört till ekonomi.\n",
                       "Nothing was handed over to the ledger.\n"),
          session->out);
    return true;
}

static bool settle_void(struct session *session, size_t count, const char *const *arguments,
                        struct niva_error *err)
{
    Niva__Compensation__V1__VoidSettlementRequest request =
        NIVA__COMPENSATION__V1__VOID_SETTLEMENT_REQUEST__INIT;
    ProtobufCMessage *reply;

    (void)count;
    request.settlement_id = (char *)(uintptr_t)arguments[0];
    request.reason = (char *)(uintptr_t)arguments[1];
    if (!change(session, SETTLEMENT_SERVICE "VoidSettlement", &request.base, &reply, err))
        return false;
    if (!session->json)
        settlement_say(session,
                       ((Niva__Compensation__V1__VoidSettlementResponse *)reply)->settlement);
    return true;
}

static bool settle_book(struct session *session, size_t count, const char *const *arguments,
                        struct niva_error *err)
{
    Niva__Compensation__V1__ConfirmBookingRequest request =
        NIVA__COMPENSATION__V1__CONFIRM_BOOKING_REQUEST__INIT;
    ProtobufCMessage *reply;

    (void)count;
    request.settlement_id = (char *)(uintptr_t)arguments[0];
    request.voucher_number = (char *)(uintptr_t)arguments[1];
    if (!change(session, SETTLEMENT_SERVICE "ConfirmBooking", &request.base, &reply, err))
        return false;
    if (!session->json)
        settlement_say(session,
                       ((Niva__Compensation__V1__ConfirmBookingResponse *)reply)->settlement);
    return true;
}

static const struct {
    const char *name;
    size_t least; /* arguments behind the name */
    size_t most;
    bool region; /* needs --region */
    bool (*run)(struct session *session, size_t count, const char *const *arguments,
                struct niva_error *err);
} verbs[] = {
    {"export", 1, 2, true, settle_export}, {"get", 1, 2, false, settle_get},
    {"list", 0, 1, false, settle_list},    {"void", 2, 2, false, settle_void},
    {"book", 2, 2, false, settle_book},
};

int command_settle(struct session *session, size_t count, const char *const *arguments)
{
    struct niva_error err;

    niva_error_clear(&err);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, arguments[0]) != 0 || count - 1 < verbs[i].least ||
            count - 1 > verbs[i].most)
            continue;
        if (verbs[i].region && *session->options.region == '\0')
            return session_refuse(session, "Ange --region, två siffror.",
                                  "Say --region, two digits.");
        return verbs[i].run(session, count - 1, arguments + 1, &err) ? EXIT_YES
                                                                     : session_fail(session, &err);
    }
    return session_refuse(session,
                          "Användning: nivactl settle export MÅNAD [FIL], get ID [FIL], "
                          "list [MÅNAD], void ID SKÄL eller book ID VERIFIKATIONSNUMMER",
                          "Usage: nivactl settle export MONTH [FILE], get ID [FILE], "
                          "list [MONTH], void ID REASON or book ID VOUCHER_NUMBER");
}
