// simd/dense_kernels.hpp - products, factors and triangular solves of dense matrices,
// compiled for SSE2, AVX2+FMA and AVX-512; the widest one that the processor offers is
// chosen once. Elsewhere the two-wide version is plain C++.
//
// system/dense.hpp is what the engine calls.
#ifndef GAMUT_SIMD_DENSE_KERNELS_HPP
#define GAMUT_SIMD_DENSE_KERNELS_HPP

#include "dense_triangle.hpp"

namespace gamut {
namespace simd {

/// One version of every loop. Factors are too small for eight lanes to pay.
struct DenseKernels {
  void (*product)(const ProductArguments&);
  bool (*factor)(const TriangleArguments&);
  void (*solve)(const SolveArguments&);
  void (*invert)(const TriangleArguments&);
};

#define GAMUT_DENSE_SET(NAME, TARGET, W)                                            \
  struct NAME {                                                                     \
    TARGET static void product(const ProductArguments& a) { product_kernel<W>(a); } \
    TARGET static bool factor(const TriangleArguments& a) {                         \
      return factor_kernel<(W < 4 ? W : 4)>(a);                                     \
    }                                                                               \
    TARGET static void solve(const SolveArguments& a) { solve_kernel<W>(a); }       \
    TARGET static void invert(const TriangleArguments& a) { invert_kernel<W>(a); }  \
    static DenseKernels set() { return {product, factor, solve, invert}; }          \
  };

GAMUT_DENSE_SET(DenseBaseline, , 2)
#if defined(__x86_64__) && defined(__GNUC__)
GAMUT_DENSE_SET(DenseAvx2, __attribute__((target("avx2,fma"))), 4)
GAMUT_DENSE_SET(DenseAvx512, __attribute__((target("avx512f,avx512dq,fma"))), 8)
#endif
#undef GAMUT_DENSE_SET

inline DenseKernels choose_dense_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (level() == Level::avx512) return DenseAvx512::set();
  if (level() == Level::avx2) return DenseAvx2::set();
#endif
  return DenseBaseline::set();
}

inline const DenseKernels& dense_kernels() {
  static const DenseKernels chosen = choose_dense_kernels();
  return chosen;
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_DENSE_KERNELS_HPP
