/* The export of a settlement: which lines, in which booking month, by which accounts, and the
 * files.
 */
#include <stdio.h>
#include <string.h>

#include "niva/compensation/v1/events.pb-c.h"
#include "services/common/wire/wire.h"
#include "services/compensation/settle.h"

typedef Niva__Compensation__V1__Adjustment Adjustment;
typedef Niva__Compensation__V1__Adjustment__Channel Channel;
typedef Niva__Compensation__V1__ExportSettlementRequest ExportSettlementRequest;
typedef Niva__Compensation__V1__Settlement Settlement;
typedef Niva__Compensation__V1__Settlement__File File;
typedef Niva__Compensation__V1__SettlementConfig SettlementConfig;
typedef Niva__Compensation__V1__SettlementConfig__Accounts Accounts;

/* An export that is to be made. */
struct exporting {
    struct niva_batch *batch;
    struct sheet *sheet;
    struct settling *settling;
    const struct niva_item *item;
    const ExportSettlementRequest *request;
    struct niva_span month;
    const SettlementConfig *config;
    Settlement *body;
    struct settlement settlement;
};

static bool month_check(const struct exporting *exporting, struct niva_error *err)
{
    const char *period = exporting->request->period;
    const struct settlement_row *living = exporting->settling->living;

    /* NIVA_DAY_NONE is before every day. */
    if (exporting->sheet->today < exporting->month.from)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, period, "MONTH_NOT_BEGUN",
                           "Bokföringsmånaden %s har inte börjat. Välj en månad som har det.",
                           "The booking month %s has not begun. Choose one that has.", period);
    if (living != NULL)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, period, "LATER_MONTH_SETTLED",
                           "Bokföringsmånaden %s ligger före en avräknad månad, %s. Det som "
                           "beslutas nu hör till månaderna efter den.",
                           "The booking month %s is before a settled one, %s. What is decided now "
                           "belongs to the months after that.",
                           period, living->body->period);
    return true;
}

static bool lines_check(const struct exporting *exporting, struct niva_error *err)
{
    const ExportSettlementRequest *request = exporting->request;
    const struct settling *settling = exporting->settling;

    if (settling->waiting_count == 0)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, request->period, "NOTHING_TO_SETTLE",
                           "Region %s har till och med %s ingen beslutad reglering som inte redan "
                           "är överförd. En beslutsfattare beslutar.",
                           "Region %s has up to %s no decided adjustment that was not handed over "
                           "already. A decider decides.",
                           request->region_code, request->period);
    if (settling->waiting_count > SETTLEMENT_LINES_MAX)
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, request->period, "TOO_MANY_LINES",
            "Till och med %s väntar %zu regleringar; en avräkning rymmer %d. Avräkna "
            "en tidigare bokföringsmånad först.",
            "Up to %s %zu adjustments wait; a settlement holds %d. Settle an earlier "
            "booking month first.",
            request->period, settling->waiting_count, SETTLEMENT_LINES_MAX);
    return true;
}

static bool config_choose(struct exporting *exporting, struct niva_error *err)
{
    const char *region = exporting->request->region_code;

    exporting->config = exporting->settling->config;
    if (exporting->config == NULL && niva_batch_rehearsal(exporting->batch)) {
        exporting->config = settlement_config_fictive(region, exporting->sheet->arena);
        return exporting->config != NULL || niva_fail_memory(err);
    }
    if (exporting->config == NULL)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, region, "CONFIG_MISSING",
                           "Region %s har inga konton att bokföra på. En ekonom anger dem med "
                           "PutSettlementConfig.",
                           "Region %s has no accounts to book on. An economist registers them by "
                           "PutSettlementConfig.",
                           region);
    return true;
}

/* The accounts of a channel, as the files are to name them. */
static const Accounts *accounts_find(const SettlementConfig *config, Channel channel)
{
    for (size_t i = 0; i < config->n_accounts; i++)
        if (config->accounts[i]->channel == channel)
            return config->accounts[i];
    return NULL;
}

/* A waiting line as it is settled. */
static bool line_settle(struct exporting *exporting, const struct settling_line *waiting,
                        struct settled_line *ret_line, struct niva_error *err)
{
    const ProtobufCEnumDescriptor *channels =
        &niva__compensation__v1__adjustment__channel__descriptor;
    Adjustment *line = settlement_line(waiting->row, exporting->sheet->arena);
    const Accounts *accounts;

