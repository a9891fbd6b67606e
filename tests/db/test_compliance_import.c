/* Listings and contracts from files: all rows or none, what is wrong by row and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "services/common/wire/wire.h"
#include "services/compliance/import.h"
#include "tests/support/office.h"
#include "tests/support/xlsx_maker.h"

#define UNIT  "SE2321000016-IMP1"
#define OTHER "SE2321000016-IMP2"

typedef Niva__Compliance__V1__ImportListingsResponse Listings;
typedef Niva__Compliance__V1__ImportContractsResponse Contracts;

static struct cluster *cluster;
static const char *database;
static struct office office;

static int open_office(void **state)
{
    (void)state;
    database = office_database(cluster);
    office_open(&office, cluster, database, "2022-06-23T08:00:00Z");
    return 0;
}

static int close_office(void **state)
{
    (void)state;
    office_close(&office);
    return 0;
}

static int64_t positions(void)
{
    return office_count(cluster, database, "SELECT position + fact_no FROM compliance.stream_head");
}

/* Sends a file; NULL with err. */
static const void *import(const char *method, const void *bytes, size_t size, const char *more,
                          struct niva_error *err)
{
    static char json[2 << 20];
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    size_t length = (size_t)snprintf(json, sizeof json, "{%s \"content\": \"", more);

    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = (uint32_t)in[i] << 16 | (i + 1 < size ? (uint32_t)in[i + 1] << 8 : 0) |
                         (i + 2 < size ? in[i + 2] : 0);
        json[length++] = digits[group >> 18];
        json[length++] = digits[group >> 12 & 63];
        json[length++] = i + 1 < size ? digits[group >> 6 & 63] : '=';
        json[length++] = i + 2 < size ? digits[group & 63] : '=';
    }
    snprintf(json + length, sizeof json - length, "\"}");
    return office_call(&office, method, json, err);
}

static const void *text_import(const char *method, const char *text, const char *more)
{
    struct niva_error err;
    const void *reply = import(method, text, strlen(text), more, &err);
    if (reply == NULL)
        fail_msg("%s: %s", err.violation_count > 0 ? err.violations[0].reason : "", err.text_en);
    return reply;
}

static void errors_expect(Niva__Common__V1__RowMessage *const *errors, size_t count,
                          const char *expected)
{
    char text[2048] = "";
    size_t length = 0;

    for (size_t i = 0; i < count && length < sizeof text; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%d %s %s;",
                                   (int)errors[i]->row, errors[i]->column, errors[i]->code);
    assert_string_equal(text, expected);
}

static void listings_wrong(const char *text, const char *expected)
{
    int64_t before = positions();
    const Listings *reply = text_import("ImportListings", text, "");
    errors_expect(reply->row_errors, reply->n_row_errors, expected);
    assert_int_equal(reply->n_listings, 0);
    assert_int_equal(positions(), before);
}

static void contracts_wrong(const char *text, const char *expected)
{
    int64_t before = positions();
    const Contracts *reply = text_import("ImportContracts", text, "");
    errors_expect(reply->row_errors, reply->n_row_errors, expected);
    assert_int_equal(reply->n_contracts, 0);
    assert_int_equal(positions(), before);
}

/* ---- listings ---- */

static void listings_are_imported(void **state)
{
    (void)state;
    const Listings *reply = text_import("ImportListings",
                                        "\xef\xbb\xbf"
                                        "Enhet;Dag;Listade;Viktade\r\n" UNIT
                                        ";2022-05-31;8 123;8 456,789\r\n" OTHER ";20220531;0;\r\n",
                                        "\"mediaType\": \"text/csv\", \"fileName\": \"maj.csv\",");
    const Niva__Compliance__V1__ListListingsResponse *list;

    assert_int_equal(reply->n_row_errors, 0);
    assert_int_equal(reply->rows_read, 2);
    assert_int_equal(reply->n_listings, 2);
    assert_int_equal(reply->listings[0]->listed, 8123);
    assert_int_equal(reply->listings[0]->weighted_milli, 8456789);
    assert_int_equal(reply->listings[1]->weighted_case,
                     NIVA__COMPLIANCE__V1__LISTING__WEIGHTED__NOT_SET);
    list = office_see(&office, "ListListings", "{}");
    assert_int_equal(list->n_listings, 2);
    assert_int_equal(list->listings[0]->listed, 8123);
    assert_int_equal(list->listings[1]->listed, 0);
    assert_int_equal(list->listings[1]->weighted_case,
                     NIVA__COMPLIANCE__V1__LISTING__WEIGHTED__NOT_SET);
}

