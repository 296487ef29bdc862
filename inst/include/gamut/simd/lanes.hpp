// simd/lanes.hpp - vectors of W doubles, and the choice of W at run time.
//
// A kernel is an always-inlined template on W over raw pointers. GAMUT_SIMD_FUNCTION
// puts it into one function for each instruction set and a front that calls the
// widest one this processor has. Vectors go by reference between inlined functions:
// by value they would have an ABI that depends on the instruction set.
//
// Source: GCC manual, "Vector Extensions" and "Function Attributes: target".
#ifndef GAMUT_SIMD_LANES_HPP
#define GAMUT_SIMD_LANES_HPP

#include "../types.hpp"

#ifndef GAMUT_INLINE
#define GAMUT_INLINE inline __attribute__((always_inline))
#endif

namespace gamut {
namespace simd {

template <int W>
struct Lanes {
  typedef double Double __attribute__((vector_size(8 * W)));
  typedef long long Int __attribute__((vector_size(8 * W)));
  typedef unsigned long long Bits __attribute__((vector_size(8 * W)));
  /// The same doubles where they lie in an array: any address, any other type.
  typedef double Memory __attribute__((vector_size(8 * W), aligned(8), may_alias));
};

template <int W>
GAMUT_INLINE void load(const double* from, typename Lanes<W>::Double& to) {
  to = *(const typename Lanes<W>::Memory*)from;
}

template <int W>
GAMUT_INLINE void store(const typename Lanes<W>::Double& from, double* to) {
  *(typename Lanes<W>::Memory*)to = from;
}

template <int W>
GAMUT_INLINE double sum(const typename Lanes<W>::Double& x) {
  double total = 0;
  for (int v = 0; v < W; ++v) total += x[v];
  return total;
}

/// |x|: the sign bit cleared.
template <int W>
GAMUT_INLINE void absolute(const typename Lanes<W>::Double& x,
                           typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Bits Bits;
  out = (typename Lanes<W>::Double)((Bits)x & 0x7fffffffffffffffULL);
}

/// The first `rows` of W values, the rest filled up.
template <int W>
GAMUT_INLINE void load_part(const double* from, Index rows, double fill,
                            typename Lanes<W>::Double& to) {
  to = typename Lanes<W>::Double{} + fill;
  for (int v = 0; v < W && v < rows; ++v) to[v] = from[v];
}

template <int W>
GAMUT_INLINE void store_part(const typename Lanes<W>::Double& from, Index rows,
                             double* to) {
  for (int v = 0; v < W && v < rows; ++v) to[v] = from[v];
}

enum class Level { baseline, avx2, avx512 };

inline Level choose_level() {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    return Level::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Level::avx2;
#endif
  return Level::baseline;
}

inline Level level() {
  static const Level chosen = choose_level();
  return chosen;
}

}  // namespace simd
}  // namespace gamut

// Defines RESULT NAME(const ARGUMENTS&) from the template KERNEL<W>(const ARGUMENTS&).
#if defined(__x86_64__) && defined(__GNUC__)
#define GAMUT_SIMD_FUNCTION(RESULT, NAME, KERNEL, ARGUMENTS)                          \
  __attribute__((target("avx2,fma"))) inline RESULT NAME##_avx2(const ARGUMENTS& a) { \
    return KERNEL<4>(a);                                                              \
  }                                                                                   \
  __attribute__((target("avx512f,avx512dq,fma"))) inline RESULT NAME##_avx512(        \
      const ARGUMENTS& a) {                                                           \
    return KERNEL<8>(a);                                                              \
  }                                                                                   \
  inline RESULT NAME(const ARGUMENTS& a) {                                            \
    const ::gamut::simd::Level level = ::gamut::simd::level();                        \
    if (level == ::gamut::simd::Level::avx512) return NAME##_avx512(a);               \
    if (level == ::gamut::simd::Level::avx2) return NAME##_avx2(a);                   \
    return KERNEL<2>(a);                                                              \
  }
#else
#define GAMUT_SIMD_FUNCTION(RESULT, NAME, KERNEL, ARGUMENTS) \
  inline RESULT NAME(const ARGUMENTS& a) { return KERNEL<2>(a); }
#endif

#endif  // GAMUT_SIMD_LANES_HPP
