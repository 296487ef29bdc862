// system/tail_pattern.hpp - which columns of a long tail meet each other.
//
// Where the leading factor is eliminated, two columns of the tail are coupled if some
// level of that factor has rows of both. As every row has a level, these pairs also hold
// all that meet in a row: one pattern serves the Gram matrix and its Schur complement.
// Where the Schur complement is not formed, the pairs that meet in a row are enough.
// Kept column by column, the lower triangle, rows in increasing order.
#ifndef GAMUT_SYSTEM_TAIL_PATTERN_HPP
#define GAMUT_SYSTEM_TAIL_PATTERN_HPP

#include "cross_pattern.hpp"

namespace gamut {

class TailPattern {
 public:
  TailPattern() = default;

  /// Of the first `columns` raw columns of the tail.
  TailPattern(const CrossPattern& met, Index columns)
      : start_(static_cast<std::size_t>(columns) + 1, 0) {
    const std::vector<std::vector<Meeting>> places = by_column(met, columns);
    std::vector<Index> seen(static_cast<std::size_t>(columns), -1);
    for (Index c = 0; c < columns; ++c) {
      const std::size_t begin = row_.size();
      for (const Meeting& place : places[c]) {
        for (Index e = place.entry; e < place.end; ++e) {
          const Index r = met.column(e);
          if (seen[r] == c) continue;
          seen[r] = c;
          row_.push_back(static_cast<std::int32_t>(r));
        }
      }
      // A column without rows still has its diagonal.
      if (seen[c] != c) row_.push_back(static_cast<std::int32_t>(c));
      std::sort(row_.begin() + static_cast<std::ptrdiff_t>(begin), row_.end());
      start_[c + 1] = static_cast<Index>(row_.size());
    }
  }

  using Place = CrossPattern::Place;

  /// Of storages whose columns come first in the tail: what meets in a row.
  TailPattern(const std::vector<Place>& tail, Index rows, Index columns) {
    std::vector<IndexList> met(static_cast<std::size_t>(columns));
    for (Index c = 0; c < columns; ++c) note(met[c], c);
    std::vector<PanelBuffer> buffers(tail.size());
    for (Index first = 0; first < rows; first += tile_rows) {
      const Index count = std::min(tile_rows, rows - first);
      std::vector<Panel> panels;
      for (std::size_t s = 0; s < tail.size(); ++s) {
        panels.push_back(tail[s].storage->pack(first, count, buffers[s]));
      }
      for (Index i = 0; i < count; ++i) note_row(tail, panels, i, met);
    }
    gather(met, start_, row_);
  }

  /// Pairs that a list level by level would have: what it costs to make the pattern.
  static double pairs(const CrossPattern& met) {
    double sum = 0;
    for (Index l = 0; l < met.levels(); ++l) {
      sum += 0.5 * static_cast<double>(met.size(l)) * static_cast<double>(met.size(l));
    }
    return sum;
  }

  Index columns() const { return static_cast<Index>(start_.size()) - 1; }
  Index entries() const { return static_cast<Index>(row_.size()); }
  Index begin(Index column) const { return start_[column]; }
  Index end(Index column) const { return start_[column + 1]; }
  Index row(Index entry) const { return row_[entry]; }

  /// The entry of a row that is known to be there, or the first one below it; `from`: an
  /// entry of the column above it.
  Index find(Index row, Index column, Index from) const {
    const auto last = row_.begin() + start_[column + 1];
    return std::lower_bound(row_.begin() + from, last, row) - row_.begin();
  }
  Index find(Index row, Index column) const { return find(row, column, start_[column]); }

 private:
  static void note_row(const std::vector<Place>& tail, const std::vector<Panel>& panels,
                       Index i, std::vector<IndexList>& met) {
    for (std::size_t s = 0; s < tail.size(); ++s) {
      const Index row = tail[s].column + panels[s].first[i];
      for (std::size_t t = 0; t <= s; ++t) {
        const Index column = tail[t].column + panels[t].first[i];
        for (int l = 0; l < panels[t].width; ++l) {
          for (int j = 0; j < panels[s].width; ++j) {
            IndexList& list = met[column + l];
            if (row + j >= column + l && list.back() != row + j) note(list, row + j);
          }
        }
      }
    }
  }

  struct Meeting {
    Index entry, end;
  };

  static std::vector<std::vector<Meeting>> by_column(const CrossPattern& met,
                                                     Index columns) {
    std::vector<std::vector<Meeting>> out(static_cast<std::size_t>(columns));
    for (Index l = 0; l < met.levels(); ++l) {
      const Index end = met.begin(l) + met.size(l);
      for (Index e = met.begin(l); e < end; ++e) out[met.column(e)].push_back({e, end});
    }
    return out;
  }

  std::vector<Index> start_{0};
  IndexList row_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TAIL_PATTERN_HPP