static void wrong_listings_are_told_by_row_and_column(void **state)
{
    (void)state;
    listings_wrong("Enhet;Dag;Antal\n", "1 Antal COLUMN_UNKNOWN;1 Listade COLUMN_MISSING;");
    listings_wrong("Enhet;Dag;Listade\n" UNIT ";2022-05-31;\n", "2 Listade CELL_BLANK;");
    listings_wrong("Enhet;Dag;Listade\n" UNIT ";2022-05-31;1\n" OTHER ";2022-05-31;1\n" UNIT
                   ";2022/05/31;2\n",
                   "4 Dag ROW_TWICE;");
    listings_wrong("Enhet;Dag;Listade;Viktade\nx;2022-02-30;1,5;1,2345\n",
                   "2 Dag DAY_MALFORMED;2 Listade NUMBER_INEXACT;2 Viktade NUMBER_INEXACT;");
    listings_wrong("Enhet;Dag;Listade\nx;2022-05-31;-5\n",
                   "2 Enhet HSA_ID_MALFORMED;2 Listade NUMBER_OUT_OF_RANGE;");
    listings_wrong("Enhet;Dag;Listade;Viktade;weighted_milli\n", "1 weighted_milli COLUMN_TWICE;");
    listings_wrong("Enhet;Dag;Listade;Mottagen\n" UNIT ";2022-05-31;1;2022-06-30\n",
                   "2 Mottagen RECEIVED_AFTER_RECORDED;");
    listings_wrong("Enhet;Dag;Listade\n", "0  NO_ROWS;");
}

static void a_spreadsheet_of_listings_is_read(void **state)
{
    (void)state;
    struct niva_text made = xlsx_make(
        "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>2</v></c></row>"
        "<row><c t=\"s\"><v>3</v></c><c s=\"1\"><v>44712</v></c><c><v>8123</v></c></row>",
        "<si><t>Enhet</t></si><si><t>Dag</t></si><si><t>Listade</t></si><si><t>" UNIT "</t></si>",
        NULL);
    struct niva_error err;
    const Listings *reply = import("ImportListings", made.data, made.length, "", &err);

    assert_non_null(reply);
    assert_int_equal(reply->n_row_errors, 0);
    assert_string_equal(reply->listings[0]->as_of, "2022-05-31");
    assert_int_equal(reply->listings[0]->listed, 8123);
    niva_text_free(&made);
}

/* More units than a batch recomputes at once: they are left to the work between batches. */
static void many_units_are_imported(void **state)
{
    (void)state;
    struct niva_text text = {0};
    struct niva_error err;
    const Listings *reply;

    niva_text_puts(&text, "Enhet;Dag;Listade\n");
    for (int i = 0; i < 1200; i++)
        niva_text_printf(&text, "SE2321000016-M%d;2022-05-31;%d\n", i, 1000 + i);
    reply = import("ImportListings", text.data, text.length, "", &err);
    assert_non_null(reply);
    assert_int_equal(reply->n_listings, 1200);
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.fact WHERE kind = 'listing'"),
                     1200);
    niva_text_free(&text);
}

/* ---- contracts ---- */

