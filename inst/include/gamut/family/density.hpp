// density.hpp - a family from its log-density alone, with one link per parameter.
//
// A Density is a small type with
//   static constexpr int kParameters    K
//   static constexpr int kColumns       columns of the response that a row reads
//   static constexpr bool kComplement   does it read complements 1 - m_k?
//   template <class T> T log_density(const double* y, const T* m, const T* c) const
//   void start(const double* y, double prior, double* m) const
// and, where the expectation of the second derivatives has a closed form,
//   static constexpr bool kExpected = true
//   void expected(const double* m, const double* c, double* second) const,
// or else, for steps only, positive weights of about the right size
//   static constexpr bool kWorking = true
//   void working(const double* m, const double* c, double* second) const,
// needed where a start at the response itself has no observed curvature of a scale.
// log_density() is asked for with T = double and with jets (jet.hpp) whose variables are
// the predictors: m_k enters with its derivatives h', h'', h''' in eta_k, so that the
// jet of l holds the score, minus the weights and the third derivatives at once, and
// extreme predictors do not overflow on the way. With expectations
//   W_kl = -E(d2l/dm_k dm_l) h'_k h'_l.
// Outside the parameter space log_density() is NaN or -infinity.
#ifndef GAMUT_FAMILY_DENSITY_HPP
#define GAMUT_FAMILY_DENSITY_HPP

#include <utility>
#include <vector>

#include "jet_functions.hpp"
#include "link_set.hpp"
#include "positive_weights.hpp"

namespace gamut {

/// What most densities share: numbers are given by the caller (see FamilySpec).
struct PlainDensity {
  static constexpr int kColumns = 1;
  static constexpr bool kComplement = false;
  static constexpr bool kExpected = false;
  static constexpr bool kWorking = false;

  /// The number at `place`, or a default where the caller gave none.
  static double number(const std::vector<double>& numbers, std::size_t place,
                       double otherwise) {
    return place < numbers.size() ? numbers[place] : otherwise;
  }
};

template <class Density>
class DensityFamily : public Family {
 public:
  DensityFamily(Density density, std::vector<LinkPointer> links)
      : density_(std::move(density)), links_(std::move(links), K) {}

