/* A month as it may be told to everybody: runs that only the report or the absences behind them
 * part are one run, and it names neither. Where they begin would be the day on which somebody is
 * away. What the month costs is the same. Pure. */
#ifndef NIVA_COMPENSATION_JOINED_H
#define NIVA_COMPENSATION_JOINED_H

#include "niva/compliance/v1/events.pb-c.h"
#include "services/common/base/arena.h"

/* The joined timeline, in the arena; the rest is borrowed from the given one. NULL when the arena
 * is out. */
const Niva__Compliance__V1__TimelineChanged *
timeline_joined(const Niva__Compliance__V1__TimelineChanged *timeline,
                struct niva_arena *arena) NIVA_MUST_CHECK;

#endif
