/* Prints the table of event types as JSON, for events_page.py. */
#include <stdio.h>

#include "services/common/wire/event_types.h"

int main(void)
{
    static const char *const subjects[] = {
        [NIVA_SUBJECT_UNIT] = "the unit, by its HSA-id",
        [NIVA_SUBJECT_NONE] = "none",
        [NIVA_SUBJECT_EITHER] = "the unit, by its HSA-id; none when it concerns a region",
    };
    const struct niva_event_type *type;
    const char *stream;

    putchar('[');
    for (size_t i = 0; (type = niva_event_type_at(i, &stream)) != NULL; i++)
        printf("%s\n{\"type\": \"%s\", \"stream\": \"%s\", \"data\": \"%s\", \"internal\": %s,"
               " \"subject\": \"%s\", \"text_sv\": \"%s\", \"text_en\": \"%s\"}",
               i > 0 ? "," : "", type->name, stream, type->data->name,
               type->internal ? "true" : "false", subjects[type->subject], type->text_sv,
               type->text_en);
    puts("\n]");
    return 0;
}
