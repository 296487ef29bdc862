// fused_kernels.hpp - objective, score and weight in one sweep for four families.
//
// A rule is the algebra of one distribution with one link, on vectors:
//   gaussian identity   d = (y - eta)^2                  s = y - eta   w = 1
//   binomial logit      d = 2 D(y, mu) + 2 D(1-y, 1-mu)  s = y - mu    w = mu (1 - mu)
//   poisson log         d = 2 D(y, mu)                   s = y - mu    w = mu
//   Gamma log           d = 2 D(1, t), t = y/mu          s = t - 1     w = 1, observed t
// where D is deviance_part. For y in {0, 1} the binomial needs one logarithm only,
//   d = 2 [max(eta, 0) - y eta + log(1 + e)],   e = exp(-|eta|),
// and when just the sum is wanted, one a block: prod (1 + e) <= 2^rows is multiplied
// up first. The loop adds what all have in common: prior weights and odd rows.
#ifndef GAMUT_FAMILY_FUSED_KERNELS_HPP
#define GAMUT_FAMILY_FUSED_KERNELS_HPP

#include <cmath>

#include "../simd/exp.hpp"
#include "../simd/log.hpp"

namespace gamut {
namespace fused {

struct Arguments {
  Index rows;
  const double *y, *prior, *eta;
  double *objective, *score, *weight;
  bool observed;
};

template <int W>
struct Triple {
  typename simd::Lanes<W>::Double objective, score, weight;
};

struct Gaussian {
  template <int W>
  GAMUT_INLINE static void at(const typename simd::Lanes<W>::Double& y,
                              const typename simd::Lanes<W>::Double& eta, bool,
                              Triple<W>& out) {
    out.score = y - eta;
    out.objective = out.score * out.score;
    out.weight = out.score * 0.0 + 1.0;
  }
};

struct Poisson {
  template <int W>
  GAMUT_INLINE static void at(const typename simd::Lanes<W>::Double& y,
                              const typename simd::Lanes<W>::Double& eta, bool,
                              Triple<W>& out) {
    simd::exp_lanes<W>(eta, out.weight);
    out.score = y - out.weight;
    simd::deviance_part<W>(y, out.weight, out.objective);
    out.objective += out.objective;
  }
};

struct Gamma {
  template <int W>
  GAMUT_INLINE static void at(const typename simd::Lanes<W>::Double& y,
                              const typename simd::Lanes<W>::Double& eta, bool observed,
                              Triple<W>& out) {
    typedef typename simd::Lanes<W>::Double D;
    const D one = D{} + 1.0;
    D t;
    simd::exp_lanes<W>(-eta, t);
    t *= y;
    out.score = t - 1.0;
    out.weight = observed ? t : one;
    simd::deviance_part<W>(one, t, out.objective);
    out.objective += out.objective;
  }
};

/// What both forms of the binomial share: mu and 1 - mu, each with all its digits.
template <int W>
struct Odds {
  typename simd::Lanes<W>::Double e, mu, rest;

