#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "niva/control/v1/control.pb-c.h"
#include "niva/intake/v1/unit.pb-c.h"
#include "tests/unit/nivactl/fake.h"

static struct fake fake;

static void start(bool rehearsal, fake_answer *answer)
{
    assert_true(fake_start(&fake, rehearsal, answer));
}

static int stop(void **state)
{
    (void)state;
    fake_stop(&fake);
    return 0;
}

/* Fails with the whole text when `part` is not in it. */
static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("expected \"%s\" in:\n%s", part, text);
}

/* ---- call ---- */

static void who_am_i(struct fake *self, enum service service, struct niva_rpc_call *call,
                     size_t seen)
{
    (void)seen;
    (void)service;
    (void)self;
    if (fake_is(call, "UnitService/GetUnit"))
        fake_reply(call, "{\"unit\":{\"hsa_id\":\"SE1\",\"version\":3}}");
    else if (fake_is(call, "UnitService/PutUnit"))
        fake_refuse(call, NIVA_INVALID_ARGUMENT, "unit.owners[0].orgNumber");
    else if (fake_is(call, "EventService/ListStreams"))
        fake_reply(call,
                   "{\"streams\":[{\"stream\":\"x\",\"head_position\":\"9007199254740993\"}]}");
    else
        fake_refuse(call, NIVA_UNAVAILABLE, "");
}

static void a_call_prints_the_reply_in_proto_spelling(void **state)
{
    (void)state;
    start(false, who_am_i);
    assert_int_equal(
        fake_run(&fake, "call niva.intake.v1.UnitService/GetUnit {\"hsaId\":\"SE1\"} --as=ek"),
        EXIT_YES);
    assert_says(fake.out, "\"hsa_id\": \"SE1\"");
    assert_says(fake.out, "\"version\": 3");
    assert_says(fake.calls[0], "intake UnitService/GetUnit ek - {\"hsa_id\":");
    assert_string_equal(fake.err, "");
}

static void a_command_gets_a_request_id_of_its_own(void **state)
{
    char first[FAKE_LINE_MAX];

    (void)state;
    start(false, who_am_i);
    fake_run(&fake, "call /niva.intake.v1.UnitService/PutUnit --data={}");
    fake_run(&fake, "call /niva.intake.v1.UnitService/PutUnit --data={}");
    fake_run(&fake, "call /niva.intake.v1.UnitService/PutUnit {\"request_id\":\"mine\"}");
    assert_int_equal(fake.call_count, 3);
    snprintf(first, sizeof first, "%s", strstr(fake.calls[0], "\"request_id\""));
    assert_null(strstr(fake.calls[0], "\"request_id\":\"\""));
    assert_string_not_equal(first, strstr(fake.calls[1], "\"request_id\""));
    assert_says(fake.calls[2], "mine");
}

static void a_refusal_names_every_field(void **state)
{
    (void)state;
    start(false, who_am_i);
    assert_int_equal(fake_run(&fake, "call niva.intake.v1.UnitService/PutUnit {}"), EXIT_NO);
    assert_says(fake.err, "unit.owners[0].orgNumber: Det är fel. (BAD)");
    assert_int_equal(fake_run(&fake, "call niva.intake.v1.UnitService/PutUnit {} --lang en"),
                     EXIT_NO);
    assert_says(fake.err, "unit.owners[0].orgNumber: It is wrong. (BAD)");
    assert_int_equal(fake_run(&fake, "call niva.intake.v1.UnitService/PutUnit {} --output json"),
                     EXIT_NO);
    assert_says(fake.err, "\"code\": \"INVALID_ARGUMENT\"");
    assert_says(fake.err, "\"field\": \"unit.owners[0].orgNumber\"");
    assert_string_equal(fake.out, "");
}

static void a_server_in_trouble_is_another_exit_code(void **state)
{
    (void)state;
    start(false, who_am_i);
    assert_int_equal(fake_run(&fake, "call niva.intake.v1.UnitService/ListUnits"), EXIT_SERVER);
    assert_says(fake.err, "UNAVAILABLE");
}

