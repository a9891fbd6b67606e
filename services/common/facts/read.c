#include "services/common/facts/read.h"

#include "services/common/wire/wire.h"

_Static_assert((int)NIVA_SUBCONTRACTED == NIVA__INTAKE__V1__POSITION__EMPLOYMENT__SUBCONTRACTED,
               "employments have the numbers of the proto");
_Static_assert((int)NIVA_OTHER_ABSENCE == NIVA__INTAKE__V1__ABSENCE__CATEGORY__OTHER,
               "categories have the numbers of the proto");

bool facts_out(struct niva_error *err)
{
    return niva_fail(err, NIVA_RESOURCE_EXHAUSTED,
                     "Underlaget är större än vad en beräkning får ta i anspråk.",
                     "The facts take more memory than one computation may have.");
}

const char *read_id(const char *id)
{
    return *id == '\0' ? NULL : id;
}

niva_instant read_recorded(struct niva_check *check,
                           const struct Google__Protobuf__Timestamp *timestamp)
{
    niva_instant recorded_at = INT64_MIN;

    (void)niva_check_timestamp(check, "recorded_at", timestamp, &recorded_at);
    return recorded_at;
}

struct niva_span read_span(struct niva_check *check, const char *first_day, const char *last_day)
{
    struct niva_span days = {NIVA_DAY_NONE, NIVA_DAY_END};

    if (niva_check_day(check, "first_day", first_day, true, &days.from))
        (void)niva_check_last_day(check, "last_day", last_day, days.from, &days.until);
    return days;
}

struct niva_span read_open(struct niva_check *check, const Niva__Intake__V1__Unit *message)
{
    struct niva_span open = {NIVA_DAY_NONE, NIVA_DAY_END};

    if (message != NULL &&
        niva_check_day(check, "opened_on", message->opened_on, false, &open.from))
        (void)niva_check_last_day(check, "closed_on", message->closed_on, open.from, &open.until);
    return open;
}

void read_contract(struct niva_check *check, const Niva__Compliance__V1__Contract *message,
                   struct niva_contract *ret_contract)
{
    struct niva_contract contract = {
        .id = message->version == 0 ? NULL : message->first_day,
        .days = read_span(check, message->first_day, message->last_day),
        .binding_from = NIVA_DAY_NONE,
        .minimum_milli = message->minimum_milli,
        .recorded_at = read_recorded(check, message->recorded_at),
    };

    (void)niva_check_day(check, "binding_from", message->binding_from, false,
                         &contract.binding_from);
    (void)niva_check_range(check, "minimum_milli", message->minimum_milli, 0, INT32_MAX);
    *ret_contract = contract;
}

void read_listing(struct niva_check *check, const Niva__Compliance__V1__Listing *message,
                  struct niva_listing *ret_listing)
{
    struct niva_listing listing = {
        .as_of = NIVA_DAY_NONE,
        .listed = message->listed,
        .weighted_milli = -1,
        .recorded_at = read_recorded(check, message->recorded_at),
    };

    (void)niva_check_day(check, "as_of", message->as_of, true, &listing.as_of);
    (void)niva_check_range(check, "listed", message->listed, 0, INT32_MAX);
    if (message->weighted_case == NIVA__COMPLIANCE__V1__LISTING__WEIGHTED_WEIGHTED_MILLI) {
        listing.weighted_milli = message->weighted_milli;
        (void)niva_check_range(check, "weighted_milli", message->weighted_milli, 0, INT64_MAX);
    }
    *ret_listing = listing;
}

static void read_position(struct niva_check *check, const Niva__Intake__V1__Position *message,
                          struct niva_position *ret_position)
{
    struct niva_position position = {
        .key = message->position_key,
        .title_code = message->title_code,
        .employment = (enum niva_employment)message->employment,
        .fte_milli = message->fte_milli,
        .licensed = message->licensed,
        .active = {NIVA_DAY_NONE, NIVA_DAY_END},
    };

    if (*message->position_key == '\0')
        niva_check_fail(check, "position_key", "REQUIRED", "Fältet måste anges.",
                        "The field must be given.");
    (void)niva_check_given(check, "employment", (int)message->employment);
    (void)niva_check_range(check, "fte_milli", message->fte_milli, 0, 1000);
    if (niva_check_day(check, "first_day", message->first_day, false, &position.active.from))
        (void)niva_check_last_day(check, "last_day", message->last_day, position.active.from,
                                  &position.active.until);
    *ret_position = position;
}

static bool read_positions(struct niva_check *check, const char *field, size_t count,
                           Niva__Intake__V1__Position *const *messages, struct niva_arena *arena,
                           const struct niva_position **ret_positions)
{
    struct niva_position *positions = niva_arena_array(arena, count, sizeof *positions);

    if (positions == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t mark = niva_check_enter(check, field, (long)i);
        read_position(check, messages[i], &positions[i]);
        niva_check_leave(check, mark);
    }
    *ret_positions = positions;
    return true;
}

