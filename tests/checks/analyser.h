/* What clang's analyser cannot see, looking at one file at a time: who refuses answers false. */
#include "services/common/base/error.h"
#include "services/common/wire/path.h"

#define niva_fail(...)           (niva_fail(__VA_ARGS__), false)
#define niva_fail_cause(...)     (niva_fail_cause(__VA_ARGS__), false)
#define niva_fail_internal(...)  (niva_fail_internal(__VA_ARGS__), false)
#define niva_fail_violation(...) (niva_fail_violation(__VA_ARGS__), false)
#define niva_refuse(...)         (niva_refuse(__VA_ARGS__), false)
#define niva_fail_memory(...)    (niva_fail_memory(__VA_ARGS__), false)
#define wire_refuse(...)         (wire_refuse(__VA_ARGS__), false)
