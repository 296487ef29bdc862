// r_monitor.h - progress and interrupts, on R's side of the engine.
//
// Reports on the main thread only, and shows a line only when the work has taken more
// than two seconds and the caller asked for it (an interactive session).
#ifndef GAMUT_SRC_R_MONITOR_H
#define GAMUT_SRC_R_MONITOR_H

#include <Rcpp.h>

#include <chrono>

#include "gamut/monitor.hpp"

class RMonitor : public gamut::Monitor {
 public:
  explicit RMonitor(bool show) : show_(show), begin_(Clock::now()), last_(begin_) {}

  void rows(gamut::Index done, gamut::Index total) override {
    Rcpp::checkUserInterrupt();
    report(static_cast<double>(done) / static_cast<double>(total));
  }
  void iteration(int iteration, double) override { iteration_ = iteration + 1; }

  /// Ends the line of progress, if there is one.
  void done() {
    if (shown_) Rprintf("\n");
    shown_ = false;
  }

 private:
  using Clock = std::chrono::steady_clock;

  static double seconds(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }

  void report(double part) {
    const auto now = Clock::now();
    if (!show_ || seconds(begin_, now) < 2 || seconds(last_, now) < 0.2) return;
    last_ = now;
    shown_ = true;
    Rprintf("\rfitting: iteration %d, %3.0f%% of the rows, %.0f s", iteration_ + 1,
            100 * part, seconds(begin_, now));
    R_FlushConsole();
  }

  bool show_, shown_ = false;
  Clock::time_point begin_, last_;
  int iteration_ = 0;
};

#endif  // GAMUT_SRC_R_MONITOR_H
