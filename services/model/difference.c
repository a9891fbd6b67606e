#include "services/model/difference.h"

#include "services/model/timeline.h"

struct niva_due niva_due_compute(int64_t new_ore, const struct niva_decided *decided, size_t count)
{
    struct niva_due due = {.due_ore = new_ore, .held_by = NIVA_NO_INDEX};

    for (size_t k = 0; k < count; k++) {
        int64_t more = new_ore > decided[k].total_ore ? new_ore - decided[k].total_ore : 0;

        due.taken_ore += decided[k].deduction_ore;
        if (decided[k].proposed_ore < 0 || due.taken_ore + more >= due.due_ore)
            continue;
        due.due_ore = due.taken_ore + more;
        due.held_by = k;
    }
    return due;
}
