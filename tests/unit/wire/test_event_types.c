/* The table of events: every row is whole, and its names agree with each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "messages.h"
#include "services/common/wire/event_types.h"

static void every_row_is_filled_in(void **state)
{
    const struct niva_event_type *type;
    const char *stream;
    size_t count = 0;

    (void)state;
    for (; (type = niva_event_type_at(count, &stream)) != NULL; count++) {
        if (type->name == NULL || type->data == NULL)
            fail_msg("%s has a row without a type", stream);
        if (type->text_sv[strlen(type->text_sv) - 1] != '.' ||
            type->text_en[strlen(type->text_en) - 1] != '.')
            fail_msg("%s: expected a sentence in each language", type->name);
    }
    assert_int_equal(count, NIVA_INTAKE_EVENTS + NIVA_COMPLIANCE_EVENTS + NIVA_COMPENSATION_EVENTS);
}

/* "niva.compliance.v1.RuleSetPublished" of "se.niva.compliance.rule-set.published.v1". */
static void message_name(const char *type, char *ret_name, size_t capacity)
{
    const char *noun = strchr(type + strlen("se.niva."), '.') + 1;
    const char *version = strrchr(type, '.') + 1;
    size_t length =
        (size_t)snprintf(ret_name, capacity, "%.*s%s.", (int)(noun - type - 3), type + 3, version);
    bool first = true;

    for (const char *c = noun; c < version - 1 && length < capacity - 1; c++) {
        bool letter = *c != '.' && *c != '-';

        if (letter)
            ret_name[length++] = (char)(first ? *c - 'a' + 'A' : *c);
        first = !letter;
    }
    ret_name[length] = '\0';
}

static void the_data_is_named_after_the_type(void **state)
{
    const struct niva_event_type *type;
    const char *stream;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, &stream)) != NULL; i++) {
        char prefix[64];
        char name[128];

        snprintf(prefix, sizeof prefix, "se.niva.%s.", stream);
        if (strncmp(type->name, prefix, strlen(prefix)) != 0)
            fail_msg("%s stands in the table of %s", type->name, stream);
        message_name(type->name, name, sizeof name);
        assert_string_equal(type->data->name, name);
    }
}

static void no_type_and_no_data_stands_twice(void **state)
{
    const struct niva_event_type *type;
    const struct niva_event_type *other;

    (void)state;
    for (size_t i = 0; (type = niva_event_type_at(i, NULL)) != NULL; i++) {
        for (size_t k = 0; k < i; k++) {
            other = niva_event_type_at(k, NULL);
            assert_string_not_equal(type->name, other->name);
            assert_ptr_not_equal(type->data, other->data);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_filled_in),
        cmocka_unit_test(the_data_is_named_after_the_type),
        cmocka_unit_test(no_type_and_no_data_stands_twice),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed ? 1 : 0;
}
