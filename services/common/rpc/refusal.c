#include "services/common/rpc/refusal.h"

#include <stdio.h>

enum { RETRY_BUSY_MS = 100, RETRY_CLOSING_MS = 500 };

nng_msg *rpc_refusal_message(enum refusal refusal, const struct niva_rpc_server_options *options)
{
    struct niva_error err;
    char sv[160];
    char en[160];

    switch (refusal) {
    case REFUSE_BUSY:
        niva_fail(&err, NIVA_RESOURCE_EXHAUSTED,
                  "Tjänsten har för många anrop just nu. Försök igen om en stund.",
                  "The service has too many calls right now. Try again in a while.");
        err.retry_after_ms = RETRY_BUSY_MS;
        break;
    case REFUSE_CLOSING:
        niva_fail(&err, NIVA_UNAVAILABLE, "Tjänsten håller på att stänga. Försök igen om en stund.",
                  "The service is shutting down. Try again in a while.");
        err.retry_after_ms = RETRY_CLOSING_MS;
        break;
    default:
        snprintf(sv, sizeof sv,
                 "Anropet är större än %zu byte, som är det mesta tjänsten tar emot.",
                 options->request_max);
        snprintf(en, sizeof en, "The request is larger than %zu bytes, the most the service takes.",
                 options->request_max);
        niva_fail(&err, NIVA_RESOURCE_EXHAUSTED, sv, en);
    }
    return rpc_error_message(&err, options->rehearsal);
}
