/* Compensation as a service: its methods, events, migrations and rules as one table. */
#ifndef NIVA_COMPENSATION_COMPENSATION_H
#define NIVA_COMPENSATION_COMPENSATION_H

#include "services/common/run/service.h"

extern const struct niva_service compensation_service;

#endif
