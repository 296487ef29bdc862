// chunk_plan.hpp - how the rows of a pass are cut: fixed by the problem, never by the
// threads, so that sums are added in the same order for any number of these.
#ifndef GAMUT_CHUNK_PLAN_HPP
#define GAMUT_CHUNK_PLAN_HPP

#include <algorithm>

#include "term/storage.hpp"

namespace gamut {

struct ChunkPlan {
  Index tiles = 0, tiles_per_chunk = 0, chunks = 0;

  ChunkPlan(Index rows, Index tile_step, Index sums_size) {
    const Index all = (rows + tile_rows - 1) / tile_rows;
    tiles = (all + tile_step - 1) / tile_step;
    // A chunk must hold enough rows to pay for clearing and adding up its Sums.
    tiles_per_chunk = std::max<Index>(64, sums_size / (4 * tile_rows));
    chunks = (tiles + tiles_per_chunk - 1) / tiles_per_chunk;
  }
};

}  // namespace gamut

#endif  // GAMUT_CHUNK_PLAN_HPP