static void shared_services_are_reached_by_name_or_stream(void **state)
{
    (void)state;
    start(false, who_am_i);
    assert_int_equal(
        fake_run(&fake, "call niva.events.v1.EventService/ListStreams --service compensation"),
        EXIT_YES);
    assert_says(fake.calls[0], "compensation EventService/ListStreams");
    /* outside ±2^53 a number is a string */
    assert_says(fake.out, "\"head_position\": \"9007199254740993\"");
    fake_run(&fake, "call niva.events.v1.EventService/ReadEvents {\"stream\":\"compliance\"}");
    assert_says(fake.calls[1], "compliance EventService/ReadEvents");
    assert_int_equal(fake_run(&fake, "call niva.events.v1.EventService/ListStreams"), EXIT_USAGE);
    assert_int_equal(
        fake_run(&fake, "call niva.intake.v1.UnitService/GetUnit --service compliance"),
        EXIT_USAGE);
    assert_int_equal(fake.call_count, 2);
}

static void what_does_not_fit_the_method_is_not_sent(void **state)
{
    static const struct {
        const char *line;
        int code;
    } cases[] = {
        {"call niva.intake.v1.UnitService/Nope", EXIT_USAGE},
        {"call niva.intake.v1.UnitService/GetUnit {} --data={}", EXIT_USAGE},
        {"call niva.intake.v1.UnitService/GetUnit @/nowhere", EXIT_USAGE},
        {"call niva.intake.v1.UnitService/GetUnit {\"nope\":1}", EXIT_NO},
        {"call niva.intake.v1.UnitService/GetUnit {", EXIT_NO},
    };

    (void)state;
    start(false, who_am_i);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(fake_run(&fake, cases[i].line), cases[i].code);
        assert_true(strlen(fake.err) > 0);
    }
    assert_int_equal(fake.call_count, 0);
}

static void what_is_no_day_month_or_state_is_a_usage_error(void **state)
{
    static const char *const lines[] = {
        "status x",           "status 2022-02-30",  "timeline SE4999000005-B1 2022-13-01",
        "today tomorrow",     "adjustments 2022-8", "adjustments --state NOPE",
        "breaches --state x", "events head intake", "events tail nowhere",
        "completion zsh",     "decide x maybe",     "revise x 1e3",
    };

    (void)state;
    start(false, who_am_i);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (fake_run(&fake, lines[i]) != EXIT_USAGE || fake.err_size == 0)
            fail_msg("\"%s\" was not refused", lines[i]);
    assert_int_equal(fake.call_count, 0);
}

static void a_verb_takes_its_own_options_alone(void **state)
{
    static const struct {
        const char *command;
        const char *argument;
        option_set taken; /* beside what the command takes in any case */
    } cases[] = {
        {"import", "template", OPTION_TEMPLATE},
        {"import", "listor.csv", OPTION_FILE_KIND | OPTION_DRY_RUN},
        {"import", NULL, OPTION_TEMPLATE | OPTION_FILE_KIND | OPTION_DRY_RUN},
        {"dialogue", "answer", OPTION_STEPS | OPTION_RECEIVED},
        {"dialogue", "0190163d-8694-739b-aea5-966c26f8ad91", OPTION_KNOWN_AT},
        {"letter", "communication", OPTION_BY},
        {"letter", "postcard", 0},
        {"settle", "get", OPTION_FORMAT | OPTION_KNOWN_AT},
        {"settle", "book", 0},
        {"forecast", NULL, 0},
        {"forecast", "open", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct command *command = command_find(cases[i].command);

        assert_int_equal(command_options(command, cases[i].argument) & ~command->options,
                         cases[i].taken);
        assert_int_equal(command_options(command, cases[i].argument) & command->options,
                         command->options);
    }
}

/* 9999-12-31, which other systems write for "until further notice", was refused as if it were badly
 * written. */
static void a_day_beyond_the_calendar_is_told_its_bounds(void **state)
{
    static const char *const lines[] = {"status 9999-12-31", "overdue 0001-01-01",
                                        "today 3000-01-01"};

    (void)state;
    start(true, who_am_i);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_int_equal(fake_run(&fake, lines[i]), EXIT_USAGE);
        assert_says(fake.err, "1900–2999");
    }
    assert_int_equal(fake.call_count, 0);
}

