/* Letters as PDF: finds the template and the region's own words, lets each kind gather its values,
 * and writes the file. */
#include "services/nivactl/letter.h"

#include <jansson.h>
#include <string.h>

#include "services/nivactl/commands.h"

struct letter_kind {
    const char *name;
    const struct niva_letter_name *names;
    bool (*gather)(struct letter *letter, const char *id, struct niva_error *err);
};

static const struct letter_kind kinds[] = {
    {"communication", communication_names, communication_gather},
    {"decision", decision_names, decision_gather},
    {"call", call_names, call_gather},
    {"receipt", receipt_names, receipt_gather},
};

static const struct letter_kind *kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

bool letter_refuse(struct niva_error *err, const char *text_sv, const char *text_en)
{
    return niva_fail(err, NIVA_FAILED_PRECONDITION, text_sv, text_en);
}

const char *letter_day(const struct letter *letter,
                       const struct Google__Protobuf__Timestamp *timestamp)
{
    niva_instant instant;
    char text[16];

    if (timestamp == NULL || !niva_wire_instant(timestamp, &instant))
        return "";
    niva_day_format(niva_local_day(instant), text);
    return niva_arena_strdup(letter->session->arena, text);
}

const char *letter_month(const struct letter *letter, niva_day day)
{
    static const char *const sv[] = {"januari",   "februari", "mars",     "april",
                                     "maj",       "juni",     "juli",     "augusti",
                                     "september", "oktober",  "november", "december"};
    static const char *const en[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
    int year;
    int month;
    int of_month;

    niva_day_to_civil(day, &year, &month, &of_month);
    return niva_arena_printf(letter->session->arena, "%s\u00a0%d",
                             session_pick(letter->session, sv[month - 1], en[month - 1]), year);
}

const char *letter_word(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *word = protobuf_c_enum_descriptor_get_value(type, value);

    return word == NULL || value == 0 ? "" : word->name;
}

bool rule_set_get(struct session *session, const char *rule_set_id, int32_t version,
                  const Niva__Compliance__V1__RuleSet **ret_rule_set, struct niva_error *err)
{
    Niva__Compliance__V1__GetRuleSetRequest request =
        NIVA__COMPLIANCE__V1__GET_RULE_SET_REQUEST__INIT;
    ProtobufCMessage *reply;

    request.rule_set_id = (char *)(uintptr_t)rule_set_id;
    request.version = version;
    if (!session_ask(session, "niva.compliance.v1.RuleService/GetRuleSet", &request.base, &reply,
                     err))
        return false;
    *ret_rule_set = ((Niva__Compliance__V1__GetRuleSetResponse *)reply)->rule_set;
    return *ret_rule_set != NULL || niva_fail_internal(err, "a reply without its rule set");
}

/* ---- whom it is from and to ---- */

/* --contact "name, telephone, e-mail" says it instead of the configuration. */
static void contact_put(struct letter *letter)
{
    const char *defaults[] = {letter->config.contact, letter->config.contact_phone,
                              letter->config.contact_email};
    static const char *const names[] = {"contact_name", "contact_phone", "contact_email"};
    const char *rest = letter->session->options.contact;

    for (size_t i = 0; i < 3; i++) {
        size_t length = i < 2 ? strcspn(rest, ",") : strlen(rest);

        niva_letter_put(letter->values, names[i],
                        length == 0 ? defaults[i]
                                    : niva_arena_copy(letter->session->arena, rest, length));
        rest += length;
        rest += strspn(rest, ", ");
    }
}

static void region_put(struct letter *letter)
{
    const struct letter_config *config = &letter->config;
    enum language language = letter->session->language;

    niva_letter_put(letter->values, "region_name", config->region_name);
    niva_letter_put(letter->values, "region_department", config->department[language]);
    niva_letter_put(letter->values, "region_section", config->section[language]);
    niva_letter_put(letter->values, "foot", config->foot);
    niva_letter_put(letter->values, "foot_more", config->foot_more);
    niva_letter_put(letter->values, "date", letter->today);
    niva_letter_put(letter->values, "case_number", letter->session->options.case_number);
    contact_put(letter);
}

void letter_owner(struct letter *letter, const char *org_number, Niva__Intake__V1__Owner__Form form)
{
    const char *number =
        strlen(org_number) == 10
            ? niva_arena_printf(letter->session->arena, "%.6s-%s", org_number, org_number + 6)
            : org_number;

    niva_letter_put(letter->values, "form",
                    letter_word(&niva__intake__v1__owner__form__descriptor, (int)form));
    niva_letter_put(letter->values, "owner_number", number);
    niva_letter_put(letter->values, "owner_words",
                    niva_arena_printf(letter->session->arena,
                                      session_pick(letter->session, "%s, org.nr %s",
                                                   "%s, organisation number %s"),
                                      words_value(letter->session->language, WORDS_FORM, (int)form),
                                      number == NULL ? "" : number));
}

/* The owner whose first day is the latest not after `day`; before the first one, the first. */
static const Niva__Intake__V1__Owner *owner_on(const Niva__Intake__V1__Unit *unit, const char *day)
{
    const Niva__Intake__V1__Owner *owner = NULL;

    for (size_t i = 0; i < unit->n_owners; i++)
        if (owner == NULL || strcmp(unit->owners[i]->first_day, day) <= 0)
            owner = unit->owners[i];
    return owner;
}

static bool region_foreign(const struct letter *letter, const Niva__Intake__V1__Unit *unit,
                           struct niva_error *err)
{
    char text_sv[160];
    char text_en[160];

    snprintf(text_sv, sizeof text_sv,
             "Vårdcentralen hör till region %.10s, men brevens inställningar är för region %.10s.",
             unit->region_code, letter->config.region);
    snprintf(text_en, sizeof text_en,
             "The unit is of region %.10s, but the settings of letters are for region %.10s.",
             unit->region_code, letter->config.region);
    return letter_refuse(err, text_sv, text_en);
}

bool letter_address(struct letter *letter, const char *hsa_id, const char *day,
                    struct niva_error *err)
{
    Niva__Intake__V1__GetUnitRequest request = NIVA__INTAKE__V1__GET_UNIT_REQUEST__INIT;
    const Niva__Intake__V1__Unit *unit;
    const Niva__Intake__V1__Owner *owner;
    ProtobufCMessage *reply;

    request.hsa_id = (char *)(uintptr_t)hsa_id;
    if (!session_ask(letter->session, "niva.intake.v1.UnitService/GetUnit", &request.base, &reply,
                     err))
        return false;
    unit = ((Niva__Intake__V1__GetUnitResponse *)reply)->unit;
    if (unit == NULL)
        return niva_fail_internal(err, "a reply without its unit");
    if (strcmp(unit->region_code, letter->config.region) != 0)
        return region_foreign(letter, unit, err);
    region_put(letter);
    niva_letter_put(letter->values, "unit_name", *unit->name != '\0' ? unit->name : unit->hsa_id);
    niva_letter_put(letter->values, "unit_id", unit->hsa_id);
    owner = owner_on(unit, day);
    if (owner != NULL)
        letter_owner(letter, owner->org_number, owner->form);
    return true;
}

/* ---- the file ---- */

static bool template_load(const struct letter *letter, const struct letter_kind *kind,
                          const struct niva_letter_template **ret_template, struct niva_error *err)
{
    struct niva_arena *arena = letter->session->arena;
    const char *path = niva_arena_printf(arena, "%s/%s.%s.txt", letter->config.templates,
                                         kind->name, session_pick(letter->session, "sv", "en"));
    const char *bytes;
    size_t size;

    if (path == NULL)
        return niva_fail_memory(err);
    return session_read_file(letter->session, path, arena, &bytes, &size, err) &&
           niva_letter_template_read(path, bytes, size, kind->names, arena, ret_template, err);
}

static bool gather(struct letter *letter, const struct letter_kind *kind, const char *id,
                   struct niva_error *err)
{
    letter->values = niva_letter_values_new(letter->session->arena, kind->names);
    if (!session_today(letter->session, &letter->today, err) || !kind->gather(letter, id, err))
        return false;
    if (letter->session->rehearsal)
        niva_letter_put(letter->values, "rehearsal", "YES");
    return true;
}

static bool file_fail(const char *path, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv, "Filen %.160s kunde inte skrivas.", path);
    snprintf(text_en, sizeof text_en, "File %.160s could not be written.", path);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

/* A letter that could not be written whole is none. */
static bool file_write(const struct session *session, const char *path,
                       const struct niva_text *bytes, struct niva_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? session->out : fopen(path, "we");
    bool written;

    if (file == NULL)
        return file_fail(path, err);
    written = fwrite(bytes->data, 1, bytes->length, file) == bytes->length && fflush(file) == 0;
    if (!standard) {
        written = fclose(file) == 0 && written;
        if (!written)
            remove(path);
    }
    return written || file_fail(path, err);
}

static bool written_say(struct session *session, const char *path, size_t size,
                        struct niva_error *err)
{
    if (strcmp(path, "-") == 0)
        return true;
    if (session->json) {
        json_t *json = json_pack("{s:s, s:I}", "file", path, "size", (json_int_t)size);
        char *text = json == NULL ? NULL : json_dumps(json, JSON_INDENT(2));
        bool said = text != NULL && fprintf(session->out, "%s\n", text) > 0;

        free(text);
        json_decref(json);
        return said || niva_fail_memory(err);
    }
    show(session->out,
         session_pick(session, "Brevet är skrivet: %s\n", "The letter is written: %s\n"), path);
    return true;
}

static bool letter_make(struct letter *letter, const struct letter_kind *kind, const char *id,
                        struct niva_error *err)
{
    struct session *session = letter->session;
    const struct niva_letter_template *letter_template;
    struct niva_text pdf = {0};
    const char *path = session->options.file;
    niva_day day;
    bool made;

    if (!letter_config_read(session, &letter->config, err) ||
        !template_load(letter, kind, &letter_template, err) || !gather(letter, kind, id, err))
        return false;
    if (!niva_day_parse(letter->today, &day))
        return niva_fail_internal(err, "today is no day");
    if (*path == '\0')
        path = niva_arena_printf(session->arena, "%s-%s.pdf", kind->name, id);
    if (path == NULL)
        return niva_fail_memory(err);
    made = niva_letter_write(letter_template, letter->values, day, session->arena, &pdf, err) &&
           file_write(session, path, &pdf, err) && written_say(session, path, pdf.length, err);
    niva_text_free(&pdf);
    return made;
}

int command_letter(struct session *session, size_t count, const char *const *arguments)
{
    const struct letter_kind *kind = kind_find(arguments[0]);
    struct letter letter = {.session = session};
    struct niva_error err;

    (void)count;
    niva_error_clear(&err);
    if (kind == NULL)
        return session_refuse(session, "Breven är communication, decision, call och receipt.",
                              "The letters are communication, decision, call and receipt.");
    if (strchr(arguments[1], '/') != NULL)
        return session_refuse(session, "Ett id har inga snedstreck.", "An id has no slashes.");
    return letter_make(&letter, kind, arguments[1], &err) ? EXIT_YES : session_fail(session, &err);
}
