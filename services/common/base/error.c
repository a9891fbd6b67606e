#include "services/common/base/error.h"

#include <stdarg.h>
#include <stdio.h>

#include "services/common/base/text.h"

static void cause_set(struct niva_error *err, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void cause_set(struct niva_error *err, const char *format, va_list arguments)
{
    char cause[sizeof err->cause + 8];

    if (vsnprintf(cause, sizeof cause, format, arguments) < 0)
        cause[0] = '\0';
    niva_text_set(err->cause, sizeof err->cause, cause);
}

bool niva_refuse(struct niva_error *err, enum niva_code code, const char *field, const char *reason,
                 const char *format_sv, const char *format_en, ...)
{
    char text_sv[sizeof err->text_sv];
    char text_en[sizeof err->text_en];
    va_list arguments;

    va_start(arguments, format_en);
    vsnprintf(text_sv, sizeof text_sv, format_sv, arguments);
    va_end(arguments);
    va_start(arguments, format_en);
    vsnprintf(text_en, sizeof text_en, format_en, arguments);
    va_end(arguments);
    niva_error_clear(err);
    return niva_fail_violation(err, code, field, reason, text_sv, text_en);
}

bool niva_fail_memory(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                     "Det som begärdes är större än vad som ryms i minnet för ett anrop.",
                     "What was asked for is larger than the memory of one call.");
}

void niva_error_clear(struct niva_error *err)
{
    err->code = NIVA_OK;
    err->text_sv[0] = '\0';
    err->text_en[0] = '\0';
    err->cause[0] = '\0';
    err->retry_after_ms = 0;
    err->violation_count = 0;
}

bool niva_fail(struct niva_error *err, enum niva_code code, const char *text_sv,
               const char *text_en)
{
    niva_error_clear(err);
    err->code = code;
    niva_text_set(err->text_sv, sizeof err->text_sv, text_sv);
    niva_text_set(err->text_en, sizeof err->text_en, text_en);
    return false;
}

bool niva_fail_cause(struct niva_error *err, enum niva_code code, const char *text_sv,
                     const char *text_en, const char *cause, ...)
{
    va_list arguments;

    niva_fail(err, code, text_sv, text_en);
    va_start(arguments, cause);
    cause_set(err, cause, arguments);
    va_end(arguments);
    return false;
}

bool niva_fail_internal(struct niva_error *err, const char *cause, ...)
{
    va_list arguments;

    niva_fail(err, NIVA_INTERNAL, "Internt fel. Felet är loggat.",
              "Internal error. It has been logged.");
    va_start(arguments, cause);
    cause_set(err, cause, arguments);
    va_end(arguments);
    return false;
}

bool niva_fail_violation(struct niva_error *err, enum niva_code code, const char *field,
                         const char *reason, const char *text_sv, const char *text_en)
{
    struct niva_violation *violation;

    if (err->code != code || err->violation_count == 0)
        niva_fail(err, code, text_sv, text_en);
    if (err->violation_count == NIVA_VIOLATIONS_MAX)
        return false;
    violation = &err->violations[err->violation_count++];
    niva_text_set(violation->field, sizeof violation->field, field);
    niva_text_set(violation->reason, sizeof violation->reason, reason);
    niva_text_set(violation->text_sv, sizeof violation->text_sv, text_sv);
    niva_text_set(violation->text_en, sizeof violation->text_en, text_en);
    return false;
}

const char *niva_code_name(int code)
{
    switch (code) {
    case NIVA_OK:
        return "OK";
    case NIVA_CANCELLED:
        return "CANCELLED";
    case NIVA_INVALID_ARGUMENT:
        return "INVALID_ARGUMENT";
    case NIVA_DEADLINE_EXCEEDED:
        return "DEADLINE_EXCEEDED";
    case NIVA_NOT_FOUND:
        return "NOT_FOUND";
    case NIVA_ALREADY_EXISTS:
        return "ALREADY_EXISTS";
    case NIVA_PERMISSION_DENIED:
        return "PERMISSION_DENIED";
    case NIVA_RESOURCE_EXHAUSTED:
        return "RESOURCE_EXHAUSTED";
    case NIVA_FAILED_PRECONDITION:
        return "FAILED_PRECONDITION";
    case NIVA_ABORTED:
        return "ABORTED";
    case NIVA_UNIMPLEMENTED:
        return "UNIMPLEMENTED";
    case NIVA_INTERNAL:
        return "INTERNAL";
    case NIVA_UNAVAILABLE:
        return "UNAVAILABLE";
    case NIVA_UNAUTHENTICATED:
        return "UNAUTHENTICATED";
    default:
        return "UNKNOWN";
    }
}