/* A case that was no case once ended as one that disagrees does. */
static void a_file_that_is_no_case_is_not_a_disagreement(void **state)
{
    (void)state;
    start(false, who_am_i);
    assert_int_equal(fake_run(&fake, "evaluate --check /dev/null"), EXIT_USAGE);
    assert_says(fake.err, "/dev/null: ");
}

/* An unknown member of a file from outside is named, but may not act on the terminal. */
static void an_error_cannot_act_on_the_terminal(void **state)
{
    (void)state;
    start(false, who_am_i);
    fake_run(&fake, "call niva.intake.v1.UnitService/GetUnit {\"a\\u001b[2J\":1}");
    assert_says(fake.err, "a?[2J: ");
    assert_null(strchr(fake.err, '\033'));
}

/* ---- pages, tables, the rehearsal ---- */

/* 27 units, ten a page at most. */
static void many_units(struct fake *self, enum service service, struct niva_rpc_call *call,
                       size_t seen)
{
    const Niva__Intake__V1__ListUnitsRequest *request =
        (const Niva__Intake__V1__ListUnitsRequest *)niva_rpc_call_request(call);
    int from;
    struct niva_text json = {0};

    (void)self;
    (void)seen;
    (void)service;
    if (fake_is(call, "ComplianceService/GetBusinessDay")) {
        fake_reply(call, "{\"day\":\"2022-09-30\",\"rehearsal\":true}");
        return;
    }
    if (fake_is(call, "ComplianceService/ListBreaches")) {
        fake_reply(call, "{\"breaches\":[{\"unit\":\"SE4999000005-B26\",\"kind\":\"BELOW_MINIMUM\","
                         "\"first_day\":\"2022-07-01\",\"state\":\"OPEN\",\"segments\":[{"
                         "\"shortfall_milli\":875}]}],\"pending\":\"2\"}");
        return;
    }
    from = atoi(request->page_token);
    niva_text_puts(&json, "{\"units\":[");
    for (int i = from; i < from + 10 && i < 27; i++)
        niva_text_printf(&json, "%s{\"hsa_id\":\"SE4999000005-B%02d\",\"name\":\"Ån %d\"}",
                         i > from ? "," : "", i, i);
    niva_text_printf(&json, "],\"next_page_token\":\"%.*d\"}", from < 20 ? 2 : 0,
                     from < 20 ? from + 10 : 0);
    fake_reply(call, json.data);
    niva_text_free(&json);
}

static void every_page_of_a_list_is_read(void **state)
{
    (void)state;
    start(true, many_units);
    assert_int_equal(fake_run(&fake, "breaches --unit 26"), EXIT_YES);
    assert_says(fake.calls[0], "\"page_token\":\"\"");
    assert_says(fake.calls[1], "\"page_token\":\"10\"");
    assert_says(fake.calls[2], "\"page_token\":\"20\"");
    assert_says(fake.calls[3], "\"unit\":\"SE4999000005-B26\"");
    assert_says(fake.out, "Ån 26");
}

static void a_rehearsal_and_pending_work_are_said_with_every_table(void **state)
{
    (void)state;
    start(true, many_units);
    assert_int_equal(fake_run(&fake, "breaches"), EXIT_YES);
    assert_says(fake.out, "Repetition: dagen flyttas för hand. Affärsdag 2022-09-30.\n");
    assert_says(fake.out, "under miniminivå  2022-07-01  pågår  pågår          0,875");
    assert_says(fake.out, "Obs: 2 beräkningar återstår");
    assert_int_equal(fake_run(&fake, "breaches --lang en"), EXIT_YES);
    assert_says(fake.out, "Rehearsal: the day is moved by hand. Business day 2022-09-30.\n");
}

static void a_name_that_fits_several_is_not_guessed(void **state)
{
    (void)state;
    start(true, many_units);
    assert_int_equal(fake_run(&fake, "breaches --unit Ån"), EXIT_NO);
    assert_says(fake.err, "”Ån” passar flera: Ån 0, Ån 1");
    assert_int_equal(fake_run(&fake, "breaches --unit Nope"), EXIT_NO);
    assert_says(fake.err, "NOT_FOUND");
}

/* ---- wait ---- */

