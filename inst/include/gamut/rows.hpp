// rows.hpp - results with one value a row, on demand: predictors, their variances,
// and what the family says at given predictors.
//
// Nothing of length n is kept by a fit; these functions make it when somebody asks.
// Tiles write to their own rows, so threads need no reduction.
#ifndef GAMUT_ROWS_HPP
#define GAMUT_ROWS_HPP

#include "parallel.hpp"
#include "system/arrow_factor.hpp"
#include "system/coefficients.hpp"
#include "system/expand.hpp"

namespace gamut {

/// body(tile, slot) for every tile of rows, each slot with a Tile of its own.
template <class Body>
void for_each_tile(const Layout& layout, int threads, const Body& body) {
  const Index rows = layout.problem().rows;
  const Index tiles = (rows + tile_rows - 1) / tile_rows;
  const Index slots = std::max<Index>(1, std::min<Index>(threads, tiles));
  parallel_for(static_cast<int>(slots), slots, [&](Index slot) {
    Tile tile(layout);
    for (Index t = slot; t < tiles; t += slots) {
      tile.load(t * tile_rows, std::min(tile_rows, rows - t * tile_rows));
      body(tile);
    }
  });
}

/// eta (n x K, offsets included) at the caller's coefficients.
inline Matrix linear_predictor(const Layout& layout, const Vector& given, int threads) {
  const Coefficients raw = raw_from_caller(layout, given);
  Matrix eta(layout.problem().rows, layout.problem().predictors());
  for_each_tile(layout, threads, [&](Tile& tile) {
    tile.predict(raw);
    for (Index k = 0; k < eta.cols(); ++k) {
      std::copy(tile.eta()[k], tile.eta()[k] + tile.rows(),
                eta.col(k).data() + tile.first());
    }
  });
  return eta;
}

/// Covariance of coefficients in the system's coordinates: S^-1, D^-1 B, D^-1.
struct CompactCovariance {
  Matrix tail;
  RowMatrix regression;
  Matrix lead;
};

/// From a factor. Coefficients without a value of their own have no variance: those
/// aliased, and levels that contrasts, want of data or aliasing leave out.
inline CompactCovariance compact_covariance(const Layout& layout,
                                            const ArrowFactor& factor,
                                            const Mask& aliased_tail,
                                            const Mask& fixed_levels) {
  CompactCovariance out;
  out.tail = factor.tail_inverse();
  for (Index j = 0; j < out.tail.rows(); ++j) {
    if (aliased_tail[j]) out.tail(j, j) = 0;
  }
  if (!layout.has_lead()) return out;
  out.regression = factor.lead_regression();
  out.lead = factor.lead_inverse();
  const Index b = layout.width();
  for (Index l = 0; l < layout.levels(); ++l) {
    if (fixed_levels[l]) out.lead.middleCols(l * b, b).setZero();
  }
  return out;
}

/// Variances and covariances of the K predictors of each row (n x K(K+1)/2):
/// x~' S^-1 x~ + z' D^-1 z with x~ = x - z D^-1 B.
class PredictorVariance {
 public:
  PredictorVariance(const Layout& layout, const CompactCovariance& covariance)
      : layout_(layout), covariance_(covariance), k_(layout.problem().predictors()) {}

  Matrix operator()(int threads) const {
    Matrix out(layout_.problem().rows, packed_size(k_));
    for_each_tile(layout_, threads, [&](Tile& tile) { fill(tile, tile.first(), out); });
    return out;
  }

  /// The rows of one tile, from row `at` of `out` on.
  void fill(const Tile& tile, Index at, Matrix& out) const {
    std::vector<RowMatrix> rows, products, lead;
    for (int k = 0; k < k_; ++k) {
      lead.push_back(layout_.has_lead() ? leading_rows(layout_, tile, k) : RowMatrix());
      rows.push_back(projected_rows(tile, k, lead.back()));
      products.push_back(rows.back() * covariance_.tail);
    }
    for (int l = 0; l < k_; ++l) {
      for (int k = l; k < k_; ++k) {
        auto target = out.col(packed_index(k, l, k_)).segment(at, tile.rows());
        target = products[k].cwiseProduct(rows[l]).rowwise().sum();
        if (layout_.has_lead()) add_lead(tile, lead[k], lead[l], target);
      }
    }
  }

 private:
  /// x~ of every row; the tail's rows less what the leading term explains of them.
  RowMatrix projected_rows(const Tile& tile, int k, const RowMatrix& lead) const {
    RowMatrix rows = tail_rows(layout_, tile, k);
    const Index b = layout_.width();
    for (Index i = 0; i < lead.rows(); ++i) {
      const Index start = leading_level(layout_, tile, i) * b;
      if (b == 1) {
        rows.row(i) -= lead(i, 0) * covariance_.regression.row(start);
        continue;
      }
      rows.row(i) -= lead.row(i) * covariance_.regression.middleRows(start, b);
    }
    return rows;
  }

  template <class Target>
  void add_lead(const Tile& tile, const RowMatrix& left, const RowMatrix& right,
                Target& target) const {
    const Index b = layout_.width();
    for (Index i = 0; i < left.rows(); ++i) {
      if (b == 1) {
        const double own = covariance_.lead(0, leading_level(layout_, tile, i));
        target[i] += left(i, 0) * own * right(i, 0);
        continue;
      }
      target[i] += (left.row(i) *
                    covariance_.lead.middleCols(leading_level(layout_, tile, i) * b, b))
                       .dot(right.row(i));
    }
  }

  const Layout& layout_;
  const CompactCovariance& covariance_;
  int k_;
};

}  // namespace gamut

#endif  // GAMUT_ROWS_HPP
