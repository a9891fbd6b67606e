/* The columns of a file of reports: their names, a template of them, and where in a file a field of
 * a report comes from. */
#include <stdlib.h>
#include <string.h>

#include "services/common/sheets/template.h"
#include "services/intake/handlers.h"
#include "services/intake/import.h"

const struct niva_form_column import_columns[IMPORT_COLUMNS] = {
    [IMPORT_UNIT] = {"Enhet", "unit|hsa id|vårdcentral", true},
    [IMPORT_GROUP] = {"Yrkesgrupp", "profession group|group", true},
    [IMPORT_FROM] = {"Gäller från", "effective from", true},
    [IMPORT_POSITION] = {"Befattning", "position key|befattningsnyckel|position", true},
    [IMPORT_TITLE] = {"Titel", "title code|title|titelkod", true},
    [IMPORT_EMPLOYMENT] = {"Anställning", "employment|anställningsform", true},
    [IMPORT_FTE] = {"Sysselsättningsgrad", "fte", false},
    [IMPORT_FTE_MILLI] = {"fte_milli", "fte milli", false},
    [IMPORT_LICENSED] = {"Legitimation", "licensed|legitimerad", true},
    [IMPORT_FIRST] = {"Första dag", "first day", false},
    [IMPORT_LAST] = {"Sista dag", "last day", false},
    [IMPORT_REASON] = {"Orsak", "reason", false},
    [IMPORT_NOTE] = {"Anteckning", "resolution note|note", false},
    [IMPORT_CERTIFIER] = {"Intygad av", "certified by", false},
    [IMPORT_ROLE] = {"Roll", "role", false},
    [IMPORT_CORRECTS] = {"Rättar", "corrects report id|corrects", false},
    [IMPORT_RECEIVED] = {"Mottagen", "received at|received", false},
};

/* ---- the template ---- */

static const char *const import_notes[IMPORT_COLUMNS] = {
    [IMPORT_UNIT] = "Vårdcentralens HSA-id, t.ex. SE2321000016-A001.",
    [IMPORT_GROUP] = "Yrkesgruppen, t.ex. fysioterapeut.",
    [IMPORT_FROM] = "Sedan när bemanningen gäller: 2022-07-01.",
    [IMPORT_POSITION] = "Nyckeln, aldrig namn eller personnummer: ft-1. Ingen alls: ordet ingen.",
    [IMPORT_TITLE] = "HSA-kod för titeln, t.ex. FT.",
    [IMPORT_EMPLOYMENT] = "anställd, vikarie, inhyrd eller underleverantör.",
    [IMPORT_FTE] = "Måste anges. Andel av en heltid i uppdraget, före frånvaro: 0,75 eller 75 %.",
    [IMPORT_LICENSED] = "ja eller nej.",
    [IMPORT_FIRST] = "Befattningens första dag, om den inte gäller från början.",
    [IMPORT_LAST] = "Befattningens sista dag, om den är känd.",
    [IMPORT_REASON] = "nyanställning, slutat, ändrad grad, frånvaro, åter, vikarie eller annat.",
    [IMPORT_NOTE] = "Hur bemanningen löses. Aldrig namn, personnummer eller sjukdomsorsaker.",
    [IMPORT_CERTIFIER] = "HSA-id för den som intygar.",
    [IMPORT_ROLE] = "verksamhetschef eller ställföreträdare; måste anges när någon intygar.",
    [IMPORT_CORRECTS] = "Identiteten på den redovisning som den här rättar.",
    [IMPORT_RECEIVED] = "Dagen då redovisningen kom in, om den inte är dagens.",
};
static const struct niva_template reports_template = {"Redovisning", "redovisning-mall",
                                                      import_columns, IMPORT_COLUMNS, import_notes};

bool read_download_template(struct niva_read *read, const ProtobufCMessage *message,
                            ProtobufCMessage *reply, struct niva_error *err)
{
    const Niva__Intake__V1__DownloadTemplateRequest *request = (const void *)message;
    Niva__Intake__V1__DownloadTemplateResponse *response = (void *)reply;
    enum niva_sheet_format format = request->format == NIVA__COMMON__V1__TEMPLATE__FORMAT__CSV
                                        ? NIVA_SHEET_CSV
                                        : NIVA_SHEET_XLSX;

    return niva_template_make(&reports_template, format, read->arena, &response->template_, err);
}

/* ---- places ---- */

/* Fields and the columns they come from. */
static const struct {
    const char *field;
    enum import_column column;
} fields[] = {
    {"unit", IMPORT_UNIT},
    {"professionGroup", IMPORT_GROUP},
    {"effectiveFrom", IMPORT_FROM},
    {"positionKey", IMPORT_POSITION},
    {"titleCode", IMPORT_TITLE},
    {"employment", IMPORT_EMPLOYMENT},
    {"fteMilli", IMPORT_FTE},
    {"licensed", IMPORT_LICENSED},
    {"firstDay", IMPORT_FIRST},
    {"lastDay", IMPORT_LAST},
    {"reason", IMPORT_REASON},
    {"resolutionNote", IMPORT_NOTE},
    {"hsaId", IMPORT_CERTIFIER},
    {"role", IMPORT_ROLE},
    {"correctsReportId", IMPORT_CORRECTS},
    {"receivedAt", IMPORT_RECEIVED},
};

const char *import_column_name(const struct import *import, const char *path)
{
    const char *dot = strrchr(path, '.');
    const char *field = dot == NULL ? path : dot + 1;

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].field, field) == 0)
            return import->names[fields[i].column];
    return "";
}

/* The row that a path leads to: of a position, or the first one of the report. */
static int32_t row_of(const struct import_report *report, const char *path)
{
    static const char positions[] = "report.positions[";
    size_t index;

    if (strncmp(path, positions, strlen(positions)) != 0)
        return report->row;
    index = strtoul(path + strlen(positions), NULL, 10);
    return index < report->report->n_positions ? report->rows[index] : report->row;
}

void import_remark(const struct import *import, const struct import_report *report,
                   struct niva_remarks *remarks, const char *path, const char *code,
                   const char *text_sv, const char *text_en)
{
    niva_remark_text(remarks, row_of(report, path), import_column_name(import, path), code, text_sv,
                     text_en);
}