/* Compliance has two things left to do when it is asked first, none the third time. */
static void slow_compliance(struct fake *self, enum service service, struct niva_rpc_call *call,
                            size_t seen)
{
    int64_t pending = service == COMPLIANCE && self->number > 0 ? self->number-- : 0;
    char json[200];

    (void)seen;
    snprintf(json, sizeof json,
             "{\"ready\":true,\"pending\":%d,\"applied\":[{\"stream\":\"%s\",\"position\":%d}]}",
             (int)pending, service_name(service), 10 * ((int)service + 1) - (int)pending);
    fake_reply(call, json);
}

static void waiting_follows_the_chain_until_nothing_is_pending(void **state)
{
    (void)state;
    start(false, slow_compliance);
    fake.number = 2;
    assert_int_equal(fake_run(&fake, "wait --timeout 20"), EXIT_YES);
    assert_int_equal(fake.call_count, 6);
    assert_says(fake.calls[0], "intake ControlService/GetStatus");
    assert_says(fake.calls[1], "{\"stream\":\"intake\",\"position\":10}");
    assert_says(fake.calls[3], "compliance ControlService/GetStatus");
    assert_says(fake.calls[4], "{\"stream\":\"compliance\",\"position\":20}");
    assert_says(fake.calls[5], "compliance ControlService/GetStatus");
    assert_says(fake.calls[5], "{\"stream\":\"compensation\",\"position\":30}");
}

static void waiting_ends_with_its_time(void **state)
{
    (void)state;
    start(false, slow_compliance);
    fake.number = INT32_MAX;
    assert_int_equal(fake_run(&fake, "wait --timeout 1"), EXIT_SERVER);
    assert_says(fake.err, "compliance är inte klar");
}

/* ---- apply ---- */

static char region_path[80];

