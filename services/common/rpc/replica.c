#include "services/common/rpc/replica.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char scheme[] = "ipc://";

bool niva_replica_url(const char *url, int number, char ret_url[NIVA_URL_SIZE])
{
    const char *slash = strrchr(url, '/');
    const char *dot = strrchr(url, '.');
    int length;

    if (number == 1)
        length = snprintf(ret_url, NIVA_URL_SIZE, "%s", url);
    else if (strncmp(url, scheme, strlen(scheme)) != 0 || dot == NULL || dot < slash)
        return false;
    else
        length = snprintf(ret_url, NIVA_URL_SIZE, "%.*s.%d%s", (int)(dot - url), url, number, dot);
    return length > 0 && length < NIVA_URL_SIZE;
}

bool niva_replica_known(const char *url)
{
    return strncmp(url, scheme, strlen(scheme)) == 0 && access(url + strlen(scheme), F_OK) == 0;
}
