/* Imports the whole way: a file by nivactl to real processes. Whatever is wrong with it is told and
 * changes nothing; whatever is killed when, all of it is there or nothing. */
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "niva/intake/v1/report.pb-c.h"
#include "tests/support/process.h"
#include "tests/support/system.h"
#include "tests/support/xlsx_maker.h"

#define UNIT  "SE2321000016-I001"
#define OTHER "SE2321000016-I002"
#define GROUP "fysioterapeut"
#define HEAD                                                                                       \
    "Enhet;Yrkesgrupp;Gäller från;Befattning;Titel;Anställning;Sysselsättningsgrad;Legitimation\n"

enum { OUTPUT = 256 << 10, ARENA_BYTES = 256 << 20, HEADS = 256, PATH = 160 };

struct site {
    struct system *system;
    struct niva_arena *arena;
    char output[OUTPUT];
};

static void unit_tell(struct site *site, const char *unit)
{
    system_tell(site->system, site->arena, "niva.intake.v1.UnitService/PutUnit",
                "{'unit': {'hsaId': '%s', 'name': 'Vårdcentralen %s (fiktiv)', 'regionCode': '99',"
                " 'owners': [{'orgNumber': '2321000016', 'form': 'PRIVATE', 'firstDay':"
                " '2020-01-01'}], 'openedOn': '2020-01-01'}}",
                unit, unit);
}

static int open_site(void **state)
{
    struct site *site = calloc(1, sizeof *site);

    *state = site;
    if (site == NULL)
        return -1;
    site->system = system_new(true);
    site->arena = niva_arena_new(ARENA_BYTES);
    system_today(site->system, "2022-06-23");
    unit_tell(site, UNIT);
    unit_tell(site, OTHER);
    system_wait(site->system);
    return site->arena == NULL ? -1 : 0;
}

static int close_site(void **state)
{
    struct site *site = *state;

    system_free(site->system);
    niva_arena_free(site->arena);
    free(site);
    return 0;
}