bool read_report(struct niva_check *check, const Niva__Intake__V1__StaffingReport *message,
                 struct niva_arena *arena, struct niva_report *ret_report)
{
    struct niva_report report = {
        .id = read_id(message->report_id),
        .corrects = read_id(message->corrects_report_id),
        .effective_from = NIVA_DAY_NONE,
        .recorded_at = read_recorded(check, message->recorded_at),
        .erased = message->erased_by[0] != '\0',
        .position_count = message->n_positions,
    };

    (void)niva_check_day(check, "effective_from", message->effective_from, true,
                         &report.effective_from);
    if (!read_positions(check, "positions", message->n_positions, message->positions, arena,
                        &report.positions))
        return false;
    *ret_report = report;
    return true;
}

bool read_absence(struct niva_check *check, const Niva__Intake__V1__Absence *message,
                  struct niva_arena *arena, struct niva_absence *ret_absence)
{
    struct niva_absence absence = {
        .id = read_id(message->absence_id),
        .position_key = message->position_key,
        .days = {NIVA_DAY_NONE, NIVA_DAY_END},
        .absent_milli = -1,
        .category = NIVA_OTHER_ABSENCE,
        .expected_since = NIVA_DAY_NONE,
        .cancelled = message->cancelled,
        .recorded_at = read_recorded(check, message->recorded_at),
        .cover_count = message->n_cover,
    };

    if (niva_check_day(check, "first_day", message->first_day, true, &absence.days.from))
        (void)niva_check_last_day(check, "expected_last_day", message->expected_last_day,
                                  absence.days.from, &absence.days.until);
    (void)niva_check_day(check, "expected_since", message->expected_since, false,
                         &absence.expected_since);
    if (message->category != NIVA__INTAKE__V1__ABSENCE__CATEGORY__CATEGORY_UNSPECIFIED)
        absence.category = (enum niva_absence_category)message->category;
    if (message->part_case == NIVA__INTAKE__V1__ABSENCE__PART_ABSENT_MILLI) {
        absence.absent_milli = message->absent_milli;
        (void)niva_check_range(check, "absent_milli", message->absent_milli, 0, 1000);
    }
    if (!read_positions(check, "cover", message->n_cover, message->cover, arena, &absence.cover))
        return false;
    *ret_absence = absence;
    return true;
}

void read_dispensation(struct niva_check *check, const Niva__Compliance__V1__Dispensation *message,
                       struct niva_dispensation *ret_dispensation)
{
    struct niva_dispensation dispensation = {
        .id = read_id(message->dispensation_id),
        .days = read_span(check, message->first_day, message->last_day),
        .reduced_minimum_milli = -1,
        .revoked_from = NIVA_DAY_NONE,
        .voided = message->voided,
        .recorded_at = read_recorded(check, message->recorded_at),
    };

    (void)niva_check_day(check, "revoked_from", message->revoked_from, false,
                         &dispensation.revoked_from);
    if (message->reduced_case ==
        NIVA__COMPLIANCE__V1__DISPENSATION__REDUCED_REDUCED_MINIMUM_MILLI) {
        dispensation.reduced_minimum_milli = message->reduced_minimum_milli;
        (void)niva_check_range(check, "reduced_minimum_milli", message->reduced_minimum_milli, 0,
                               INT32_MAX);
    }
    *ret_dispensation = dispensation;
}

void read_finding(struct niva_check *check, const Niva__Compliance__V1__Finding *message,
                  struct niva_finding *ret_finding)
{
    *ret_finding = (struct niva_finding){
        .id = read_id(message->finding_id),
        .days = read_span(check, message->first_day, message->last_day),
        .counted_milli = message->counted_milli,
        .recorded_at = read_recorded(check, message->recorded_at),
    };
    (void)niva_check_range(check, "counted_milli", message->counted_milli, 0, INT32_MAX);
}

void read_component(struct niva_check *check, const Niva__Compensation__V1__Component *message,
                    struct niva_component *ret_component)
{
    *ret_component = (struct niva_component){
        .id = message->version == 0 ? NULL : message->first_day,
        .name = message->component,
        .days = read_span(check, message->first_day, message->last_day),
        .monthly_ore = message->monthly_ore,
        .regulated = message->regulated,
        .recorded_at = read_recorded(check, message->recorded_at),
    };
    if (*message->component == '\0')
        niva_check_fail(check, "component", "REQUIRED", "Fältet måste anges.",
                        "The field must be given.");
    (void)niva_check_range(check, "monthly_ore", message->monthly_ore, 0, INT64_MAX);
}
