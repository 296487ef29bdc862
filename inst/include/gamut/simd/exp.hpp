// simd/exp.hpp - e^x on whole vectors, within 1.1 units in the last place.
//
//   x = n log 2 + r, |r| <= log(2)/2,   e^x = 2^n (1 + r + r^2 q(r)),
// with q the Chebyshev fit of degree 9 to (e^r - 1 - r)/r^2 (error 1.1e-16 in q,
// 1.3e-17 in e^r; own computation with 60 digits). log 2 is split in two so that
// n log 2 subtracts exactly (Cody & Waite 1980). 2^n is applied in two factors, so
// that results run gradually to 0 and to infinity; NaN stays NaN.
#ifndef GAMUT_SIMD_EXP_HPP
#define GAMUT_SIMD_EXP_HPP

#include "lanes.hpp"

namespace gamut {
namespace simd {

/// Adding this rounds a double to an integer, which then sits in its low bits.
constexpr double kRounder = 6755399441055744.0;  // 1.5 * 2^52

/// 1 + r + r^2 q(r).
template <int W>
GAMUT_INLINE void exp_reduced(const typename Lanes<W>::Double& r,
                              typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Double D;
  D q = r * 2.510037584222369831534e-8 + 2.76200758925481626637e-7;
  q = q * r + 2.755726848028971561221e-6;
  q = q * r + 2.480152132234228291129e-5;
  q = q * r + 1.984126986304055833894e-4;
  q = q * r + 1.388888891719673607026e-3;
  q = q * r + 8.333333333330064446853e-3;
  q = q * r + 4.166666666662416186862e-2;
  q = q * r + 1.666666666666666674520e-1;
  q = q * r + 0.5;
  out = 1.0 + (r + r * r * q);
}

template <int W>
GAMUT_INLINE void exp_lanes(const typename Lanes<W>::Double& argument,
                            typename Lanes<W>::Double& out) {
  typedef typename Lanes<W>::Double D;
  typedef typename Lanes<W>::Bits Bits;
  const D low = D{} - 746.0, high = D{} + 710.0;  // beyond: 0 and infinity anyway
  D x = argument < low ? low : argument;
  x = x > high ? high : x;
  const D shifted = x * 1.4426950408889634074 + kRounder;
  const D n = shifted - kRounder;
  const D half = n * 0.5 + kRounder;
  const D r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
  D p;
  exp_reduced<W>(r, p);
  const Bits first = ((Bits)half + 1023) << 52;
  const Bits second = ((Bits)shifted - (Bits)half + 1023) << 52;
  out = p * (D)first * (D)second;
}

struct ExpArguments {
  Index n;
  const double* x;
  double* out;
};

template <int W>
GAMUT_INLINE void exp_kernel(const ExpArguments& a) {
  typename Lanes<W>::Double x, y;
  Index i = 0;
  for (; i + W <= a.n; i += W) {
    load<W>(a.x + i, x);
    exp_lanes<W>(x, y);
    store<W>(y, a.out + i);
  }
  if (i == a.n) return;
  load_part<W>(a.x + i, a.n - i, 0, x);
  exp_lanes<W>(x, y);
  store_part<W>(y, a.n - i, a.out + i);
}

GAMUT_SIMD_FUNCTION(void, exp_dispatch, exp_kernel, ExpArguments)

/// out = e^x; out may be x itself.
inline void exp(Index n, const double* x, double* out) { exp_dispatch({n, x, out}); }

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_EXP_HPP
