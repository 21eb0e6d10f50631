// SPDX-License-Identifier: Apache-2.0
// Statements that send a packet elsewhere: address translation, copies, redirection.
#pragma once

#include "input/nft/cursor.h"
#include "input/nft/statement.h"

namespace segproof::nft {

void parse_nat(Cursor& cursor, Statement& statement);            // after snat, dnat
void parse_interface_nat(Cursor& cursor, Statement& statement);  // after masquerade, redirect
void parse_duplicate(Cursor& cursor, Statement& statement);
void parse_forward(Cursor& cursor, Statement& statement);
void parse_transparent_proxy(Cursor& cursor, Statement& statement);

}  // namespace segproof::nft