/* Writes a file beside the sockets. */
static void file_write(const struct site *site, const char *name, const void *bytes, size_t size,
                       char ret_path[PATH])
{
    FILE *file;

    snprintf(ret_path, PATH, "%s/%s", system_directory(site->system), name);
    file = fopen(ret_path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* `nivactl import`, which must end with a code and leave the streams moved or not. */
static void import_run(struct site *site, const char *path, const char *option, int code,
                       bool recorded)
{
    const char *arguments[] = {"import", path, option, NULL};
    char before[HEADS];
    int actual;
    bool moved;

    system_wait(site->system);
    snprintf(before, HEADS, "%s", system_heads(site->system));
    actual = system_run(site->system, "services/nivactl/nivactl", arguments, site->output, OUTPUT);
    if (actual != code)
        fail_msg("%s: expected exit code %d, actual %d\n%s", path, code, actual, site->output);
    system_wait(site->system);
    moved = strcmp(system_heads(site->system), before) != 0;
    if (moved != recorded)
        fail_msg("%s: expected %s, actual %s after %s", path, recorded ? "news" : "no news", before,
                 system_heads(site->system));
}

static void text_import(struct site *site, const char *name, const char *text, const char *option,
                        int code, bool recorded)
{
    char path[PATH];

    file_write(site, name, text, strlen(text), path);
    import_run(site, path, option, code, recorded);
}

static void said(const struct site *site, const char *what)
{
    if (strstr(site->output, what) == NULL)
        fail_msg("expected \"%s\", actual:\n%s", what, site->output);
}

/* ---- what people see ---- */

static void a_file_is_imported_once(void **state)
{
    struct site *site = *state;
    static const char csv[] = HEAD UNIT ";" GROUP ";2022-07-01;ft-1;FT;anställd;75 %;ja\n" OTHER
                                        ";" GROUP ";2022-07-01;ft-1;FT;inhyrd;0,5;nej\n";

    text_import(site, "juli.csv", csv, "--dry-run", 0, false);
    said(site, "Provkörning: ingenting är sparat.");
    text_import(site, "juli.csv", csv, NULL, 0, true);
    said(site, "0,75");
    said(site, "inläst, allt är sparat, filen som inläsning ");
    text_import(site, "juli.csv", csv, NULL, 0, false);
    said(site, "Filen var redan inläst.");
    text_import(site, "juli-igen.csv", csv, NULL, 1, false);
    said(site, "Enheten har redan en likadan redovisning");
}

static void errors_are_told_in_swedish_by_row_and_column(void **state)
{
    struct site *site = *state;

    text_import(site, "fel.csv",
                HEAD UNIT ";" GROUP ";2022-08-01;ft-1;FT;anställd;;ja\n" UNIT ";" GROUP
                          ";2022-08-01;ft-1;FT;anställd;1;ja\n",
                NULL, 1, false);
    said(site, "Rad  Kolumn               Fel");
    said(site, "  2  Sysselsättningsgrad  Cellen är tom.");
    said(site, "filen är inte inläst, ingenting är sparat");
    text_import(site, "kolumn.csv", "Enhet;Färg\n", NULL, 1, false);
    said(site, "Kolumnen ”Färg” (B) är okänd.");
    said(site, "Kolumnen ”Gäller från” saknas.");
    text_import(site, "fel.csv", HEAD, "--output=json", 1, false);
    said(site, "\"code\": \"NO_ROWS\"");
}

static void listings_and_contracts_are_imported(void **state)
{
    struct site *site = *state;
    text_import(site, "listning.csv",
                "Enhet;Dag;Listade;Viktade\n" UNIT ";2022-05-31;8 123;\n" OTHER
                ";2022-05-31;7 000;7 123,5\n",
                "--kind=listings", 0, true);
    said(site, "8123  inte angivet");
    said(site, "7123,500");
    text_import(site, "listning-fel.csv", "Enhet;Dag;Listade\n" UNIT ";2022-05-31;\n",
                "--kind=listings", 1, false);
    said(site, "  2  Listade  Cellen är tom.");
    text_import(site, "avtal.csv",
                "Enhet;Yrkesgrupp;Gäller från;Miniminivå\n" UNIT ";" GROUP ";2022-01-01;2,80\n",
                "--kind=contracts", 0, true);
    said(site, "tills vidare");
    said(site, "2,80");
}

/* A template is what can be imported once somebody has filled it in; until then it has no rows. */
static void templates_can_be_filled_in(void **state)
{
    struct site *site = *state;
    static const struct {
        const char *kind;
        const char *format;
        const char *name;
    } templates[] = {
        {"reports", "xlsx", "redovisning-mall.xlsx"}, {"reports", "csv", "redovisning-mall.csv"},
        {"listings", "xlsx", "listning-mall.xlsx"},   {"listings", "csv", "listning-mall.csv"},
        {"contracts", "xlsx", "avtal-mall.xlsx"},     {"contracts", "csv", "avtal-mall.csv"},
    };

    assert_int_equal(chdir(system_directory(site->system)), 0);
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const char *arguments[] = {"import",   "template",          templates[i].kind,
                                   "--format", templates[i].format, NULL};
        const char *filled[] = {"import", templates[i].name, "--kind", templates[i].kind, NULL};

        assert_int_equal(
            system_run(site->system, "services/nivactl/nivactl", arguments, site->output, OUTPUT),
            0);
        said(site, templates[i].name);
        assert_int_equal(
            system_run(site->system, "services/nivactl/nivactl", arguments, site->output, OUTPUT),
            2);
        assert_int_equal(
            system_run(site->system, "services/nivactl/nivactl", filled, site->output, OUTPUT), 1);
        said(site, "Filen har bara rubriker.");
    }
    assert_int_equal(chdir("/"), 0);
}

/* ---- what nobody should send ---- */

static void send_refused(struct site *site, const void *bytes, size_t size, enum niva_code code,
                         const char *reason)
{
    Niva__Intake__V1__ImportReportsRequest request = NIVA__INTAKE__V1__IMPORT_REPORTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct niva_error err;

    request.content.data = (uint8_t *)(uintptr_t)bytes;
    request.content.len = size;
    if (system_send(site->system, "niva.intake.v1.ReportService/ImportReports", &request.base, NULL,
                    site->arena, &reply, &err))
        fail_msg("expected %s, actual OK", reason);
    assert_int_equal(err.code, code);
    if (*reason != '\0')
        assert_string_equal(err.violations[0].reason, reason);
}

static void what_is_too_large_is_refused_on_both_sides(void **state)
{
    struct site *site = *state;
    size_t size = (size_t)50 << 20;
    char *bytes = calloc(1, size);
    char path[PATH];

    assert_non_null(bytes);
    memset(bytes, 'x', size);
    file_write(site, "stor.csv", bytes, size, path);
    import_run(site, path, NULL, 2, false);
    said(site, "52428 kB; högst 15728 kB");
    send_refused(site, bytes, (15 << 20) + 1, NIVA_INVALID_ARGUMENT, "TOO_LARGE");
    send_refused(site, bytes, size, NIVA_RESOURCE_EXHAUSTED, "");
    free(bytes);
}

static void a_zip_bomb_is_refused_on_both_sides(void **state)
{
    struct site *site = *state;
    size_t size = (size_t)100 << 20;
    char *spaces = malloc(size + 1);
    struct niva_text made;
    char path[PATH];

    assert_non_null(spaces);
    memset(spaces, ' ', size);
    spaces[size] = '\0';
    made = xlsx_make(spaces, NULL, NULL);
    free(spaces);
    file_write(site, "bomb.xlsx", made.data, made.length, path);
    import_run(site, path, NULL, 1, false);
    said(site, "packar upp till orimligt mycket");
    send_refused(site, made.data, made.length, NIVA_INVALID_ARGUMENT, "TOO_LARGE");
    niva_text_free(&made);
}

/* ---- large files ---- */

/* So many reports of two positions, from a day on. */
static struct niva_text csv_make(niva_day first, int reports)
{
    struct niva_text csv = {0};

    niva_text_puts(&csv, HEAD);
    for (int i = 0; i < 2 * reports; i++) {
        char day[16];

        niva_day_format(first + i / 2, day);
        niva_text_printf(&csv, UNIT ";" GROUP ";%s;p%d;FT;anställd;0,75;ja\n", day, i % 2);
    }
    assert_false(csv.failed);
    return csv;
}

/* On a terminal: the bar is there, and is gone at the end. */
static void five_thousand_rows_show_a_bar(void **state)
{
    struct site *site = *state;
    struct niva_text csv = {0};
    const char *directory = system_directory(site->system);
    char path[PATH];
    size_t length = 0;
    ssize_t size;
    int terminal;
    int status;
    pid_t child;

    niva_text_puts(&csv, HEAD);
    for (int i = 0; i < 5000; i++) {
        char day[16];

        niva_day_format(niva_day_from_civil(2022, 7, 2) + i / 500, day);
        niva_text_printf(&csv, OTHER ";" GROUP ";%s;p%d;FT;anställd;0,75;ja\n", day, i % 500);
    }
    assert_false(csv.failed);
    file_write(site, "rader.csv", csv.data, csv.length, path);
    niva_text_free(&csv);
    child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        execl(BUILD_ROOT "/services/nivactl/nivactl", "nivactl", "import", path, "--run-dir",
              directory, (char *)NULL);
        _exit(127);
    }
    while (length < OUTPUT - 1 &&
           (size = read(terminal, site->output + length, OUTPUT - 1 - length)) > 0)
        length += (size_t)size;
    site->output[length] = '\0';
    close(terminal);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    said(site, "av 5\u00a0000 rader");
    said(site, "inläst, allt är sparat, filen som inläsning ");
}