static void contracts_are_imported(void **state)
{
    (void)state;
    static const char file[] =
        "Enhet;Yrkesgrupp;Gäller från;Gäller till;Miniminivå;Bindande från;Referens\n" UNIT
        ";fysioterapeut;2022-01-01;;2,80;;AVT-1\n" OTHER
        ";fysioterapeut;2022-01-01;2022-12-31;1,5;2022-07-01;\n";
    const Contracts *reply = text_import("ImportContracts", file, "");
    const Niva__Compliance__V1__ListContractsResponse *list;

    assert_int_equal(reply->n_row_errors, 0);
    assert_int_equal(reply->n_contracts, 2);
    assert_int_equal(reply->contracts[0]->minimum_milli, 2800);
    assert_int_equal(reply->contracts[0]->version, 1);
    assert_string_equal(reply->contracts[0]->reference, "AVT-1");
    assert_string_equal(reply->contracts[1]->last_day, "2022-12-31");
    assert_string_equal(reply->contracts[1]->binding_from, "2022-07-01");
    reply = text_import("ImportContracts", file, "");
    assert_int_equal(reply->contracts[0]->version, 2);
    list = office_see(&office, "ListContracts", "{}");
    assert_int_equal(list->n_contracts, 2);
}

static void wrong_contracts_are_told_by_row_and_column(void **state)
{
    (void)state;
#define HEAD "Enhet;Yrkesgrupp;Gäller från;Miniminivå;Gäller till\n"
    contracts_wrong("Enhet;Yrkesgrupp;Gäller från\n", "1 Miniminivå COLUMN_MISSING;");
    contracts_wrong(HEAD UNIT ";fysioterapeut;2022-01-01;;\n", "2 Miniminivå CELL_BLANK;");
    contracts_wrong(HEAD UNIT ";fysioterapeut;2022-01-01;280 %;\n",
                    "2 Miniminivå NUMBER_MALFORMED;");
    contracts_wrong(HEAD UNIT ";Fysio Terapeut;2022-01-01;2,8;2021-12-31\n",
                    "2 Yrkesgrupp NAME_KEY_MALFORMED;2 Gäller till LAST_DAY_BEFORE_FIRST;");
    contracts_wrong(HEAD UNIT ";fysioterapeut;2022-01-01;2,8;\n" UNIT
                              ";fysioterapeut;2022-01-01;2,9;\n" UNIT
                              ";arbetsterapeut;2022-01-01;1;\n",
                    "3 Gäller från ROW_TWICE;");
#undef HEAD
}

/* ---- both ---- */

static void a_dry_run_and_a_refusal_leave_nothing_behind(void **state)
{
    (void)state;
    static const char id[] = "\"requestId\": \"0190163d-8694-739b-aea5-966c26f8ad91\",";
    static const char file[] = "Enhet;Dag;Listade\n" UNIT ";2022-05-31;8123\n";
    int64_t before = positions();
    const Listings *reply = text_import("ImportListings", file, "\"dryRun\": true,");

    assert_int_equal(reply->n_listings, 1);
    assert_null(reply->listings[0]->recorded_at);
    reply = text_import("ImportListings", "Enhet;Dag;Listade\n" UNIT ";2022-05-31;\n", id);
    assert_int_equal(reply->n_row_errors, 1);
    assert_int_equal(positions(), before);
    reply = text_import("ImportListings", file, id);
    assert_int_equal(reply->n_listings, 1);
    assert_true(positions() > before);
    before = positions();
    reply = text_import("ImportListings", file, id);
    assert_true(reply->replayed);
    assert_int_equal(positions(), before);
}

typedef Niva__Compliance__V1__GetOriginalResponse Original;

static void original_refused(const char *json, const char *reason)
{
    struct niva_error err;

    assert_null(office_ask(&office, "GetOriginal", json, &err));
    assert_string_equal(err.violations[0].reason, reason);
}

