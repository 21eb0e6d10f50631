// SPDX-License-Identifier: Apache-2.0
#include "proof/certificates.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

#include "base/sha256.h"

namespace segproof::proof {
namespace {

Certified certificate_of(const claim::Verdict& verdict, std::string_view network, std::string_view sha256) {
  if (verdict.advisory) {
    return {std::nullopt, "an entry beside a claim has no certificate of its own"};
  }
  return certify(network, sha256, verdict);
}

// Claims that may be proved by the same rows, in their order: those for which the same places fall. Others are alone.
std::vector<std::vector<std::size_t>> groups_of(std::span<const claim::Verdict> verdicts) {
  std::vector<std::vector<std::size_t>> result;
  const auto is_alike = [&](const claim::Verdict& one, const claim::Verdict& other) {
    return one.outcome == claim::Outcome::proved && other.outcome == claim::Outcome::proved && !one.blast.empty() &&
           !one.advisory && !other.advisory && one.pivot == other.pivot && one.spoofing == other.spoofing &&
           std::ranges::equal(one.blast, other.blast, {}, &claim::Fallen::place, &claim::Fallen::place);
  };
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const auto group = std::ranges::find_if(
        result, [&](const std::vector<std::size_t>& some) { return is_alike(verdicts[some.front()], verdicts[i]); });
    if (group == result.end()) {
      result.push_back({i});
    } else {
      group->push_back(i);
    }
  }
  return result;
}

}  // namespace

std::vector<Certified> certify_all(std::string_view network, std::span<const claim::Verdict> verdicts, unsigned jobs,
                                   const std::function<void(std::size_t, std::size_t)>& progress) {
  std::vector<Certified> result(verdicts.size());
  const std::string hash = sha256_hex(network);
  const std::vector<std::vector<std::size_t>> groups = groups_of(verdicts);
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t done = 0;
  std::exception_ptr fault;
  const auto work = [&] {
    for (std::size_t g = next++; g < groups.size(); g = next++) {
      for (const std::size_t i : groups[g]) {
        const std::size_t first = groups[g].front();
        try {
          if (i != first && result[first].certificate) {
            result[i] = certify_alike(network, hash, verdicts[i].id, verdicts[first].id, *result[first].certificate);
          }
          if (!result[i].certificate) {
            result[i] = certificate_of(verdicts[i], network, hash);
          }
        } catch (...) {
          const std::lock_guard lock(mutex);
          fault = std::current_exception();
          next = groups.size();
        }
        const std::lock_guard lock(mutex);
        if (progress) {
          progress(++done, verdicts.size());
        }
      }
    }
  };
  const std::size_t wanted = jobs == 0 ? std::max(1U, std::thread::hardware_concurrency()) : jobs;
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(wanted, groups.size()); ++i) {
    others.emplace_back(work);
  }
  work();
  for (std::thread& other : others) {
    other.join();
  }
  if (fault) {
    std::rethrow_exception(fault);
  }
  return result;
}

}  // namespace segproof::proof