  int predictors() const override { return K; }
  bool has_expected() const override { return Density::kExpected; }
  bool thread_safe() const override { return links_.thread_safe(); }

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    check(information, out);
    const bool derivatives = out.score || out.weight;
    const LinkedParameters m = linked(tile.rows, eta, derivatives ? 2 : 0);
    const bool steps = information == Information::working;
    const bool expected =
        Density::kExpected ? information != Information::observed : own_working(steps);
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      double l;
      if (derivatives) {
        Jet<K, 2> row = at<Jet<K, 2>>(tile, m, i);
        l = row.value;
        if (expected && out.weight) row.second = expected_row(m, i);
        write(tile, row, i, out);
      } else {
        l = at<double>(tile, m, i);
      }
      const double objective = weighted(tile.prior, i, -2 * l);
      if (out.objective) out.objective[i] = objective;
      sum += objective;
    }
    if (out.weight && steps && !expected) make_positive(tile.rows, K, out.weight);
    return sum;
  }

  void third(const ResponseTile& tile, const double* const* eta, const double* const* v,
             double* const* dweight) const override {
    const LinkedParameters m = linked(tile.rows, eta, 3);
    for (Index i = 0; i < tile.rows; ++i) {
      const Jet<K, 3> row = at<Jet<K, 3>>(tile, m, i);
      for (int l = 0; l < K; ++l) {
        for (int k = l; k < K; ++k) {
          double sum = 0;
          for (int j = 0; j < K; ++j) {
            sum += v[j][i] * row.third[std::size_t(packed3_index(k, l, j, K))];
          }
          dweight[packed_index(k, l, K)][i] = weighted(tile.prior, i, -sum);
        }
      }
    }
  }

  void start(const ResponseTile& tile, double* const* eta) const override {
    const TileColumns m(tile.rows, K);
    for (Index i = 0; i < tile.rows; ++i) {
      double y[Density::kColumns], own[K];
      response(tile, i, y);
      density_.start(y, tile.prior ? tile.prior[i] : 1, own);
      for (int k = 0; k < K; ++k) m[k][i] = own[k];
    }
    links_.start(tile.rows, m.data(), eta);
  }

  /// There is no dispersion to estimate.
  double pearson(const ResponseTile&, const double* const*) const override { return 0; }

  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    links_.inverse(rows, eta, param);
  }

 private:
  static constexpr int K = Density::kParameters;

  static bool own_working(bool steps) { return Density::kWorking && steps; }

  static void check(Information information, const RowDerivatives& out) {
    if (Density::kExpected || !out.weight || information != Information::expected) return;
    throw Error(Status::invalid_argument,
                "the expected information of this family has no closed form");
  }

  LinkedParameters linked(Index rows, const double* const* eta, int order) const {
    return LinkedParameters(links_, rows, eta, order,
                            [](int) { return Density::kComplement; });
  }

  static void response(const ResponseTile& tile, Index i, double* y) {
    for (int c = 0; c < Density::kColumns; ++c) y[c] = tile.y[c * tile.stride + i];
  }

  /// m_k, or 1 - m_k (sign -1), as a function of the predictors.
  static double variable(double value, const LinkedParameters&, int, Index, double,
                         const double*) {
    return value;
  }
  template <int O>
  static Jet<K, O> variable(double value, const LinkedParameters& m, int k, Index i,
                            double sign, const Jet<K, O>*) {
    Jet<K, O> x(value);
    x.first[std::size_t(k)] = sign * m.d(1, k)[i];
    x.second[std::size_t(packed_index(k, k, K))] = sign * m.d(2, k)[i];
    if constexpr (O > 2) {
      x.third[std::size_t(packed3_index(k, k, k, K))] = sign * m.d(3, k)[i];
    }
    return x;
  }

  /// log f of one row.
  template <class T>
  T at(const ResponseTile& tile, const LinkedParameters& m, Index i) const {
    double y[Density::kColumns];
    T value[K];
    response(tile, i, y);
    const T* type = nullptr;
    for (int k = 0; k < K; ++k) value[k] = variable(m.value(k)[i], m, k, i, 1, type);
    if constexpr (Density::kComplement) {
      T complement[K];
      for (int k = 0; k < K; ++k) {
        complement[k] = variable(m.complement(k)[i], m, k, i, -1, type);
      }
      return density_.template log_density<T>(y, value, complement);
    } else {
      return density_.template log_density<T>(y, value, nullptr);
    }
  }

  static void write(const ResponseTile& tile, const Jet<K, 2>& row, Index i,
                    const RowDerivatives& out) {
    for (int k = 0; out.score && k < K; ++k) {
      out.score[k][i] = weighted(tile.prior, i, row.first[std::size_t(k)]);
    }
    for (int j = 0; out.weight && j < packed_size(K); ++j) {
      out.weight[j][i] = weighted(tile.prior, i, -row.second[std::size_t(j)]);
    }
  }

  std::array<double, K*(K + 1) / 2> expected_row(const LinkedParameters& m,
                                                 Index i) const {
    std::array<double, K*(K + 1) / 2> second{};
    if constexpr (Density::kExpected || Density::kWorking) {
      double value[K], complement[K];
      for (int k = 0; k < K; ++k) {
        value[k] = m.value(k)[i];
        complement[k] = Density::kComplement ? m.complement(k)[i] : 0;
      }
      if constexpr (Density::kExpected) {
        density_.expected(value, complement, second.data());
      } else {
        density_.working(value, complement, second.data());
      }
      for (int l = 0; l < K; ++l) {
        for (int k = l; k < K; ++k) {
          second[std::size_t(packed_index(k, l, K))] *= m.d(1, k)[i] * m.d(1, l)[i];
        }
      }
    }
    return second;
  }

  Density density_;
  LinkSet links_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_DENSITY_HPP
