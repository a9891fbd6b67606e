#include "services/common/facts/read.h"

bool niva_facts_open(const Niva__Intake__V1__Unit *message, struct niva_span *ret_open,
                     struct niva_error *err)
{
    struct niva_check check;

    niva_check_begin(&check, err);
    struct niva_span open = read_open(&check, message);
    if (!niva_check_end(&check))
        return false;
    *ret_open = open;
    return true;
}

bool niva_facts_rule_set(const Niva__Compliance__V1__RuleSet *message, struct niva_arena *arena,
                         struct niva_rule_set *ret_rule_set, struct niva_error *err)
{
    struct niva_check check;
    struct niva_rule_set rule_set;

    niva_check_begin(&check, err);
    if (!read_rule_set(&check, message, arena, &rule_set))
        return facts_out(err);
    if (!niva_check_end(&check))
        return false;
    *ret_rule_set = rule_set;
    return true;
}

bool niva_facts_contract(const Niva__Compliance__V1__Contract *message,
                         struct niva_contract *ret_contract, struct niva_error *err)
{
    struct niva_check check;
    struct niva_contract contract;

    niva_check_begin(&check, err);
    read_contract(&check, message, &contract);
    if (!niva_check_end(&check))
        return false;
    *ret_contract = contract;
    return true;
}

bool niva_facts_listing(const Niva__Compliance__V1__Listing *message,
                        struct niva_listing *ret_listing, struct niva_error *err)
{
    struct niva_check check;
    struct niva_listing listing;

    niva_check_begin(&check, err);
    read_listing(&check, message, &listing);
    if (!niva_check_end(&check))
        return false;
    *ret_listing = listing;
    return true;
}

bool niva_facts_report(const Niva__Intake__V1__StaffingReport *message, struct niva_arena *arena,
                       struct niva_report *ret_report, struct niva_error *err)
{
    struct niva_check check;
    struct niva_report report;

    niva_check_begin(&check, err);
    if (!read_report(&check, message, arena, &report))
        return facts_out(err);
    if (!niva_check_end(&check))
        return false;
    *ret_report = report;
    return true;
}

bool niva_facts_absence(const Niva__Intake__V1__Absence *message, struct niva_arena *arena,
                        struct niva_absence *ret_absence, struct niva_error *err)
{
    struct niva_check check;
    struct niva_absence absence;

    niva_check_begin(&check, err);
    if (!read_absence(&check, message, arena, &absence))
        return facts_out(err);
    if (!niva_check_end(&check))
        return false;
    *ret_absence = absence;
    return true;
}

bool niva_facts_dispensation(const Niva__Compliance__V1__Dispensation *message,
                             struct niva_dispensation *ret_dispensation, struct niva_error *err)
{
    struct niva_check check;
    struct niva_dispensation dispensation;

    niva_check_begin(&check, err);
    read_dispensation(&check, message, &dispensation);
    if (!niva_check_end(&check))
        return false;
    *ret_dispensation = dispensation;
    return true;
}

bool niva_facts_finding(const Niva__Compliance__V1__Finding *message,
                        struct niva_finding *ret_finding, struct niva_error *err)
{
    struct niva_check check;
    struct niva_finding finding;

    niva_check_begin(&check, err);
    read_finding(&check, message, &finding);
    if (!niva_check_end(&check))
        return false;
    *ret_finding = finding;
    return true;
}

bool niva_facts_component(const Niva__Compensation__V1__Component *message,
                          struct niva_component *ret_component, struct niva_error *err)
{
    struct niva_check check;
    struct niva_component component;

    niva_check_begin(&check, err);
    read_component(&check, message, &component);
    if (!niva_check_end(&check))
        return false;
    *ret_component = component;
    return true;
}
