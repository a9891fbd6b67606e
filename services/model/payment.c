#include "services/model/payment.h"

#include <stdlib.h>
#include <string.h>

#include "services/model/record.h"

static int name_compare(const void *left, const void *right)
{
    const struct niva_component *a = *(const struct niva_component *const *)left;
    const struct niva_component *b = *(const struct niva_component *const *)right;
    int order = strcmp(a->name, b->name);

    if (order != 0)
        return order;
    return a < b ? -1 : a > b; /* in one list */
}

int64_t payment_on(const struct payment *payment, niva_day day, niva_day *ret_until)
{
    const struct niva_component *component = layer_until(&payment->amounts, day, ret_until);

    return component != NULL && component->regulated ? component->monthly_ore : 0;
}

static void payment_sum(struct payment *payment, struct niva_span month)
{
    struct ratio part __attribute__((cleanup(ratio_clear))) = RATIO_ZERO;

    for (size_t i = 0; i < payment->amounts.count; i++) {
        const struct layer_piece *piece = &payment->amounts.pieces[i];
        niva_day until;
        int64_t ore = payment_on(payment, piece->days.from, &until);
        ratio_set(&part, (int128)ore * (piece->days.until - piece->days.from),
                  month.until - month.from);
        ratio_add(&payment->full, &part);
    }
}

/* The payment of the records of one name. */
static bool payment_make(const struct niva_month *month,
                         const struct niva_component *const *records, size_t count,
                         struct niva_arena *arena, struct payment *payment, bool *ret_regulated)
{
    struct record_entry *entries = niva_arena_array(arena, count, sizeof *entries);
    struct layer_item *items = niva_arena_array(arena, count, sizeof *items);

    if (entries == NULL || items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct record_entry){records[i]->id, records[i]->recorded_at, i};
    size_t present = record_present(entries, count, INT64_MAX);
    *ret_regulated = false;
    for (size_t i = 0; i < present; i++) {
        const struct niva_component *component = records[entries[i].index];
        *ret_regulated = *ret_regulated || component->regulated;
        items[i] = (struct layer_item){
            .days = component->days,
            .rank = component->days.from,
            .order = (int64_t)i,
            .fact = component,
        };
    }
    payment->name = records[0]->name;
    return layer_build(items, present, span_common(month->days, month->open), arena,
                       &payment->amounts);
}

bool payments_make(const struct niva_month *month, struct niva_arena *arena, size_t *ret_count,
                   struct payment **ret_payments)
{
    size_t all = month->component_count;
    const struct niva_component **records = niva_arena_array(arena, all, sizeof *records);
    struct payment *payments = niva_arena_array(arena, all, sizeof *payments);
    size_t count = 0;

    *ret_count = 0;
    *ret_payments = NULL;
    if (records == NULL || payments == NULL)
        return false;
    for (size_t i = 0; i < all; i++)
        records[i] = &month->components[i];
    if (all > 1)
        qsort(records, all, sizeof *records, name_compare);
    for (size_t i = 0, first = 0; i < all; i++) {
        bool regulated;
        if (i + 1 < all && strcmp(records[i]->name, records[i + 1]->name) == 0)
            continue;
        payments[count] = (struct payment){.full = RATIO_ZERO};
        if (!payment_make(month, &records[first], i + 1 - first, arena, &payments[count],
                          &regulated)) {
            payments_clear(payments, count);
            return false;
        }
        first = i + 1;
        if (regulated)
            payment_sum(&payments[count++], month->days);
    }
    *ret_count = count;
    *ret_payments = payments;
    return true;
}

bool niva_fixed_compute(const struct niva_month *month, struct niva_arena *arena, int64_t *ret_ore,
                        struct niva_error *err)
{
    struct payment *payments;
    size_t count;
    int128 sum = 0;

    if (!payments_make(month, arena, &count, &payments))
        return arena_out(err);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < payments[i].amounts.count; k++) {
            const struct niva_span days = payments[i].amounts.pieces[k].days;
            niva_day until;

            sum += (int128)payment_on(&payments[i], days.from, &until) * (days.until - days.from);
        }
    payments_clear(payments, count);
    if (sum > INT64_MAX)
        return arena_out(err);
    *ret_ore = (int64_t)sum;
    return true;
}

void payments_clear(struct payment *payments, size_t count)
{
    for (size_t i = 0; payments != NULL && i < count; i++)
        ratio_clear(&payments[i].full);
}