/* Byte for byte as it came, in Windows-1252, found from the import and from what it brought. */
static void the_file_is_kept(void **state)
{
    (void)state;
    static const char file[] = "Enhet;Yrkesgrupp;G\xe4ller fr\xe5n;Miniminiv\xe5\r\n" UNIT
                               ";fysioterapeut;2022-01-01;2,8\r\n";
    const Niva__Compliance__V1__ListContractsResponse *list;
    const Niva__Compliance__V1__Original *original;
    const Contracts *reply;
    char json[160];
    char before[32];

    niva_instant_format(office.now - 1, before);
    reply = text_import("ImportContracts", file, "\"fileName\": \"avtal.csv\",");
    assert_int_equal(reply->n_row_errors, 0);
    snprintf(json, sizeof json, "{\"importId\": \"%s\"}", reply->import_id);
    original = ((const Original *)office_see(&office, "GetOriginal", "%s", json))->original;
    assert_int_equal(original->content.len, strlen(file));
    assert_memory_equal(original->content.data, file, strlen(file));
    assert_string_equal(original->import_id, reply->import_id);
    assert_string_equal(original->file_name, "avtal.csv");
    assert_string_equal(original->media_type, "text/csv");
    assert_string_equal(original->sha256,
                        "989721e4d79ad5be6fbf11361b7505210909d1d3da934605c2168c1f6d2c0743");
    assert_non_null(original->recorded_at);
    assert_non_null(original->received_at);
    list = office_see(&office, "ListContracts", "{}");
    assert_string_equal(list->contracts[0]->import_id, reply->import_id);
    snprintf(json, sizeof json, "{\"importId\": \"%s\", \"knownAt\": \"%s\"}", reply->import_id,
             before);
    original_refused(json, "IMPORT_UNKNOWN");
    original_refused("{\"importId\": \"0190163d-8694-739b-aea5-966c26f8ad91\"}", "IMPORT_UNKNOWN");
    original_refused("{\"importId\": \"x\"}", "UUID_MALFORMED");
}

/* Only an import says that something came in a file. */
static void what_is_put_came_in_no_file(void **state)
{
    (void)state;
    const Niva__Compliance__V1__ListListingsResponse *list;
    const Listings *reply =
        text_import("ImportListings", "Enhet;Dag;Listade\n" UNIT ";2022-05-31;8123\n", "");

    office_do(&office, "PutListings",
              "{\"listings\": [{\"unit\": \"" UNIT "\", \"asOf\": \"2022-05-31\","
              " \"listed\": 8124, \"importId\": \"%s\"}]}",
              reply->import_id);
    list = office_see(&office, "ListListings", "{\"includeHistory\": true}");
    assert_int_equal(list->n_listings, 2);
    assert_string_equal(list->listings[0]->import_id, reply->import_id);
    assert_string_equal(list->listings[1]->import_id, "");
    reply = text_import("ImportListings", "Enhet;Dag;Listade\n" UNIT ";2022-05-31;1\n",
                        "\"dryRun\": true,");
    assert_string_equal(reply->import_id, "");
    assert_string_equal(reply->listings[0]->import_id, "");
    assert_int_equal(office_count(cluster, database,
                                  "SELECT count(*) FROM compliance.fact WHERE kind = 'import'"),
                     1);
}

static void files_that_are_no_tables_are_refused(void **state)
{
    (void)state;
    static char large[IMPORT_BYTES_MAX + 1];
    struct niva_error err;

    memset(large, 'x', sizeof large);
    assert_null(import("ImportListings", large, sizeof large, "", &err));
    assert_string_equal(err.violations[0].reason, "TOO_LARGE");
    assert_null(import("ImportContracts", "PK\3\4", 4, "\"mediaType\": \"text/csv\",", &err));
    assert_string_equal(err.violations[0].reason, "MEDIA_TYPE_DIFFERS");
    assert_null(import("ImportContracts", "PK\3\4", 4, "", &err));
    assert_string_equal(err.violations[0].reason, "BROKEN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(listings_are_imported),
        TEST(wrong_listings_are_told_by_row_and_column),
        TEST(a_spreadsheet_of_listings_is_read),
        TEST(many_units_are_imported),
        TEST(contracts_are_imported),
        TEST(wrong_contracts_are_told_by_row_and_column),
        TEST(a_dry_run_and_a_refusal_leave_nothing_behind),
        TEST(the_file_is_kept),
        TEST(what_is_put_came_in_no_file),
        TEST(files_that_are_no_tables_are_refused),
    };
    int failed;

    cluster = cluster_new();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    cluster_free(cluster);
    return failed ? 1 : 0;
}