  GAMUT_INLINE explicit Odds(const typename simd::Lanes<W>::Double& eta) {
    typedef typename simd::Lanes<W>::Double D;
    D size;
    simd::absolute<W>(eta, size);
    simd::exp_lanes<W>(-size, e);
    const D large = 1.0 / (1.0 + e), small = e * large;
    mu = eta > 0 ? large : small;
    rest = eta > 0 ? small : large;
  }
  GAMUT_INLINE void fill(const typename simd::Lanes<W>::Double& y, Triple<W>& out) const {
    out.score = y * rest - (1.0 - y) * mu;
    out.weight = mu * rest;
  }
};

/// max(eta, 0) - y eta.
template <int W>
GAMUT_INLINE void hinge(const typename simd::Lanes<W>::Double& y,
                        const typename simd::Lanes<W>::Double& eta,
                        typename simd::Lanes<W>::Double& out) {
  typedef typename simd::Lanes<W>::Double D;
  out = (eta > 0 ? eta : D{}) - y * eta;
}

struct Binary {
  template <int W>
  GAMUT_INLINE static void at(const typename simd::Lanes<W>::Double& y,
                              const typename simd::Lanes<W>::Double& eta, bool,
                              Triple<W>& out) {
    typename simd::Lanes<W>::Double bend, log;
    const Odds<W> odds(eta);
    odds.fill(y, out);
    hinge<W>(y, eta, bend);
    simd::log1p_unit<W>(odds.e, log);
    out.objective = 2.0 * (bend + log);
  }
};

struct Proportion {
  template <int W>
  GAMUT_INLINE static void at(const typename simd::Lanes<W>::Double& y,
                              const typename simd::Lanes<W>::Double& eta, bool,
                              Triple<W>& out) {
    typename simd::Lanes<W>::Double success, failure;
    const Odds<W> odds(eta);
    odds.fill(y, out);
    simd::deviance_part<W>(y, odds.mu, success);
    simd::deviance_part<W>(1.0 - y, odds.rest, failure);
    out.objective = 2.0 * (success + failure);
  }
};

/// A rule at one vector of rows, with prior weights; those of weight zero are silent,
/// and an eta that is not finite makes the objective NaN whatever the rule says.
template <class Rule, int W>
GAMUT_INLINE void weighted_rule(const Arguments& a,
                                const typename simd::Lanes<W>::Double& y,
                                const typename simd::Lanes<W>::Double& eta,
                                const typename simd::Lanes<W>::Double& prior,
                                Triple<W>& out) {
  typedef typename simd::Lanes<W>::Double D;
  Rule::template at<W>(y, eta, a.observed, out);
  out.objective += eta - eta;
  if (!a.prior) return;
  const D zero = D{};
  out.objective = prior == 0 ? zero : prior * out.objective;
  out.score = prior == 0 ? zero : prior * out.score;
  out.weight = prior == 0 ? zero : prior * out.weight;
}

template <class Rule, int W>
GAMUT_INLINE double rows(const Arguments& a) {
  typedef typename simd::Lanes<W>::Double D;
  D y, eta, prior = D{}, sum = D{};
  Triple<W> out;
  Index i = 0;
  for (; i + W <= a.rows; i += W) {
    simd::load<W>(a.y + i, y);
    simd::load<W>(a.eta + i, eta);
    if (a.prior) simd::load<W>(a.prior + i, prior);
    weighted_rule<Rule, W>(a, y, eta, prior, out);
    sum += out.objective;
    if (a.objective) simd::store<W>(out.objective, a.objective + i);
    if (a.score) simd::store<W>(out.score, a.score + i);
    if (a.weight) simd::store<W>(out.weight, a.weight + i);
  }
  double total = simd::sum<W>(sum);
  const Index left = a.rows - i;
  if (left == 0) return total;
  simd::load_part<W>(a.y + i, left, 1, y);
  simd::load_part<W>(a.eta + i, left, 0, eta);
  if (a.prior) simd::load_part<W>(a.prior + i, left, 0, prior);
  weighted_rule<Rule, W>(a, y, eta, prior, out);
  for (Index v = 0; v < left; ++v) total += out.objective[v];
  if (a.objective) simd::store_part<W>(out.objective, left, a.objective + i);
  if (a.score) simd::store_part<W>(out.score, left, a.score + i);
  if (a.weight) simd::store_part<W>(out.weight, left, a.weight + i);
  return total;
}

/// Whole vectors of at most 512 rows: (the sum, the product of all 1 + e) without prior
/// weights and without the objective of single rows.
template <int W>
GAMUT_INLINE void binary_block(const Arguments& a, Index first, Index last,
                               typename simd::Lanes<W>::Double& sum, double& product) {
  typedef typename simd::Lanes<W>::Double D;
  D y, eta, bend, all = D{} + 1.0;
  Triple<W> out;
  for (Index i = first; i < last; i += W) {
    simd::load<W>(a.y + i, y);
    simd::load<W>(a.eta + i, eta);
    const Odds<W> odds(eta);
    odds.fill(y, out);
    hinge<W>(y, eta, bend);
    sum += bend;
    all *= 1.0 + odds.e;
    if (a.score) simd::store<W>(out.score, a.score + i);
    if (a.weight) simd::store<W>(out.weight, a.weight + i);
  }
  product = 1;
  for (int v = 0; v < W; ++v) product *= all[v];
}

template <int W>
GAMUT_INLINE double binary_sum(const Arguments& a) {
  typename simd::Lanes<W>::Double sum = {};
  double logs = 0, product;
  const Index whole = a.rows - a.rows % W;
  for (Index first = 0; first < whole; first += 512) {
    binary_block<W>(a, first, first + 512 < whole ? first + 512 : whole, sum, product);
    logs += std::log(product);
  }
  const double total = 2 * (simd::sum<W>(sum) + logs);
  const Index left = a.rows - whole;
  if (left == 0) return total;
  return total + rows<Binary, W>({left, a.y + whole, nullptr, a.eta + whole, nullptr,
                                  a.score ? a.score + whole : nullptr,
                                  a.weight ? a.weight + whole : nullptr, a.observed});
}

/// True when every y is 0 or 1, that is y^2 = y. (One comparison inside ?: only: two
/// combined, or one used as a value, GCC takes apart into scalars for AVX-512.)
template <int W>
GAMUT_INLINE bool all_binary(const Arguments& a) {
  typedef typename simd::Lanes<W>::Double D;
  const D zero = D{}, one = zero + 1.0;
  D y, others = zero;
  Index i = 0;
  for (; i + W <= a.rows; i += W) {
    simd::load<W>(a.y + i, y);
    others += y * y == y ? zero : one;
  }
  if (simd::sum<W>(others) > 0) return false;
  for (; i < a.rows; ++i) {
    if (a.y[i] != 0 && a.y[i] != 1) return false;
  }
  return true;
}

template <int W>
GAMUT_INLINE double binomial_logit_kernel(const Arguments& a) {
  if (!all_binary<W>(a)) return rows<Proportion, W>(a);
  if (a.prior || a.objective) return rows<Binary, W>(a);
  return binary_sum<W>(a);
}

template <int W>
GAMUT_INLINE double gaussian_identity_kernel(const Arguments& a) {
  return rows<Gaussian, W>(a);
}

template <int W>
GAMUT_INLINE double poisson_log_kernel(const Arguments& a) {
  return rows<Poisson, W>(a);
}

template <int W>
GAMUT_INLINE double gamma_log_kernel(const Arguments& a) {
  return rows<Gamma, W>(a);
}

GAMUT_SIMD_FUNCTION(double, gaussian_identity, gaussian_identity_kernel, Arguments)
GAMUT_SIMD_FUNCTION(double, binomial_logit, binomial_logit_kernel, Arguments)
GAMUT_SIMD_FUNCTION(double, poisson_log, poisson_log_kernel, Arguments)
GAMUT_SIMD_FUNCTION(double, gamma_log, gamma_log_kernel, Arguments)

}  // namespace fused
}  // namespace gamut

#endif  // GAMUT_FAMILY_FUSED_KERNELS_HPP
