/* niva-compliance. */
#include "services/compliance/service.h"

int main(int argc, char **argv)
{
    return niva_service_main(&compliance_service, argc, argv);
}
