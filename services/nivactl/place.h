/* Where the running system is: the directory with the services' sockets. Given by --run-dir or
 * NIVA_RUN_DIR, otherwise that of the clone in which one stands or from which nivactl was built:
 * /run/niva-<hash> if it exists, else /tmp/niva-<uid>-<hash>, where <hash> is the first 12 digits
 * of the SHA-256 of the clone's real path. */
#ifndef NIVA_NIVACTL_PLACE_H
#define NIVA_NIVACTL_PLACE_H

#include <limits.h>

#include "services/common/base/error.h"
#include "services/common/rpc/replica.h"
#include "services/nivactl/methods.h"

struct place {
    char run_dir[88]; /* longer ones leave no room for a socket's name */
};

/* The clone to which a path belongs: the path itself or its nearest parent that holds both
 * deploy/quickstart and meson.build; false when there is none. */
bool clone_find(const char *path, char ret_clone[PATH_MAX]) NIVA_MUST_CHECK;

/* <hash> of a clone: 12 digits and a NUL. */
void clone_hash(const char *clone, char ret_hash[13]);

/* Finds the directory. `run_dir` "" when it was not given. UNAVAILABLE when there is no clone to
 * look from; PERMISSION_DENIED when somebody else has taken the name in /tmp. That it exists, or
 * that anyone answers there, is not said. */
bool place_find(const char *run_dir, struct place *ret_place,
                struct niva_error *err) NIVA_MUST_CHECK;

/* Whether somebody listens at a socket of the service, of whichever replica; UNAVAILABLE says what
 * to do when nobody does, PERMISSION_DENIED when we may not ask. */
bool place_check(const struct place *place, enum service service,
                 struct niva_error *err) NIVA_MUST_CHECK;

/* "ipc://<run_dir>/<service>.user": of replica 1. */
void place_url(const struct place *place, enum service service, char ret_url[NIVA_URL_SIZE]);

#endif
