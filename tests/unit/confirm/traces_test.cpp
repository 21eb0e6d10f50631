// SPDX-License-Identifier: Apache-2.0
// What is left of the namespaces on this machine: nothing, however it ends.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>  // NOLINT: kill() is POSIX
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "claim/session.h"
#include "confirm/confirm.h"
#include "confirm/experiment.h"
#include "confirm/process.h"
#include "support/skip.h"
#include "three_firewalls.h"
#include "unit/snapshot/dump.h"

using namespace segproof;
using namespace segproof::test;

namespace {

bool kernel_is_there() {
  const Result<confirm::Observations> nothing = confirm::experiment({}, {});
  if (!nothing) {
    skip("kernel", nothing.failure().message);
  }
  return nothing.ok();
}

// The text without what lies between `from` and the next `to`, both included.
std::string without(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    const std::size_t end = text.find(to, at);
    text.erase(at, end == std::string::npos ? end : end + to.size() - at);
  }
  return text;
}

// The network configuration of this machine, as far as programs tell.
std::string host_state() {
  std::string state;
  const auto add = [&](const std::vector<std::string>& words) {
    const confirm::Ran ran = confirm::run(words, "");
    state += fmt::format("{}\n{}\n", fmt::join(words, " "), without(ran.output, "expires ", "sec"));
  };
  add({"ip", "-br", "addr"});
  add({"ip", "-br", "link"});
  for (const char* family : {"-4", "-6"}) {
    add({"ip", family, "route", "show", "table", "all"});
    add({"ip", family, "rule"});
  }
  add({"ip", "neigh", "show", "nud", "permanent"});
  add({"ip", "netns"});
  add({"nft", "list", "ruleset"});
  for (const char* program : {"iptables-legacy-save", "ip6tables-legacy-save"}) {
    const confirm::Ran ran = confirm::run({program}, "");
    state += without(ran.output, "#", "\n");
  }
  state += std::filesystem::exists("/run/xtables.lock") ? "lock\n" : "no lock\n";
  for (const char* name : {"ipv4/ip_forward", "ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter",
                           "ipv6/conf/default/disable_ipv6", "ipv4/icmp_echo_ignore_all"}) {
    std::ifstream file(std::string("/proc/sys/net/") + name);
    std::string value;
    std::getline(file, value);
    state += fmt::format("{} {}\n", name, value);
  }
  return state;
}

std::string namespaces_of_this_process() {
  std::string text;
  for (const char* kind : {"net", "mnt", "user"}) {
    text += std::filesystem::read_symlink(std::string("/proc/self/ns/") + kind).string() + " ";
  }
  return text;
}

// The first child of a process; 0: none.
pid_t child_of(pid_t process) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", process));
  pid_t child = 0;
  file >> child;
  return child;
}

bool is_alive(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string line;
  std::getline(file, line);
  const std::size_t state = line.rfind(')');
  return state != std::string::npos && line.size() > state + 2 && line[state + 2] != 'Z';
}

template <class Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) {
      return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

// Builds the three firewalls again and again, until it is killed.
[[noreturn]] void confirm_for_ever() {
  for (const int caught : {SIGINT, SIGTERM}) {
    signal(caught, SIG_DFL);  // the test program would report them
  }
  const Loaded loaded = load(three_firewalls());
  claim::Results results;
  claim::Verdict proved;
  proved.id = "OUT-2";
  proved.outcome = claim::Outcome::proved;
  results.verdicts.push_back(proved);
  for (;;) {
    static_cast<void>(confirm::confirm(loaded.snapshot, loaded.sources, {.seed = 1, .probes = 2000}, results));
  }
}

}  // namespace

TEST_CASE("the network of this machine is as it was before") {
  if (!kernel_is_there()) {
    return;
  }
  const std::string before = host_state();
  const std::string spaces = namespaces_of_this_process();
  CHECK(before.find("ip -br addr") != std::string::npos);
  const Loaded loaded = load(three_firewalls());
  claim::Results results = claim::verify(loaded.snapshot.network, loaded.snapshot.claims, loaded.sources, {});
  const Result<bool> done = confirm::confirm(loaded.snapshot, loaded.sources, {.seed = 2, .probes = 50}, results);
  REQUIRE(done.ok());
  CHECK(host_state() == before);
  CHECK(namespaces_of_this_process() == spaces);
  CHECK(child_of(getpid()) == 0);
}

TEST_CASE("the laboratory ends with the process that asked for it, however that ends") {
  if (!kernel_is_there()) {
    return;
  }
  const std::string before = host_state();
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    CAPTURE(signal);
    const pid_t program = fork();
    if (program == 0) {
      confirm_for_ever();
    }
    REQUIRE(program > 0);
    pid_t laboratory = 0;
    CHECK(comes_true([&] {
      laboratory = child_of(program);
      return laboratory != 0 && child_of(laboratory) != 0;  // it runs a program, so it is being built
    }));
    CHECK(kill(program, signal) == 0);
    int status = 0;
    CHECK(waitpid(program, &status, 0) == program);
    CHECK(WIFSIGNALED(status));
    CHECK(laboratory != 0);
    CHECK(comes_true([&] { return !is_alive(laboratory); }));
  }
  CHECK(host_state() == before);
}
