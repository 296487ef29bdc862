// link_set.hpp - one link for each parameter of a family: m_k = g_k^{-1}(eta_k).
#ifndef GAMUT_FAMILY_LINK_SET_HPP
#define GAMUT_FAMILY_LINK_SET_HPP

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "distribution.hpp"
#include "links.hpp"
#include "tile_columns.hpp"

namespace gamut {

class LinkSet {
 public:
  LinkSet(std::vector<LinkPointer> links, int parameters) : links_(std::move(links)) {
    if (size() != parameters) {
      throw Error(Status::invalid_argument, "a family needs one link for each of its " +
                                                std::to_string(parameters) +
                                                " parameters");
    }
  }

  int size() const { return static_cast<int>(links_.size()); }
  const Link& operator[](int k) const { return *links_[static_cast<std::size_t>(k)]; }

  /// Parameters of every row.
  void inverse(Index rows, const double* const* eta, double* const* m) const {
    for (int k = 0; k < size(); ++k) {
      LinkOutput out;
      out.mu = m[k];
      (*this)[k].inverse(rows, eta[k], out);
    }
  }

  /// eta_k = g_k(m_k); m is overwritten. Where the link has no such value (log of a
  /// negative y), a point inside its domain.
  void start(Index rows, double* const* m, double* const* eta) const {
    for (int k = 0; k < size(); ++k) {
      (*this)[k].link(rows, m[k], eta[k]);
      LinkOutput back;
      back.mu = m[k];
      (*this)[k].inverse(rows, eta[k], back);
      for (Index i = 0; i < rows; ++i) {
        if (!std::isfinite(eta[k][i] + m[k][i])) eta[k][i] = (*this)[k].neutral();
      }
    }
  }

  bool thread_safe() const {
    for (const auto& link : links_) {
      if (!link->thread_safe()) return false;
    }
    return true;
  }

 private:
  std::vector<LinkPointer> links_;
};

/// m_k of the rows of a tile, 1 - m_k where asked for, and the derivatives of m_k in
/// eta_k up to `order`.
class LinkedParameters {
 public:
  /// `wants_complement(k)`: fill 1 - m_k?
  template <class Wanted>
  LinkedParameters(const LinkSet& links, Index rows, const double* const* eta, int order,
                   const Wanted& wants_complement)
      : k_(links.size()), columns_(rows, k_ * (order + 2)) {
    for (int j = 0; j < k_; ++j) {
      LinkOutput out;
      out.mu = columns_[j];
      if (wants_complement(j)) out.complement = columns_[k_ + j];
      if (order >= 1) out.d1 = columns_[2 * k_ + j];
      if (order >= 2) out.d2 = columns_[3 * k_ + j];
      if (order >= 3) out.d3 = columns_[4 * k_ + j];
      links[j].inverse(rows, eta[j], out);
    }
  }
  ParameterTile tile() const { return {columns_.data(), columns_.data() + k_}; }
  const double* value(int j) const { return columns_[j]; }
  const double* complement(int j) const { return columns_[k_ + j]; }
  /// The derivative of order 1, 2 or 3 of parameter j.
  const double* d(int order, int j) const { return columns_[(order + 1) * k_ + j]; }

 private:
  int k_;
  TileColumns columns_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINK_SET_HPP
