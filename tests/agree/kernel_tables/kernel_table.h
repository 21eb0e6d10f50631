// SPDX-License-Identifier: Apache-2.0
// Tables of packets with the kernel's verdicts, as they lie beside the rule sets (INDEX.md there says how they were
// made).
#pragma once

#include <string>
#include <vector>

namespace segproof::test {

struct KernelTable {
  std::string table;  // path of the .tsv.gz
  std::string rules;  // path of the rule set that was loaded
  std::string backend;
};

// The tables of INDEX.md whose backend is one of `backends`.
[[nodiscard]] std::vector<KernelTable> kernel_tables(const std::string& folder,
                                                     const std::vector<std::string>& backends);
// The text of a gzip file; empty when it cannot be unpacked.
[[nodiscard]] std::string unpack(const std::string& path);

// Whether two headers "SRC>DST[:SPORT>DPORT]" agree, `*` matching anything in its place. `*` alone matches any header.
[[nodiscard]] bool headers_agree(const std::string& ours, const std::string& theirs);

}  // namespace segproof::test
