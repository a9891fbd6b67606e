#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/common/base/clock.h"
#include "services/common/pg/connection.h"

/* A reader does not wait longer than this for a server that is away. */
enum { OPEN_MS = 1000 };

struct niva_pg_pool {
    pthread_mutex_t lock;
    pthread_cond_t given;
    char *conninfo;
    char *schema;
    char *application;
    int size;
    int open; /* resting and taken */
    int resting_count;
    struct niva_pg **resting;
    int taken_count;
    struct niva_pg **taken;
    bool interrupted;
};

struct niva_pg_pool *niva_pg_pool_new(const char *conninfo, const char *schema,
                                      const char *application, int size)
{
    struct niva_pg_pool *pool = calloc(1, sizeof *pool);
    pthread_condattr_t attributes;

    if (pool == NULL)
        return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->size = size;
    pool->conninfo = strdup(conninfo);
    pool->schema = strdup(schema);
    pool->application = strdup(application);
    pool->resting = calloc((size_t)size, sizeof(struct niva_pg *));
    pool->taken = calloc((size_t)size, sizeof(struct niva_pg *));
    if (pool->conninfo == NULL || pool->schema == NULL || pool->application == NULL ||
        pool->resting == NULL || pool->taken == NULL)
        return niva_pg_pool_free(pool);
    return pool;
}

struct niva_pg_pool *niva_pg_pool_free(struct niva_pg_pool *pool)
{
    if (pool == NULL)
        return NULL;
    while (pool->resting != NULL && pool->resting_count > 0)
        niva_pg_close(pool->resting[--pool->resting_count]);
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->lock);
    free(pool->resting);
    free(pool->taken);
    free(pool->conninfo);
    free(pool->schema);
    free(pool->application);
    free(pool);
    return NULL;
}

/* A place in the pool: a resting connection, or NULL and the right to open one. */
static bool place_take(struct niva_pg_pool *pool, int64_t deadline_ms, struct niva_pg **ret_pg)
{
    struct timespec until = {.tv_sec = deadline_ms / 1000, .tv_nsec = deadline_ms % 1000 * 1000000};
    bool taken;

    pthread_mutex_lock(&pool->lock);
    while (pool->resting_count == 0 && pool->open == pool->size && !pool->interrupted)
        if (pthread_cond_timedwait(&pool->given, &pool->lock, &until) != 0)
            break;
    taken = pool->resting_count > 0 || pool->open < pool->size;
    if (pool->resting_count > 0) {
        *ret_pg = pool->resting[--pool->resting_count];
    } else if (taken) {
        *ret_pg = NULL;
        pool->open++;
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

/* False when nothing may wait any more. */
static bool taken_add(struct niva_pg_pool *pool, struct niva_pg *pg)
{
    bool good;

    pthread_mutex_lock(&pool->lock);
    good = !pool->interrupted;
    if (good)
        pool->taken[pool->taken_count++] = pg;
    pthread_mutex_unlock(&pool->lock);
    return good;
}

static void taken_remove(struct niva_pg_pool *pool, const struct niva_pg *pg)
{
    int at = 0;

    pthread_mutex_lock(&pool->lock);
    while (pool->taken[at] != pg)
        at++;
    pool->taken[at] = pool->taken[--pool->taken_count];
    pthread_mutex_unlock(&pool->lock);
}

static void place_give(struct niva_pg_pool *pool, struct niva_pg *resting)
{
    pthread_mutex_lock(&pool->lock);
    if (resting != NULL)
        pool->resting[pool->resting_count++] = resting;
    else
        pool->open--;
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

struct niva_pg *niva_pg_pool_take(struct niva_pg_pool *pool, int64_t deadline_ms,
                                  struct niva_error *err)
{
    int64_t open_until = niva_clock_monotonic_ms() + OPEN_MS;
    struct niva_pg *pg;

    if (!place_take(pool, deadline_ms, &pg)) {
        niva_fail(err, NIVA_DEADLINE_EXCEEDED, "Alla förbindelser till databasen är upptagna.",
                  "All connections to the database are busy.");
        return NULL;
    }
    if (open_until > deadline_ms)
        open_until = deadline_ms;
    if (pg == NULL)
        pg = connection_open(pool->conninfo, pool->schema, pool->application, open_until, err);
    else if (!connection_rests(pg) && !niva_pg_reopen(pg, open_until, err))
        pg = niva_pg_close(pg);
    if (pg != NULL && !taken_add(pool, pg)) {
        niva_fail(err, NIVA_UNAVAILABLE, "Förbindelserna till databasen stängs.",
                  "The connections to the database are being closed.");
        pg = niva_pg_close(pg);
    }
    if (pg == NULL)
        place_give(pool, NULL);
    return pg;
}

void niva_pg_pool_interrupt(struct niva_pg_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->interrupted = true;
    for (int i = 0; i < pool->taken_count; i++)
        niva_pg_interrupt(pool->taken[i]);
    pthread_cond_broadcast(&pool->given);
    pthread_mutex_unlock(&pool->lock);
}

void niva_pg_pool_give(struct niva_pg_pool *pool, struct niva_pg *pg)
{
    taken_remove(pool, pg);
    if (!connection_rests(pg))
        pg = niva_pg_close(pg);
    place_give(pool, pg);
}
