// aligned_buffer.hpp - scratch memory on cache-line boundaries.
//
// A 64-byte vector load that straddles two lines costs twice; std::vector only
// promises 16 bytes.
#ifndef GAMUT_ALIGNED_BUFFER_HPP
#define GAMUT_ALIGNED_BUFFER_HPP

#include <cstdint>
#include <memory>

#include "types.hpp"

namespace gamut {

class AlignedBuffer {
 public:
  /// Make room for `size` doubles; what was there is lost when it must grow.
  double* reserve(Index size) {
    if (size > size_) {
      memory_.reset(new double[static_cast<std::size_t>(size) + 8]);
      size_ = size;
    }
    return data();
  }
  double* data() const {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.get());
    return reinterpret_cast<double*>((address + 63) / 64 * 64);
  }

 private:
  std::unique_ptr<double[]> memory_;
  Index size_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_ALIGNED_BUFFER_HPP
