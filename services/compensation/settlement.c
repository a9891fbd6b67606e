#include "services/compensation/settlement.h"

#include <openssl/evp.h>

const struct settlement_kind settlement_kinds[SETTLEMENT_KINDS] = {
    {NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__SIE4I, "SI", "text/plain; charset=IBM437",
     settlement_write_sie},
    {NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__CSV, "csv", "text/csv; charset=utf-8",
     settlement_write_csv},
    {NIVA__COMPENSATION__V1__SETTLEMENT__FORMAT__XLSX, "xlsx",
     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", settlement_write_xlsx},
};

int64_t settlement_sum(const struct settlement *settlement)
{
    int64_t sum = 0;

    for (size_t i = 0; i < settlement->line_count; i++)
        sum += settlement->lines[i].adjustment->deduction_ore;
    return sum;
}

bool settlement_digest(ProtobufCBinaryData content, uint8_t ret_digest[SETTLEMENT_DIGEST_SIZE],
                       struct niva_error *err)
{
    return EVP_Digest(content.data, content.len, ret_digest, NULL, EVP_sha256(), NULL) == 1 ||
           niva_fail_internal(err, "SHA-256 is not to be had");
}
