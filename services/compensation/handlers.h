/* The handlers: what people and programs ask of compensation. Commands are checked in decide.h;
 * these are the reads. Each checks its request and fills its reply. */
#ifndef NIVA_COMPENSATION_HANDLERS_H
#define NIVA_COMPENSATION_HANDLERS_H

#include "services/common/run/service.h"

typedef bool read_handler(struct niva_read *read, const ProtobufCMessage *request,
                          ProtobufCMessage *reply, struct niva_error *err);

read_handler handle_list_components;
read_handler handle_list_adjustments;
read_handler handle_get_adjustment;
read_handler handle_explain_adjustment;
read_handler handle_list_settlement_configs;
read_handler handle_get_settlement;
read_handler handle_list_settlements;
read_handler handle_list_erasures;

#endif
