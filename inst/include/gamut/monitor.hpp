// monitor.hpp - how a long computation talks to its caller.
//
// The engine prints nothing and knows no user. Between pieces of work, always on
// the calling thread, it tells a Monitor how far it is; a Monitor that wants to
// stop the work throws (Error with Status::interrupted, or its own exception).
#ifndef GAMUT_MONITOR_HPP
#define GAMUT_MONITOR_HPP

#include "types.hpp"

namespace gamut {

class Monitor {
 public:
  virtual ~Monitor() = default;
  /// `done` of `total` rows of the present pass are through.
  virtual void rows(Index done, Index total) {
    (void)done;
    (void)total;
  }
  /// An iteration ended with this value of the (penalised) objective.
  virtual void iteration(int iteration, double objective) {
    (void)iteration;
    (void)objective;
  }
};

}  // namespace gamut

#endif  // GAMUT_MONITOR_HPP
