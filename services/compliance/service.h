/* Compliance says what is required of a unit and how it stands, day by day, and what day it is. It
 * never reads another service's database. What a month costs is compensation's to say: here amounts
 * are computed only of what is asked in advance, and never kept. */
#ifndef NIVA_COMPLIANCE_SERVICE_H
#define NIVA_COMPLIANCE_SERVICE_H

#include "services/common/run/service.h"

extern const struct niva_service compliance_service;

#endif
