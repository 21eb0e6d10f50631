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

}  // namespace

std::vector<Certified> certify_all(std::string_view network, std::span<const claim::Verdict> verdicts, unsigned jobs,
                                   const std::function<void(std::size_t, std::size_t)>& progress) {
  std::vector<Certified> result(verdicts.size());
  const std::string hash = sha256_hex(network);
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t done = 0;
  std::exception_ptr fault;
  const auto work = [&] {
    for (std::size_t i = next++; i < verdicts.size(); i = next++) {
      try {
        result[i] = certificate_of(verdicts[i], network, hash);
      } catch (...) {
        const std::lock_guard lock(mutex);
        fault = std::current_exception();
        next = verdicts.size();
      }
      const std::lock_guard lock(mutex);
      if (progress) {
        progress(++done, verdicts.size());
      }
    }
  };
  const std::size_t wanted = jobs == 0 ? std::max(1U, std::thread::hardware_concurrency()) : jobs;
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(wanted, verdicts.size()); ++i) {
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
