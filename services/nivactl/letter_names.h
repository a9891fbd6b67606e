/* The names that the templates of letters may use (services/letters). deploy/letters/README.md says
 * what each stands for. */
#ifndef NIVA_NIVACTL_LETTER_NAMES_H
#define NIVA_NIVACTL_LETTER_NAMES_H

#include "services/letters/letters.h"

extern const struct niva_letter_name communication_names[];
extern const struct niva_letter_name decision_names[];
extern const struct niva_letter_name call_names[];
extern const struct niva_letter_name receipt_names[];

#endif
