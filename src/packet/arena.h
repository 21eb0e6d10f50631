// SPDX-License-Identifier: Apache-2.0
// Arrays that only grow and never move: address space is reserved at once, pages are used as they are touched.
// Pointers into an arena stay valid during recursive work on it.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace segproof {

// A reservation of address space, zero-filled, without memory behind it until it is touched.
class Reservation {
 public:
  Reservation() = default;
  // `data()` is null when the system refuses. What lies beyond the first `small` bytes is backed by large pages, where
  // the system has them: work that jumps about in much memory waits for address translation as much as for memory.
  explicit Reservation(std::size_t bytes, std::size_t small = default_small);
  static constexpr std::size_t default_small = std::size_t{8} << 20U;
  ~Reservation();
  Reservation(Reservation&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Reservation& operator=(Reservation&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  [[nodiscard]] void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

template <class T>
class Arena {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Arena() = default;
  explicit Arena(std::size_t capacity, std::size_t small = Reservation::default_small)
      : reservation_(capacity * sizeof(T), small), data_(static_cast<T*>(reservation_.data())), capacity_(capacity) {}

  [[nodiscard]] bool ok() const { return data_ != nullptr; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] T& operator[](std::size_t index) { return data_[index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return data_[index]; }

 private:
  Reservation reservation_;
  T* data_ = nullptr;
  std::size_t capacity_ = 0;
};

}  // namespace segproof
