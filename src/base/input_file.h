// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/line_account.h"
#include "base/source.h"

namespace segproof {

// One file that was read.
struct InputFile {
  FileId file;
  std::string path;    // as the user wrote it, or joined to the folder of the file that names it
  std::string sha256;  // of its bytes
  std::string format;  // "topology/1", "iptables-save", "nmap-xml", ..., "unrecognised"
  unsigned lines = 0;
  LineAccount account;
};

}  // namespace segproof
