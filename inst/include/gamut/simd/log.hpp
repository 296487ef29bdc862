// simd/log.hpp - the two logarithms that log-likelihoods need, on vectors.
//
// Both rest on log((1+s)/(1-s)) = 2s + s z P(z), z = s^2, P = 2/3 + 2z/5 + 2z^2/7 ...
// after a reduction that keeps |s| below 0.21, where twelve terms leave 1e-17.
//   log1p_unit      log(1 + e) for 0 <= e <= 1, halved above sqrt(2).
//   deviance_part   x log(x/m) + m - x for x >= 0, m > 0. With m' = m 2^k next to x,
//                   k from the difference of the two bit patterns (a logarithm to
//                   within 0.09), and s = (x - m')/(x + m') it is
//                     x (k log 2 + s z P) + (x - m') s + (m - m'),
//                   which does not cancel as x nears m: then k = 0 and m - m' = 0.
// The last idea is Loader's (2000), "Fast and accurate computation of binomial
// probabilities"; the reduction by k is ours, to have no branch.
#ifndef GAMUT_SIMD_LOG_HPP
#define GAMUT_SIMD_LOG_HPP

#include "lanes.hpp"

namespace gamut {
namespace simd {

/// s z P(z).
template <int W>
GAMUT_INLINE void log_tail(const typename Lanes<W>::Double& s,
                           typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Double D;
  const D z = s * s;
  D p = z * (2.0 / 25) + 2.0 / 23;
  p = p * z + 2.0 / 21;
  p = p * z + 2.0 / 19;
  p = p * z + 2.0 / 17;
  p = p * z + 2.0 / 15;
  p = p * z + 2.0 / 13;
  p = p * z + 2.0 / 11;
  p = p * z + 2.0 / 9;
  p = p * z + 2.0 / 7;
  p = p * z + 2.0 / 5;
  p = p * z + 2.0 / 3;
  out = s * z * p;
}

template <int W>
GAMUT_INLINE void log1p_unit(const typename Lanes<W>::Double& e,
                             typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Double D;
  const D zero = D{}, one = zero + 1.0;
  const D half = e > 0.41421356237309505 ? one : zero;  // 1 + e > sqrt(2)
  const D s = (e - half) / (e + 2.0 + half);
  D tail;
  log_tail<W>(s, tail);
  out = half * 0.69314718055994530942 + (2.0 * s + tail);
}

template <int W>
GAMUT_INLINE void deviance_part(const typename Lanes<W>::Double& x,
                                const typename Lanes<W>::Double& m,
                                typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Double D;
  typedef typename Lanes<W>::Bits Bits;
  const D safe = x > 0 ? x : m;  // x = 0 has no exponent; its value is m - x below
  const Bits biased = ((Bits)safe - (Bits)m + (1ULL << 51)) ^ (1ULL << 63);
  const Bits shifted = biased >> 52;                                      // k + 2048
  const D k = (D)(shifted | 0x4330000000000000ULL) - 4503599627372544.0;  // 2^52 + 2048
  const D near = m * (D)((shifted - 1025) << 52);
  const D gap = safe - near, s = gap / (safe + near);
  D tail;
  log_tail<W>(s, tail);
  const D value = safe * (k * 0.69314718055994530942 + tail) + gap * s + (m - near);
  out = x > 0 ? value : m - x;
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_LOG_HPP
