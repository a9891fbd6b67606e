/* The names of the replicas of a service. Replica 1 listens at <run-dir>/<service>.<end>, replica n
 * at <run-dir>/<service>.<n>.<end>: whoever knows the address of the first finds the others, and
 * one replica looks like none. */
#ifndef NIVA_COMMON_RPC_REPLICA_H
#define NIVA_COMMON_RPC_REPLICA_H

#include <stdbool.h>
#include <stddef.h>

enum { NIVA_REPLICAS_MAX = 9, NIVA_URL_SIZE = 128 };

/* The address of replica `number` (1 … NIVA_REPLICAS_MAX), made from that of replica 1,
 * "ipc:///run/niva/intake.user"; false when it is not such an address or the new one is too long.
 */
bool niva_replica_url(const char *url, int number, char ret_url[NIVA_URL_SIZE]);
/* Whether a replica has had a socket there: it may have been killed since. */
bool niva_replica_known(const char *url);

#endif
