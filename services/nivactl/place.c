#include "services/nivactl/place.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "services/common/base/text.h"

static bool holds(const char *folder, const char *name)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path &&
           access(path, F_OK) == 0;
}

bool clone_find(const char *path, char ret_clone[PATH_MAX])
{
    char folder[PATH_MAX];
    char *slash;

    if (realpath(path, folder) == NULL)
        return false;
    for (;;) {
        if (holds(folder, "deploy/quickstart") && holds(folder, "meson.build")) {
            snprintf(ret_clone, PATH_MAX, "%s", folder);
            return true;
        }
        slash = strrchr(folder, '/');
        if (slash == NULL || slash == folder)
            return false;
        *slash = '\0';
    }
}

void clone_hash(const char *clone, char ret_hash[13])
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256((const unsigned char *)clone, strlen(clone), digest);
    niva_hex(digest, 6, ret_hash);
}

static bool place_set(struct place *ret_place, const char *run_dir, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    if (strlen(run_dir) < sizeof ret_place->run_dir) {
        memcpy(ret_place->run_dir, run_dir, strlen(run_dir) + 1);
        return true;
    }
    snprintf(text_sv, sizeof text_sv,
             "Katalogen ”%.60s…” har ett för långt namn för socklar (högst %zu byte).", run_dir,
             sizeof ret_place->run_dir - 1);
    snprintf(text_en, sizeof text_en,
             "Directory \"%.60s…\" has a name too long for sockets (at most %zu bytes).", run_dir,
             sizeof ret_place->run_dir - 1);
    return niva_fail(err, NIVA_INVALID_ARGUMENT, text_sv, text_en);
}

static bool place_foreign(const char *run_dir, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv,
             "Katalogen %s tillhör en annan användare; kör nivactl som root eller som den.",
             run_dir);
    snprintf(text_en, sizeof text_en,
             "Directory %s belongs to another user; run nivactl as root or as that one.", run_dir);
    return niva_fail(err, NIVA_PERMISSION_DENIED, text_sv, text_en);
}

/* In /tmp anyone may take a name before us, and listen there for what is meant for the services. */
static bool folder_ours(const char *folder)
{
    struct stat status;

    return lstat(folder, &status) != 0 || (S_ISDIR(status.st_mode) && status.st_uid == geteuid());
}

bool place_find(const char *run_dir, struct place *ret_place, struct niva_error *err)
{
    char clone[PATH_MAX];
    char hash[13];
    char folder[64];

    if (*run_dir != '\0')
        return place_set(ret_place, run_dir, err);
    if (!clone_find(".", clone) && !clone_find("/proc/self/exe", clone))
        return niva_fail(err, NIVA_UNAVAILABLE,
                         "Ingen Nivå-klon hittades här eller där nivactl ligger; ange --run-dir "
                         "eller NIVA_RUN_DIR.",
                         "No clone of Nivå was found here or where nivactl lies; give --run-dir "
                         "or NIVA_RUN_DIR.");
    clone_hash(clone, hash);
    snprintf(folder, sizeof folder, "/run/niva-%s", hash);
    if (access(folder, F_OK) == 0)
        return place_set(ret_place, folder, err);
    snprintf(folder, sizeof folder, "/tmp/niva-%u-%s", (unsigned)geteuid(), hash);
    if (!folder_ours(folder))
        return place_foreign(folder, err);
    return place_set(ret_place, folder, err);
}

static bool place_silent(const struct place *place, enum service service, struct niva_error *err)
{
    char text_sv[240];
    char text_en[240];

    snprintf(text_sv, sizeof text_sv,
             "Inget Nivå-system svarar i %s (%s); starta med deploy/quickstart.", place->run_dir,
             service_name(service));
    snprintf(text_en, sizeof text_en,
             "No Nivå system answers in %s (%s); start one with deploy/quickstart.", place->run_dir,
             service_name(service));
    return niva_fail(err, NIVA_UNAVAILABLE, text_sv, text_en);
}

/* Whether somebody listens there: 0, or errno. */
static int socket_knock(const char *url)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int handle = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int refused;

    if (handle < 0)
        return errno;
    snprintf(address.sun_path, sizeof address.sun_path, "%.107s", url + strlen("ipc://"));
    refused = connect(handle, (const struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    close(handle);
    return refused;
}

bool place_check(const struct place *place, enum service service, struct niva_error *err)
{
    char first[NIVA_URL_SIZE];
    char url[NIVA_URL_SIZE];

    place_url(place, service, first);
    for (int i = 1; i <= NIVA_REPLICAS_MAX; i++) {
        int refused = niva_replica_url(first, i, url) ? socket_knock(url) : ENOENT;

        if (refused == 0)
            return true;
        if (refused == EACCES || refused == EPERM)
            return place_foreign(place->run_dir, err);
    }
    return place_silent(place, service, err);
}

void place_url(const struct place *place, enum service service, char ret_url[NIVA_URL_SIZE])
{
    snprintf(ret_url, NIVA_URL_SIZE, "ipc://%s/%s.user", place->run_dir, service_name(service));
}
