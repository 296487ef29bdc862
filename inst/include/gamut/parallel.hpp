// parallel.hpp - the one seam for threads.
//
// parallel_for(threads, tasks, body) calls body(task) once for every task, on at
// most `threads` threads. The engine cuts its work into tasks by the size of the
// data alone and reduces their results in the order of the tasks, so a result
// never depends on the number of threads. Exceptions reach the caller.
#ifndef GAMUT_PARALLEL_HPP
#define GAMUT_PARALLEL_HPP

#include <exception>

#include "types.hpp"

namespace gamut {

template <class Body>
void parallel_for(int threads, Index tasks, const Body& body) {
#ifdef _OPENMP
  if (threads > 1 && tasks > 1) {
    std::exception_ptr failure;
#pragma omp parallel for num_threads(threads) schedule(static, 1)
    for (Index task = 0; task < tasks; ++task) {
      try {
        body(task);
      } catch (...) {
#pragma omp critical(gamut_parallel_failure)
        failure = std::current_exception();
      }
    }
    if (failure) std::rethrow_exception(failure);
    return;
  }
#else
  (void)threads;
#endif
  for (Index task = 0; task < tasks; ++task) body(task);
}

}  // namespace gamut

#endif  // GAMUT_PARALLEL_HPP
