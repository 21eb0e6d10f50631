// SPDX-License-Identifier: Apache-2.0
#include "packet/arena.h"

#include <sys/mman.h>

namespace segproof {

Reservation::Reservation(std::size_t bytes) : bytes_(bytes) {
  void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  data_ = place == MAP_FAILED ? nullptr : place;  // NOLINT: MAP_FAILED is a cast in the system's header
}

Reservation::~Reservation() {
  if (data_ != nullptr)
    munmap(data_, bytes_);
}

}  // namespace segproof