static int reports_since(const struct site *site, const char *day)
{
    char sql[200];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM intake.fact WHERE kind = 'report' AND unit = '" UNIT
             "' AND first_day >= '%s'",
             day);
    return atoi(system_sql(site->system, sql));
}

/* Killed at some moment of an import, which may be before, in and after its transaction: all of its
 * reports are there or none, and asking again makes it all. */
static void killed_in_the_middle_all_or_nothing(void **state)
{
    struct site *site = *state;
    enum { REPORTS = 300, ROUNDS = 6 };

    for (int round = 0; round < ROUNDS; round++) {
        niva_day first = niva_day_from_civil(2030 + round, 1, 1);
        struct niva_text csv = csv_make(first, REPORTS);
        struct process *process;
        char path[PATH];
        char log[PATH];
        char name[32];
        char day[16];
        int found;

        niva_day_format(first, day);
        snprintf(name, sizeof name, "%d.csv", round);
        file_write(site, name, csv.data, csv.length, path);
        niva_text_free(&csv);
        snprintf(log, sizeof log, "%s/import.log", system_directory(site->system));
        const char *arguments[] = {
            BUILD_ROOT "/services/nivactl/nivactl", "import", path, "--run-dir",
            system_directory(site->system),         NULL};

        process = process_start(arguments, log);
        process_wait(process, 15 + 25 * round, NULL);
        system_kill(site->system, PART_INTAKE);
        found = reports_since(site, day);
        if (found != 0 && found != REPORTS)
            fail_msg("round %d: expected 0 or %d reports, actual %d", round, REPORTS, found);
        system_start(site->system, PART_INTAKE, NULL);
        process_wait(process, 30000, NULL);
        process_free(process);
        found = reports_since(site, day);
        if (found != 0 && found != REPORTS)
            fail_msg("round %d: expected 0 or %d reports, actual %d", round, REPORTS, found);
        import_run(site, path, NULL, 0, found == 0);
        assert_int_equal(reports_since(site, day), REPORTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_imported_once),
        cmocka_unit_test(errors_are_told_in_swedish_by_row_and_column),
        cmocka_unit_test(listings_and_contracts_are_imported),
        cmocka_unit_test(templates_can_be_filled_in),
        cmocka_unit_test(what_is_too_large_is_refused_on_both_sides),
        cmocka_unit_test(a_zip_bomb_is_refused_on_both_sides),
        cmocka_unit_test(five_thousand_rows_show_a_bar),
        cmocka_unit_test(killed_in_the_middle_all_or_nothing),
    };
    int failed = cmocka_run_group_tests(tests, open_site, close_site);

    return failed ? 1 : 0;
}