    if (line == NULL)
        return niva_fail_memory(err);
    line->channel =
        settlement_channel(line, waiting->closed_on, exporting->month.from, exporting->config);
    line->settlement_id = exporting->body->settlement_id;
    accounts = accounts_find(exporting->config, line->channel);
    if (accounts == NULL)
        return niva_refuse(
            err, NIVA_FAILED_PRECONDITION, line->adjustment_id, "CHANNEL_WITHOUT_ACCOUNTS",
            "Regleringen %s överförs som %s, som regionen inte har några konton för. En ekonom "
            "anger dem med PutSettlementConfig.",
            "Adjustment %s is settled as %s, for which the region has no accounts. An economist "
            "registers them by PutSettlementConfig.",
            line->adjustment_id,
            protobuf_c_enum_descriptor_get_value(channels, (int)line->channel)->name);
    if (line->deduction_ore >= SETTLEMENT_ORE_MAX || line->deduction_ore <= -SETTLEMENT_ORE_MAX)
        return niva_refuse(err, NIVA_FAILED_PRECONDITION, line->adjustment_id, "AMOUNT_TOO_LARGE",
                           "Regleringen %s är större än filerna kan skriva.",
                           "Adjustment %s is larger than the files can say.", line->adjustment_id);
    if (!settlement_step(exporting->batch, exporting->item, waiting->row, LINE_EXPORT, line, err))
        return false;
    *ret_line = (struct settled_line){
        .adjustment = line,
        .accounts = accounts,
        .explanation_count = waiting->explanation_count,
        .explanation = waiting->explanation,
    };
    return true;
}

static bool lines_settle(struct exporting *exporting, struct niva_error *err)
{
    const struct settling *settling = exporting->settling;
    struct niva_arena *arena = exporting->sheet->arena;
    struct settled_line *lines = niva_arena_array(arena, settling->waiting_count, sizeof *lines);
    char **ids = niva_arena_array(arena, settling->waiting_count, sizeof *ids);

    if (lines == NULL || ids == NULL)
        return niva_fail_memory(err);
    for (size_t i = 0; i < settling->waiting_count; i++) {
        if (!line_settle(exporting, &settling->waiting[i], &lines[i], err))
            return false;
        ids[i] = lines[i].adjustment->adjustment_id;
    }
    exporting->settlement.lines = lines;
    exporting->settlement.line_count = settling->waiting_count;
    exporting->body->adjustment_ids = ids;
    exporting->body->n_adjustment_ids = settling->waiting_count;
    exporting->body->sum_ore = settlement_sum(&exporting->settlement);
    return true;
}

/* What of the settlement is known before its lines. */
static bool body_begin(struct exporting *exporting, struct niva_uuid id, struct niva_error *err)
{
    struct niva_arena *arena = exporting->sheet->arena;
    niva_day last = exporting->month.until - 1;
    niva_day booking_day = last < exporting->sheet->today ? last : exporting->sheet->today;
    Settlement *body = niva_wire_new(&niva__compensation__v1__settlement__descriptor, arena);
    char *text = niva_arena_alloc(arena, 37);
    char day[16];

    if (body == NULL || text == NULL)
        return niva_fail_memory(err);
    niva_uuid_format(id, text);
    niva_day_format(booking_day, day);
    body->settlement_id = text;
    body->region_code = exporting->request->region_code;
    body->period = exporting->request->period;
    body->state = NIVA__COMPENSATION__V1__SETTLEMENT__STATE__EXPORTED;
    body->booking_day = niva_arena_strdup(arena, day);
    body->config_version = exporting->config->version;
    body->exported_at = body->recorded_at =
        niva_wire_timestamp(exporting->item->recorded_at, arena);
    body->exported_by = body->recorded_by = (char *)(uintptr_t)exporting->item->principal;
    body->version = 1;
    exporting->body = body;
    exporting->settlement = (struct settlement){
        .settlement_id = text,
        .region_code = body->region_code,
        .period = body->period,
        .booking_day = booking_day,
        .today = exporting->sheet->today,
        .exported_at = exporting->item->recorded_at,
        .config = exporting->config,
    };
    return (body->booking_day != NULL && body->exported_at != NULL) || niva_fail_memory(err);
}

/* What is said of a file; its bytes are kept beside. NULL when the arena is out. */
static File *file_describe(const struct exporting *exporting, const struct settlement_kind *kind,
                           const uint8_t digest[SETTLEMENT_DIGEST_SIZE], size_t size)
{
    struct niva_arena *arena = exporting->sheet->arena;
    File *file = niva_wire_new(&niva__compensation__v1__settlement__file__descriptor, arena);
    char *hex = niva_arena_alloc(arena, 2 * SETTLEMENT_DIGEST_SIZE + 1);
    const Settlement *body = exporting->body;

    if (file == NULL || hex == NULL)
        return NULL;
    niva_hex(digest, SETTLEMENT_DIGEST_SIZE, hex);
    file->format = kind->format;
    /* Two settlements of a month, one of them voided, have two names. */
    file->file_name = niva_arena_printf(arena, "niva-%s-%s-%s.%s", body->region_code, body->period,
                                        body->settlement_id + 24, kind->suffix);
    file->media_type = niva_arena_strdup(arena, kind->media_type);
    file->size = (int64_t)size;
    file->sha256 = hex;
    return file->file_name != NULL && file->media_type != NULL ? file : NULL;
}

