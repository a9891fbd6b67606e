#include <stdlib.h>
#include <string.h>

#include "services/compliance/checks.h"

bool check_month(struct niva_check *check, const char *field, const char *value, bool required,
                 struct niva_span *ret_month)
{
    if (value[0] == '\0' && !required)
        return true;
    if (niva_month_parse(value, ret_month))
        return true;
    niva_check_fail(check, field, value[0] == '\0' ? "REQUIRED" : "MONTH_MALFORMED",
                    "Perioden ska vara en månad, ÅÅÅÅ-MM.", "The period must be a month, YYYY-MM.");
    return false;
}

static bool has_value(const pb_indicator *indicator)
{
    return indicator->value_case == NIVA__COMPLIANCE__V1__INDICATOR__VALUE_VALUE_MILLI;
}

void check_indicator(struct niva_check *check, const pb_indicator *indicator)
{
    struct niva_span month;
    niva_instant instant;
    niva_check_hsa_id(check, "unit", indicator->unit);
    niva_check_name_key(check, "profession_group", indicator->profession_group);
    niva_check_name_key(check, "code", indicator->code);
    check_month(check, "period", indicator->period, true, &month);
    if (indicator->withdrawn && has_value(indicator))
        niva_check_fail(check, "value_milli", "WITHDRAWN_WITH_VALUE",
                        "Ett mått som dras tillbaka har inget värde.",
                        "An indicator that is withdrawn has no value.");
    else if (!indicator->withdrawn && !has_value(indicator))
        niva_check_fail(check, "value_milli", "REQUIRED", "Värdet måste anges: tomt är inte noll.",
                        "The value must be given: absent is not zero.");
    else if (has_value(indicator))
        niva_check_range(check, "value_milli", indicator->value_milli, -VALUE_MILLI_MAX,
                         VALUE_MILLI_MAX);
    niva_check_line(check, "measure", indicator->measure, 1, 40);
    niva_check_line(check, "source", indicator->source, 1, 200);
    niva_check_timestamp(check, "received_at", indicator->received_at, &instant);
}

static int compare_identity(const pb_indicator *a, const pb_indicator *b)
{
    int order = strcmp(a->unit, b->unit);
    if (order == 0)
        order = strcmp(a->profession_group, b->profession_group);
    if (order == 0)
        order = strcmp(a->code, b->code);
    return order != 0 ? order : strcmp(a->period, b->period);
}

/* By identity, of equal ones in the order of the request. */
static int compare_indicators(const void *left, const void *right)
{
    pb_indicator *const *a = *(pb_indicator *const *const *)left;
    pb_indicator *const *b = *(pb_indicator *const *const *)right;
    int order = compare_identity(*a, *b);
    return order != 0 ? order : (a < b ? -1 : a > b);
}

static void check_unique(struct niva_check *check,
                         const Niva__Compliance__V1__PutIndicatorsRequest *put)
{
    pb_indicator *const *sorted[INDICATORS_MAX];
    for (size_t i = 0; i < put->n_indicators; i++)
        sorted[i] = &put->indicators[i];
    qsort(sorted, put->n_indicators, sizeof sorted[0], compare_indicators);
    for (size_t i = 1; i < put->n_indicators; i++) {
        if (compare_identity(*sorted[i], *sorted[i - 1]) != 0)
            continue;
        size_t mark = niva_check_enter(check, "indicators", sorted[i] - put->indicators);
        niva_check_fail(check, "period", "INDICATOR_TWICE",
                        "Enheten har redan det måttet för månaden i samma begäran.",
                        "The unit has that indicator of the month already in this request.");
        niva_check_leave(check, mark);
    }
}

bool check_put_indicators(const ProtobufCMessage *request, struct niva_error *err)
{
    const Niva__Compliance__V1__PutIndicatorsRequest *put = (const void *)request;
    struct niva_check check;
    niva_check_begin(&check, err);
    if (put->n_indicators < 1 || put->n_indicators > INDICATORS_MAX) {
        niva_check_fail(&check, "indicators", put->n_indicators < 1 ? "TOO_FEW" : "TOO_MANY",
                        "Det ska vara 1 till 2000 mått.", "There must be 1 to 2000 indicators.");
        return niva_check_end(&check);
    }
    for (size_t i = 0; i < put->n_indicators; i++) {
        size_t mark = niva_check_enter(&check, "indicators", (long)i);
        check_indicator(&check, put->indicators[i]);
        niva_check_leave(&check, mark);
    }
    check_unique(&check, put);
    return niva_check_end(&check);
}
