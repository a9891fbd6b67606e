#include "services/compensation/handlers.h"

void token_refuse(struct niva_check *check)
{
    niva_check_fail(check, "page_token", "PAGE_TOKEN_INVALID",
                    "Sidmärket kommer inte från en tidigare sida av den här listan.",
                    "The page token is not from an earlier page of this list.");
}
