// SPDX-License-Identifier: Apache-2.0
// A configuration in a test: what it says, and what happens to single packets.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/source.h"
#include "input/cisco/reader.h"

namespace segproof::test {

class Bench {
 public:
  // `table`: what the device said of its routes; empty: nothing.
  explicit Bench(std::string text, CiscoDialect dialect = CiscoDialect::ios, std::string table = {});

  // "IN OUT tcp 10.0.0.1:1024 > 10.0.0.2:80 [FLAGS]": "accept line 7", "drop line 9", "unknown", with the header behind
  // it when it changed. Flags as a number, SYN by default; ICMP: type/code in the place of the destination's port.
  [[nodiscard]] std::string judge(std::string_view question) const;
  // "LINE: MESSAGE" of each diagnostic, separated by " | ".
  [[nodiscard]] std::string messages() const;
  // One letter for each line: `.` blank, m modelled, i irrelevant, ? undecided, X unmodelled.
  [[nodiscard]] std::string account() const;
  [[nodiscard]] const model::DeviceConfiguration& device() const { return device_; }

 private:
  SourceStore sources_;
  DiagnosticSink sink_;
  model::DeviceConfiguration device_;
};

}  // namespace segproof::test
