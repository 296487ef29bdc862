// system/elimination.hpp - how the tail is eliminated: in full, sparsely, or not at all.
//
// The costs are counted before anything is factored. In full, p coefficients take
// p^3 / 2 multiplications (factor and inverse) by vector kernels. Sparsely, with c_j
// entries in column j of the factor, they take about 2 sum c_j^2, one at a time. To both
// comes what is moved through memory, at a rate of its own. Iteratively, a product with S
// takes twice the entries of the Gram matrix, and some thousand products stand for factor
// and inverse. The order of a sparse factor is approximate minimum degree among the
// penalised coefficients, whose determinant must be the leading part of the factor's,
// then the others as they come.
// Source: Amestoy, Davis & Duff (1996) SIAM J. Matrix Anal. Appl. 17, 886-905; Gilbert,
// Ng & Peyton (1994) SIAM J. Matrix Anal. Appl. 15, 1075-1091 for the counts.
#ifndef GAMUT_SYSTEM_ELIMINATION_HPP
#define GAMUT_SYSTEM_ELIMINATION_HPP

#include <Eigen/OrderingMethods>
#include <Eigen/SparseCholesky>

#include "../problem.hpp"

namespace gamut {

using SparseMatrix = Eigen::SparseMatrix<double>;

/// The lower triangle of P s P', with coefficient j at place[j]; s symmetric.
inline SparseMatrix permuted(const SparseMatrix& s, const IndexVector& place) {
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> order(s.rows());
  for (Index j = 0; j < s.rows(); ++j) order.indices()[j] = static_cast<int>(place[j]);
  SparseMatrix out(s.rows(), s.cols());
  out.selfadjointView<Eigen::Lower>() =
      s.selfadjointView<Eigen::Lower>().twistedBy(order);
  return out;
}

struct Elimination {
  TailKind kind = TailKind::dense;
  IndexVector place;   ///< of each coefficient of the tail in a sparse factor
  double entries = 0;  ///< of a sparse factor
  /// Rough, of one evaluation; to compare them.
  double dense_seconds = 0, sparse_seconds = 0;
};

/// Multiplications by vector kernels and one at a time, and numbers moved, a second.
constexpr double dense_rate = 1.2e10, sparse_rate = 4e8, memory_rate = 1e9;

inline double dense_seconds(Index columns) {
  const double p = static_cast<double>(columns);
  return 0.5 * p * p * p / dense_rate + 10 * p * p / memory_rate;
}

/// `entries` of the Gram matrix; for each probe a solution and a quadrature.
inline double iterative_seconds(Index entries) {
  constexpr double products = 1500;
  return products * 2 * static_cast<double>(entries) / sparse_rate;
}

class EliminationPlan {
 public:
  /// `s`: both triangles, entries where the Schur complement of the tail has some.
  EliminationPlan(const SparseMatrix& s, const std::vector<char>& penalised)
      : s_(s), penalised_(penalised) {}

  Elimination operator()(TailKind wanted) const {
    Elimination out;
    out.place = order();
    double squares = 0;
    count(out.place, out.entries, squares);
    out.dense_seconds = dense_seconds(s_.rows());
    out.sparse_seconds =
        2 * squares / sparse_rate + 60 * static_cast<double>(s_.nonZeros()) / memory_rate;
    const bool sparse = out.sparse_seconds < out.dense_seconds;
    out.kind = wanted != TailKind::automatic ? wanted
               : sparse                      ? TailKind::sparse
                                             : TailKind::dense;
    return out;
  }

 private:
  IndexVector order() const {
    IndexVector kept, number(penalised_.size(), -1);
    for (std::size_t j = 0; j < penalised_.size(); ++j) {
      if (!penalised_[j]) continue;
      number[j] = static_cast<Index>(kept.size());
      kept.push_back(static_cast<Index>(j));
    }
    Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> minimum;
    Eigen::AMDOrdering<int>()(part(kept, number), minimum);
    IndexVector place(penalised_.size());
    Index next = static_cast<Index>(kept.size());
    for (Index j = 0; j < next; ++j) place[kept[minimum.indices()[j]]] = j;
    for (std::size_t j = 0; j < penalised_.size(); ++j) {
      if (!penalised_[j]) place[j] = next++;
    }
    return place;
  }

  SparseMatrix part(const IndexVector& kept, const IndexVector& number) const {
    const Index m = static_cast<Index>(kept.size());
    SparseMatrix out(m, m);
    for (Index j = 0; j < m; ++j) {
      out.startVec(j);
      for (SparseMatrix::InnerIterator it(s_, kept[j]); it; ++it) {
        if (number[it.row()] >= 0) out.insertBack(number[it.row()], j) = 1;
      }
    }
    out.finalize();
    return out;
  }

  /// Entries of the columns of the factor, from the elimination tree.
  struct Symbolic
      : Eigen::SimplicialLLT<SparseMatrix, Eigen::Lower, Eigen::NaturalOrdering<int>> {
    double count(Index column) const { return 1.0 + m_nonZerosPerCol[column]; }
  };

  void count(const IndexVector& place, double& entries, double& squares) const {
    Symbolic symbolic;
    symbolic.analyzePattern(permuted(s_, place));
    for (Index j = 0; j < s_.rows(); ++j) {
      entries += symbolic.count(j);
      squares += symbolic.count(j) * symbolic.count(j);
    }
  }

  const SparseMatrix& s_;
  const std::vector<char>& penalised_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_ELIMINATION_HPP
