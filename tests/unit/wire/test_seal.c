/* Page tokens go with what was asked for: a token of the contracts, given to the reports, once
 * skipped the first of them and nobody was told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "niva/compliance/v1/requirement.pb-c.h"
#include "niva/intake/v1/report.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "services/common/wire/seal.h"

#define KEY "6e3a31"

static struct niva_arena *arena;

static int arena_make(void **state)
{
    (void)state;
    arena = niva_arena_new(65536);
    return arena == NULL;
}

static int arena_drop(void **state)
{
    (void)state;
    arena = niva_arena_free(arena);
    return 0;
}

/* A request as JSON with single quotes. */
static ProtobufCMessage *asked(const ProtobufCMessageDescriptor *type, const char *json)
{
    char *text = niva_arena_strdup(arena, json);
    ProtobufCMessage *request;
    struct niva_error err;

    for (char *quote = text; (quote = strchr(quote, '\'')) != NULL;)
        *quote = '"';
    if (!niva_json_parse(type, text, strlen(text), arena, &request, &err))
        fail_msg("%s: %s", json, err.text_en);
    return request;
}

static ProtobufCMessage *reports(const char *json)
{
    return asked(&niva__intake__v1__list_reports_request__descriptor, json);
}

/* The token that a list answers with to a request. */
static const char *sealed(const ProtobufCMessage *request)
{
    ProtobufCMessage *reply =
        niva_wire_new(&niva__intake__v1__list_reports_response__descriptor, arena);
    struct niva_error err;

    assert_non_null(reply);
    assert_true(niva_wire_set_text(reply, "next_page_token", KEY));
    assert_true(niva_seal_close(request, reply, arena, &err));
    return niva_wire_get_text(reply, "next_page_token");
}

/* The key that a list finds in a request with a token, or the reason why it is refused. */
static const char *opened(ProtobufCMessage *request, const char *token)
{
    const ProtobufCMessage *seen;
    struct niva_error err;

    assert_true(niva_wire_set_text(request, "page_token", token));
    if (!niva_seal_open(request, arena, &seen, &err)) {
        assert_int_equal(err.code, NIVA_INVALID_ARGUMENT);
        return "refused";
    }
    assert_string_equal(niva_wire_get_text(request, "page_token"), token);
    return niva_wire_get_text(seen, "page_token");
}

static void the_same_list_goes_on(void **state)
{
    const char *token = sealed(reports("{'unit':'SE4999000005-A','pageSize':2}"));

    (void)state;
    assert_string_equal(opened(reports("{'unit':'SE4999000005-A','pageSize':2}"), token), KEY);
    assert_string_equal(opened(reports("{'unit':'SE4999000005-A','pageSize':900,"
                                       "'after':[{'stream':'intake','position':7}]}"),
                               token),
                        KEY);
    assert_string_equal(opened(reports("{'unit':'SE4999000005-A'}"), ""), "");
    /* the second page seals the third as the first sealed it */
    assert_string_equal(sealed(reports("{'unit':'SE4999000005-A','pageToken':'6e3a30'}")), token);
}

static void what_is_asked_otherwise_is_refused(void **state)
{
    static const char *const others[] = {
        "{}",
        "{'unit':'SE4999000005-B'}",
        "{'unit':'SE4999000005-A','includeHistory':true}",
        "{'unit':'SE4999000005-A','knownAt':'2022-06-23T10:00:00Z'}",
    };
    const char *token = sealed(reports("{'unit':'SE4999000005-A'}"));
    ProtobufCMessage *contracts = asked(&niva__compliance__v1__list_contracts_request__descriptor,
                                        "{'unit':'SE4999000005-A'}");

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(opened(reports(others[i]), token), "refused") != 0)
            fail_msg("%s: expected to be refused", others[i]);
    assert_string_equal(opened(contracts, token), "refused");
}

static void what_was_never_sealed_is_refused(void **state)
{
    static const char *const tokens[] = {KEY, "0", "0123456789abcdef", KEY "0123456789abcdef"};

    (void)state;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (strcmp(opened(reports("{}"), tokens[i]), "refused") != 0)
            fail_msg("\"%s\": expected to be refused", tokens[i]);
}

static void a_reply_without_pages_is_left_alone(void **state)
{
    ProtobufCMessage *last =
        niva_wire_new(&niva__intake__v1__list_reports_response__descriptor, arena);
    ProtobufCMessage *unit = niva_wire_new(&niva__intake__v1__get_unit_response__descriptor, arena);
    struct niva_error err;

    (void)state;
    assert_true(niva_seal_close(reports("{}"), last, arena, &err));
    assert_string_equal(niva_wire_get_text(last, "next_page_token"), "");
    assert_true(niva_seal_close(reports("{}"), unit, arena, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_list_goes_on, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(what_is_asked_otherwise_is_refused, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(what_was_never_sealed_is_refused, arena_make, arena_drop),
        cmocka_unit_test_setup_teardown(a_reply_without_pages_is_left_alone, arena_make,
                                        arena_drop),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
