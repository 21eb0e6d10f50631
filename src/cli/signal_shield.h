// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace segproof::cli {

// Holds back the signals that would leave something temporary behind, for as long as it lives.
class SignalShield {
 public:
  SignalShield() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      sigaddset(&held, signal);
    }
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;
  ~SignalShield() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace segproof::cli
