// simd/quad_kernels.hpp - loops over rows of four neighbouring non-zeros, as those of
// cubic splines.
//
// A quad is the four values of one row, side by side, and belongs to the columns first[i]
// .. first[i] + 3. All of a row is done with vectors of four, whatever the instruction
// set: where it has none, the compiler splits them.
//   cubics    values of four cubics, from a table of coefficients of each interval
//   multiply  eta += A c
//   score     g += A's
//   gram      G += A'diag(w)A     both triangles within a quad
//   cross     G += A'diag(w)B     of two panels of quads
//   column    G += A'diag(w)b     b one column; g the column of G
//   rows      row target[i] of G += w_i a_i
//   dots      out_i += w_i a_i'(row target[i] of G)
//   form      out += scale a_i'P b_i, P column-major
// How one set is chosen at run time: simd/kernels.hpp.
#ifndef GAMUT_SIMD_QUAD_KERNELS_HPP
#define GAMUT_SIMD_QUAD_KERNELS_HPP

#include "lanes.hpp"

namespace gamut {
namespace simd {

using Quad = Lanes<4>::Memory;

GAMUT_INLINE double quad_sum(const Lanes<4>::Double& x) {
  return (x[0] + x[1]) + (x[2] + x[3]);
}

/// A panel of quads.
struct Quads {
  Index rows;
  const double* values;
  const Index* first;
};

/// `table`: 16 numbers an interval, power after power; `u`: the place in the interval.
GAMUT_INLINE void quad_cubics(Index rows, const double* table, const Index* interval,
                              const double* u, double* out) {
  for (Index i = 0; i < rows; ++i) {
    const double* t = table + 16 * interval[i];
    Lanes<4>::Double sum = *(const Quad*)(t + 12);
    sum = sum * u[i] + *(const Quad*)(t + 8);
    sum = sum * u[i] + *(const Quad*)(t + 4);
    *(Quad*)(out + 4 * i) = sum * u[i] + *(const Quad*)t;
  }
}

GAMUT_INLINE void quad_multiply(const Quads& a, const double* c, double* eta) {
  for (Index i = 0; i < a.rows; ++i) {
    const Lanes<4>::Double product =
        *(const Quad*)(a.values + 4 * i) * *(const Quad*)(c + a.first[i]);
    eta[i] += quad_sum(product);
  }
}

GAMUT_INLINE void quad_score(const Quads& a, const double* s, double* g) {
  for (Index i = 0; i < a.rows; ++i) {
    *(Quad*)(g + a.first[i]) += *(const Quad*)(a.values + 4 * i) * s[i];
  }
}

GAMUT_INLINE void quad_cross(const Quads& a, const Quads& b, const double* w, double* g,
                             Index ldg) {
  for (Index i = 0; i < a.rows; ++i) {
    double* to = g + a.first[i] + b.first[i] * ldg;
    const double* right = b.values + 4 * i;
    const Lanes<4>::Double left = *(const Quad*)(a.values + 4 * i) * w[i];
#pragma GCC unroll 4
    for (int l = 0; l < 4; ++l) *(Quad*)(to + l * ldg) += left * right[l];
  }
}

GAMUT_INLINE void quad_column(const Quads& a, const double* b, const double* w,
                              double* g) {
  for (Index i = 0; i < a.rows; ++i) {
    *(Quad*)(g + a.first[i]) += *(const Quad*)(a.values + 4 * i) * (w[i] * b[i]);
  }
}

/// Rows of many levels are anywhere in memory: asked for this many rows ahead.
constexpr Index kAhead = 12;

GAMUT_INLINE void ask_ahead(const Quads& a, const Index* target, const double* g,
                            Index ldg, Index i) {
#ifdef __GNUC__
  if (i + kAhead >= a.rows) return;
  __builtin_prefetch(g + target[i + kAhead] * ldg + a.first[i + kAhead]);
#endif
}

GAMUT_INLINE void quad_rows(const Quads& a, const double* w, const Index* target,
                            double* g, Index ldg) {
  for (Index i = 0; i < a.rows; ++i) {
    ask_ahead(a, target, g, ldg, i);
    *(Quad*)(g + target[i] * ldg + a.first[i]) += *(const Quad*)(a.values + 4 * i) * w[i];
  }
}

GAMUT_INLINE void quad_dots(const Quads& a, const double* w, const Index* target,
                            const double* g, Index ldg, double* out) {
  for (Index i = 0; i < a.rows; ++i) {
    ask_ahead(a, target, g, ldg, i);
    const Lanes<4>::Double product = *(const Quad*)(g + target[i] * ldg + a.first[i]) *
                                     *(const Quad*)(a.values + 4 * i);
    out[i] += w[i] * quad_sum(product);
  }
}

GAMUT_INLINE void quad_form(const Quads& a, const Quads& b, double scale, const double* p,
                            Index ld, double* out) {
  for (Index i = 0; i < a.rows; ++i) {
    const double* from = p + a.first[i] + b.first[i] * ld;
    const double* right = b.values + 4 * i;
    Lanes<4>::Double sum = *(const Quad*)from * right[0];
#pragma GCC unroll 3
    for (int l = 1; l < 4; ++l) sum += *(const Quad*)(from + l * ld) * right[l];
    sum *= *(const Quad*)(a.values + 4 * i);
    out[i] += scale * quad_sum(sum);
  }
}

/// One version of every loop.
struct QuadKernels {
  void (*cubics)(Index, const double*, const Index*, const double*, double*);
  void (*multiply)(const Quads&, const double*, double*);
  void (*score)(const Quads&, const double*, double*);
  void (*cross)(const Quads&, const Quads&, const double*, double*, Index);
  void (*column)(const Quads&, const double*, const double*, double*);
  void (*rows)(const Quads&, const double*, const Index*, double*, Index);
  void (*dots)(const Quads&, const double*, const Index*, const double*, Index, double*);
  void (*form)(const Quads&, const Quads&, double, const double*, Index, double*);
};

#define GAMUT_QUAD_KERNEL_SET(NAME, TARGET)                                              \
  struct NAME {                                                                          \
    TARGET static void cubics(Index n, const double* t, const Index* k, const double* u, \
                              double* out) {                                             \
      quad_cubics(n, t, k, u, out);                                                      \
    }                                                                                    \
    TARGET static void multiply(const Quads& a, const double* c, double* eta) {          \
      quad_multiply(a, c, eta);                                                          \
    }                                                                                    \
    TARGET static void score(const Quads& a, const double* s, double* g) {               \
      quad_score(a, s, g);                                                               \
    }                                                                                    \
    TARGET static void cross(const Quads& a, const Quads& b, const double* w, double* g, \
                             Index ldg) {                                                \
      quad_cross(a, b, w, g, ldg);                                                       \
    }                                                                                    \
    TARGET static void column(const Quads& a, const double* b, const double* w,          \
                              double* g) {                                               \
      quad_column(a, b, w, g);                                                           \
    }                                                                                    \
    TARGET static void rows(const Quads& a, const double* w, const Index* target,        \
                            double* g, Index ldg) {                                      \
      quad_rows(a, w, target, g, ldg);                                                   \
    }                                                                                    \
    TARGET static void dots(const Quads& a, const double* w, const Index* target,        \
                            const double* g, Index ldg, double* out) {                   \
      quad_dots(a, w, target, g, ldg, out);                                              \
    }                                                                                    \
    TARGET static void form(const Quads& a, const Quads& b, double scale,                \
                            const double* p, Index ld, double* out) {                    \
      quad_form(a, b, scale, p, ld, out);                                                \
    }                                                                                    \
    static QuadKernels set() {                                                           \
      return {cubics, multiply, score, cross, column, rows, dots, form};                 \
    }                                                                                    \
  };

GAMUT_QUAD_KERNEL_SET(QuadBaseline, )
#if defined(__x86_64__) && defined(__GNUC__)
GAMUT_QUAD_KERNEL_SET(QuadAvx2, __attribute__((target("avx2,fma"))))
#endif
#undef GAMUT_QUAD_KERNEL_SET

inline const QuadKernels& quad_kernels() {
#if defined(__x86_64__) && defined(__GNUC__)
  static const QuadKernels chosen =
      level() == Level::baseline ? QuadBaseline::set() : QuadAvx2::set();
#else
  static const QuadKernels chosen = QuadBaseline::set();
#endif
  return chosen;
}

}  // namespace simd
}  // namespace gamut

#endif  // GAMUT_SIMD_QUAD_KERNELS_HPP
