#include "services/nivactl/units.h"

#include <string.h>

typedef Niva__Intake__V1__ListUnitsRequest ListUnitsRequest;
typedef Niva__Intake__V1__ListUnitsResponse ListUnitsResponse;
typedef Niva__Intake__V1__Unit Unit;

enum { PAGE = 1000 };

bool units_load(struct session *session, ListUnitsResponse **ret_units, struct niva_error *err)
{
    ListUnitsRequest request = NIVA__INTAKE__V1__LIST_UNITS_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.page_size = PAGE;
    if (!session_list(session, "niva.intake.v1.UnitService/ListUnits", &request.base, &reply, err))
        return false;
    *ret_units = (ListUnitsResponse *)reply;
    return true;
}

const char *unit_name(const ListUnitsResponse *units, const char *hsa_id)
{
    size_t low = 0;
    size_t high = units->n_units;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(units->units[middle]->hsa_id, hsa_id);

        if (order == 0)
            return units->units[middle]->name;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return hsa_id;
}

static bool unit_ambiguous(const char *text, const Unit *one, const Unit *other,
                           struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "”%.60s” passar flera: %.60s, %.60s; ange HSA-id.", text,
             one->name, other->name);
    snprintf(text_en, sizeof text_en, "\"%.60s\" fits several: %.60s, %.60s; give an HSA-id.", text,
             one->name, other->name);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

bool unit_find(struct session *session, const char *text, const char **ret_hsa_id,
               struct niva_error *err)
{
    ListUnitsResponse *units;
    const Unit *found = NULL;
    char text_sv[240];
    char text_en[240];

    if (*text == '\0' || niva_hsa_id_valid(text)) {
        *ret_hsa_id = text;
        return true;
    }
    if (!units_load(session, &units, err))
        return false;
    for (size_t i = 0; i < units->n_units; i++) {
        if (strstr(units->units[i]->name, text) == NULL)
            continue;
        if (found != NULL)
            return unit_ambiguous(text, found, units->units[i], err);
        found = units->units[i];
    }
    if (found != NULL) {
        *ret_hsa_id = found->hsa_id;
        return true;
    }
    snprintf(text_sv, sizeof text_sv, "Ingen vårdcentral heter något med ”%.80s”.", text);
    snprintf(text_en, sizeof text_en, "No unit has a name with \"%.80s\".", text);
    return niva_fail(err, NIVA_NOT_FOUND, text_sv, text_en);
}
