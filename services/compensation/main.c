/* niva-compensation: components, and what a month's shortfall takes from them. */
#include "services/compensation/compensation.h"

int main(int argc, char **argv)
{
    return niva_service_main(&compensation_service, argc, argv);
}
