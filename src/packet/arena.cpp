// SPDX-License-Identifier: Apache-2.0
#include "packet/arena.h"

#include <sys/mman.h>

#include <cstddef>

namespace segproof {

Reservation::Reservation(std::size_t bytes, std::size_t small) : bytes_(bytes) {
  void* place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  data_ = place == MAP_FAILED ? nullptr : place;  // NOLINT: MAP_FAILED is a cast in the system's header
  if (data_ != nullptr && bytes > small)          // a wish: that it is not granted changes nothing
    static_cast<void>(madvise(static_cast<std::byte*>(data_) + small, bytes - small, MADV_HUGEPAGE));
}

Reservation::~Reservation() {
  if (data_ != nullptr)
    munmap(data_, bytes_);
}

}  // namespace segproof