static bool file_make(struct exporting *exporting, size_t index, struct niva_error *err)
{
    const struct settlement_kind *kind = &settlement_kinds[index];
    struct settling *settling = exporting->settling;
    ProtobufCBinaryData *content = &settling->files[index];
    struct niva_text text = {0};
    bool made = kind->write(&exporting->settlement, &text, err);

    if (made && text.length > SETTLEMENT_FILE_MAX)
        made =
            niva_refuse(err, NIVA_FAILED_PRECONDITION, exporting->request->period, "FILE_TOO_LARGE",
                        "Filen .%s blir %zu byte, mer än %d. Avräkna en tidigare "
                        "bokföringsmånad först.",
                        "The file .%s would have %zu bytes, more than %d. Settle an earlier "
                        "booking month first.",
                        kind->suffix, text.length, SETTLEMENT_FILE_MAX);
    if (made) {
        content->data = (uint8_t *)niva_arena_copy(exporting->sheet->arena, text.data, text.length);
        content->len = text.length;
        made = content->data != NULL || niva_fail_memory(err);
    }
    niva_text_free(&text);
    if (!made || !settlement_digest(*content, settling->digests[index], err))
        return false;
    exporting->body->files[index] =
        file_describe(exporting, kind, settling->digests[index], content->len);
    return exporting->body->files[index] != NULL || niva_fail_memory(err);
}

static bool files_make(struct exporting *exporting, struct niva_error *err)
{
    exporting->body->files =
        niva_arena_array(exporting->sheet->arena, SETTLEMENT_KINDS, sizeof *exporting->body->files);
    if (exporting->body->files == NULL)
        return niva_fail_memory(err);
    exporting->body->n_files = SETTLEMENT_KINDS;
    for (size_t i = 0; i < SETTLEMENT_KINDS; i++)
        if (!file_make(exporting, i, err))
            return false;
    return true;
}

static bool export_make(struct exporting *exporting, struct niva_error *err)
{
    struct niva_uuid id = niva_uuid_v7(exporting->item->recorded_at);

    if (!month_check(exporting, err) || !lines_check(exporting, err) ||
        !config_choose(exporting, err) || !body_begin(exporting, id, err) ||
        !lines_settle(exporting, err) || !files_make(exporting, err))
        return false;
    exporting->settling->exported = true;
    return settlement_keep(exporting->batch, exporting->item, id, exporting->body, err) &&
           settlement_tell(exporting->batch, EVENT_SETTLEMENT_EXPORTED,
                           &niva__compensation__v1__settlement_exported__descriptor,
                           exporting->body, err);
}

/* The file of the format that was made now. */
static ProtobufCBinaryData content_made(const struct settling *settling,
                                        Niva__Compensation__V1__Settlement__Format format)
{
    for (size_t i = 0; i < SETTLEMENT_KINDS; i++)
        if (settlement_kinds[i].format == format)
            return settling->files[i];
    return (ProtobufCBinaryData){0};
}

bool settlement_export(struct niva_batch *batch, struct niva_item *item, struct niva_error *err)
{
    struct sheet *sheet = niva_batch_state(batch);
    struct settling *settling = sheet->settling;
    struct exporting exporting = {.batch = batch,
                                  .sheet = sheet,
                                  .settling = settling,
                                  .item = item,
                                  .request = (const ExportSettlementRequest *)item->request};
    Niva__Compensation__V1__ExportSettlementResponse *reply = niva_wire_new(
        &niva__compensation__v1__export_settlement_response__descriptor, sheet->arena);

    if (reply == NULL)
        return niva_fail_memory(err);
    if (!niva_month_parse(exporting.request->period, &exporting.month))
        return niva_fail_internal(err, "a month that was not checked");
    if (settling->living != NULL && settling->living->period == exporting.month.from) {
        reply->exported_before = true;
        reply->settlement = settlement_with_file(settling->living->body, exporting.request->format,
                                                 settling->content, sheet->arena);
    } else {
        if (!export_make(&exporting, err))
            return false;
        reply->settlement =
            settlement_with_file(exporting.body, exporting.request->format,
                                 content_made(settling, exporting.request->format), sheet->arena);
    }
    item->reply = &reply->base;
    return reply->settlement != NULL || niva_fail_memory(err);
}
