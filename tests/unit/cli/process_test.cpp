// SPDX-License-Identifier: Apache-2.0
// The program as a process: streams, signals, exit codes. Only what needs no network; tests/golden has the rest.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>

#include "unit/cli/shell.h"

namespace segproof::cli {
namespace {

constexpr const char* rules =
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    "-A FORWARD -i eth0 -o eth1 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";

// Runs a line of bash in which $segproof is the program; exit code, a colon, and what was printed on both streams.
std::string shell(const std::string& line) {
  const std::string script = fmt::format("segproof='{}'; {{ {}\n}} 2>&1; printf ' exit %d' $?", SEGPROOF_PROGRAM, line);
  const TextFile file(script, "script");
  return shell_output("bash " + file.path()).second;
}

TEST_CASE("exit codes of usage") {
  CHECK(shell("$segproof > /dev/null 2>&1") == "exit 2");
  CHECK(shell("$segproof --version > /dev/null") == "exit 0");
  CHECK(shell("$segproof verify --nope 2> /dev/null") == "exit 2");
  CHECK(shell("$segproof verify --topology /no/such --policy /no/such 2> /dev/null") == "exit 2");
  CHECK(shell("$segproof verify /no/such --format json 2> /dev/null") == "exit 2");
}

TEST_CASE("answers go to standard output, the rest to standard error") {
  CHECK(shell("$segproof verify --help 2>&1 > /dev/null") == "exit 0");
  CHECK(shell("$segproof nope 2> /dev/null") == "exit 2");
}

TEST_CASE("a packet through a rule set, from a file and from standard input") {
  const TextFile file(rules, "rules");
  const std::string packet = "--packet 'tcp 10.0.0.5:40000 > 10.1.0.9:22' --in eth0 --out eth1";
  const std::string out = shell(fmt::format("$segproof filter {} {}", file.path(), packet));
  CHECK(out.starts_with(fmt::format("accept\t{}:5\t\t", file.path())));
  CHECK(out.ends_with("exit 0"));
  CHECK(shell(fmt::format("$segproof filter - {} < {}", packet, file.path())).starts_with("accept\t-:5\t\t"));
}

TEST_CASE("-o writes the file and nothing else") {
  const TextFile file(rules, "rules");
  const std::string out =
      shell(fmt::format("$segproof filter {0} --packet 'tcp 10.0.0.5:40000 > 10.1.0.9:23' --in eth0 --out eth1 -o "
                        "{0}.out && cut -f1 {0}.out; "
                        "rm {0}.out",
                        file.path()));
  CHECK(out == "drop\n exit 0");
}

TEST_CASE("a reader that goes away is no fault, a full disk is one") {
  CHECK(shell("set -o pipefail; $segproof --generate man | true") == "exit 0");
  CHECK(shell("$segproof --generate man > /dev/full") == "segproof: error: cannot write to standard output\n exit 2");
}

TEST_CASE("normalise writes the network file, whatever the claims say") {
  const std::string inputs = "-t topologies/transfer-enclave -p policies/transfer-enclave/e4";
  CHECK(shell("$segproof normalise " + inputs + " | head -1") == "segproof-network 1\n exit 0");
  CHECK(shell("$segproof normalise " + inputs + " -o /dev/full") ==
        "segproof: error: cannot write `/dev/full`: No space left on device\n exit 2");
  CHECK(shell("$segproof normalise /no/such 2> /dev/null") == "exit 2");
  CHECK(shell("$segproof normalise " + inputs + " --format json 2> /dev/null") == "exit 2");
}

TEST_CASE("inputs says what became of each line") {
  const std::string out = shell(
      "d=$(mktemp -d); printf 'ASA Version 9.1\\ninterface Ethernet0\\n nameif out\\n ip address 10.0.0.1 255.0.0.0\\n"
      "frobnicate all\\n' > $d/fw1.cfg; $segproof inputs -t $d 2> /dev/null; code=$?; rm -r $d; (exit $code)");
  CHECK(out.find("(cisco-asa, 5 lines, 3 modelled)\n    1 irrelevant: 1\n    1 unmodelled: 5\n") != std::string::npos);
  CHECK(out.ends_with("1 file: 3 modelled, 1 irrelevant, 0 undecided, 1 unmodelled, 0 blank\n exit 0"));
  CHECK(shell("$segproof inputs -t topologies/transfer-enclave -p policies/transfer-enclave/e4 --format json | sed -n "
              "2p") == "\"schema\": \"segproof/inputs/1\",\n exit 0");
  CHECK(shell("$segproof inputs /no/such 2> /dev/null") == "exit 2");
}

TEST_CASE("keygen writes both halves of a key, once") {
  const std::string folder = "d=$(mktemp -d); ";
  CHECK(shell(folder + "$segproof keygen $d/a 2> /dev/null; code=$?; stat -c %a $d/a.key; head -1 $d/a.pub; rm -r $d; "
                       "(exit $code)") == "600\n-----BEGIN PUBLIC KEY-----\n exit 0");
  CHECK(shell(folder + "echo mine > $d/a.key; $segproof keygen $d/a 2> /dev/null; code=$?; cat $d/a.key; ls $d; "
                       "rm -r $d; (exit $code)") == "mine\na.key\n exit 2");
  CHECK(shell(folder + "touch $d/a.pub; $segproof keygen $d/a 2> /dev/null; code=$?; ls $d; rm -r $d; (exit $code)") ==
        "a.pub\n exit 2");
}

TEST_CASE("an interrupt ends it with 130") {
  // It waits for a table that never comes.
  CHECK(shell("set -m; $segproof filter - --packet 'tcp 10.0.0.5:1 > 10.1.0.9:2' < <(sleep 30) & pid=$!; "
              "sleep 0.5; kill -INT $pid; wait $pid; code=$?; (exit $code)")
            .ends_with("exit 130"));
}

}  // namespace
}  // namespace segproof::cli