static void region_write(const char *text)
{
    FILE *file;

    snprintf(region_path, sizeof region_path, "%.60s/region", fake.folder);
    file = fopen(region_path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int region_drop(void **state)
{
    remove(region_path);
    return stop(state);
}

static int apply(void)
{
    char line[120];

    snprintf(line, sizeof line, "apply %s", region_path);
    return fake_run(&fake, line);
}

/* A rehearsal whose day is `number`; reports get the id "r-<seen>"; WithdrawReport is refused. */
static void rehearsed(struct fake *self, enum service service, struct niva_rpc_call *call,
                      size_t seen)
{
    const Niva__Control__V1__MoveTodayRequest *move =
        (const Niva__Control__V1__MoveTodayRequest *)niva_rpc_call_request(call);
    char json[160];
    char day[16];
    niva_day to;

    niva_day_format((niva_day)self->number, day);
    if (fake_is(call, "ControlService/GetStatus")) {
        fake_reply(call, "{\"ready\":true}");
    } else if (fake_is(call, "ControlService/MoveToday")) {
        if (service == COMPLIANCE && niva_day_parse(move->day, &to))
            self->number = to;
        fake_reply(call, "{}");
    } else if (fake_is(call, "ComplianceService/GetBusinessDay")) {
        snprintf(json, sizeof json, "{\"day\":\"%s\",\"rehearsal\":true}", day);
        fake_reply(call, json);
    } else if (fake_is(call, "ReportService/SubmitReport")) {
        snprintf(json, sizeof json, "{\"report\":{\"report_id\":\"r-%zu\"}}", seen);
        fake_reply(call, json);
    } else if (fake_is(call, "ReportService/WithdrawReport")) {
        fake_refuse(call, NIVA_FAILED_PRECONDITION, "r-1");
    } else {
        fake_reply(call, "{}");
    }
}

/* The calls of a method, in order; `n` from 0. NULL when there are fewer. */
static const char *nth(const char *method, size_t n)
{
    for (size_t i = 0; i < fake.call_count; i++)
        if (strstr(fake.calls[i], method) != NULL && n-- == 0)
            return fake.calls[i];
    return NULL;
}

#define SUBMIT "{\"method\":\"niva.intake.v1.ReportService/SubmitReport\","

static void a_file_replays_history_as_it_happened(void **state)
{
    char first_id[64];

    (void)state;
    start(true, rehearsed);
    fake.number = niva_day_from_civil(2022, 6, 23);
    region_write(SUBMIT "\"recorded_at\":\"2022-06-23T08:00:00Z\",\"principal\":\"chef\",\"as\":"
                        "\"a\",\"request\":{\"report\":{\"unit\":\"x\"}}}\n" SUBMIT
                        "\"recorded_at\":\"2022-06-24T22:30:00Z\",\"request\":{\"report\":{"
                        "\"corrects_report_id\":\"$a.report.report_id\"}}}\n");
    assert_int_equal(apply(), EXIT_YES);
    assert_says(nth("SubmitReport", 0), "intake ReportService/SubmitReport chef "
                                        "2022-06-23T08:00:00Z");
    /* 22:30 in UTC is the next day in Sweden */
    assert_says(nth("MoveToday", 0), "intake ControlService/MoveToday");
    assert_says(nth("MoveToday", 0), "2022-06-24T22:00:00Z");
    assert_says(nth("MoveToday", 0), "\"day\":\"2022-06-25\"");
    assert_says(nth("MoveToday", 1), "compliance ControlService/MoveToday");
    assert_null(nth("MoveToday", 2));
    assert_says(nth("SubmitReport", 1), "2022-06-24T22:30:00Z");
    assert_says(fake.err, "2 rader på");

    /* once more: the same ids, and the day stays */
    snprintf(first_id, sizeof first_id, "%.53s", strstr(nth("SubmitReport", 1), "\"request_id\""));
    fake.call_count = 0;
    assert_int_equal(apply(), EXIT_YES);
    assert_says(nth("SubmitReport", 1), first_id);
    assert_null(nth("MoveToday", 0));
}

static void a_refused_line_is_named_and_stops_the_file(void **state)
{
    (void)state;
    start(true, rehearsed);
    region_write(
        SUBMIT
        "\"request\":{}}\n\n"
        "{\"method\":\"niva.intake.v1.ReportService/WithdrawReport\",\"request\":{}}\n" SUBMIT
        "\"request\":{}}\n");
    assert_int_equal(apply(), EXIT_NO);
    assert_says(fake.err, "/region:3: Det är fel.");
    assert_says(fake.err, "1 rader är inlästa");
    assert_null(nth("SubmitReport", 1));
}

static void nothing_of_a_bad_file_is_sent(void **state)
{
    (void)state;
    start(true, rehearsed);
    region_write(SUBMIT "\"request\":{}}\n{\"method\":1}\n");
    assert_int_equal(apply(), EXIT_USAGE);
    assert_says(fake.err, "/region:2: ");
    assert_int_equal(fake.call_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_call_prints_the_reply_in_proto_spelling, stop),
        cmocka_unit_test_teardown(a_command_gets_a_request_id_of_its_own, stop),
        cmocka_unit_test_teardown(a_refusal_names_every_field, stop),
        cmocka_unit_test_teardown(a_server_in_trouble_is_another_exit_code, stop),
        cmocka_unit_test_teardown(shared_services_are_reached_by_name_or_stream, stop),
        cmocka_unit_test_teardown(what_does_not_fit_the_method_is_not_sent, stop),
        cmocka_unit_test_teardown(what_is_no_day_month_or_state_is_a_usage_error, stop),
        cmocka_unit_test(a_verb_takes_its_own_options_alone),
        cmocka_unit_test_teardown(a_day_beyond_the_calendar_is_told_its_bounds, stop),
        cmocka_unit_test_teardown(a_file_that_is_no_case_is_not_a_disagreement, stop),
        cmocka_unit_test_teardown(an_error_cannot_act_on_the_terminal, stop),
        cmocka_unit_test_teardown(every_page_of_a_list_is_read, stop),
        cmocka_unit_test_teardown(a_rehearsal_and_pending_work_are_said_with_every_table, stop),
        cmocka_unit_test_teardown(a_name_that_fits_several_is_not_guessed, stop),
        cmocka_unit_test_teardown(waiting_follows_the_chain_until_nothing_is_pending, stop),
        cmocka_unit_test_teardown(waiting_ends_with_its_time, stop),
        cmocka_unit_test_teardown(a_file_replays_history_as_it_happened, region_drop),
        cmocka_unit_test_teardown(a_refused_line_is_named_and_stops_the_file, region_drop),
        cmocka_unit_test_teardown(nothing_of_a_bad_file_is_sent, region_drop),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
