/* Every method of Nivå by name: what `call` and `apply` can reach, and which service answers. */
#ifndef NIVA_NIVACTL_METHODS_H
#define NIVA_NIVACTL_METHODS_H

#include <protobuf-c/protobuf-c.h>

#include "services/common/base/error.h"

enum service { INTAKE, COMPLIANCE, COMPENSATION, SERVICE_COUNT, ANY_SERVICE = SERVICE_COUNT };

/* "intake" … */
const char *service_name(enum service service);
/* The service of a name; false when there is none. Names of streams are names of services. */
bool service_find(const char *name, enum service *ret_service) NIVA_MUST_CHECK;

/* Who follows whose stream, in the order in which what is written travels. Compensation's amounts
 * come back to compliance, which tells of nothing there that would move compensation again. */
struct follow {
    enum service follower;
    enum service followed;
};
/* The index-th; false behind the last. */
bool follow_at(size_t index, struct follow *ret_follow) NIVA_MUST_CHECK;

struct method {
    char name[128];       /* "/niva.intake.v1.ReportService/SubmitReport" */
    enum service service; /* ANY_SERVICE: every service serves it */
    const ProtobufCMethodDescriptor *type;
};

/* The method of a name, with or without leading slash; false when there is none. */
bool method_find(const char *name, struct method *ret_method) NIVA_MUST_CHECK;
/* The index-th of all methods, in order of service; false behind the last. */
bool method_at(size_t index, struct method *ret_method) NIVA_MUST_CHECK;

#endif
