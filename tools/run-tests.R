# Rscript tools/run-tests.R RESULTS
#
# Runs tests/testthat against the installed package and writes one line to RESULTS:
# suite, passed, failed, skipped, counted in test_that() blocks. A block that skips
# counts as skipped, one in which anything fails as failed.

count_blocks <- function(results) {
  results <- as.data.frame(results)
  failed <- results$failed > 0 | results$error
  skipped <- results$skipped & !failed
  c(sum(!failed & !skipped), sum(failed), sum(skipped))
}

# A slow file is worth knowing: name the slowest.
report_slowest <- function(results, most = 5L) {
  results <- as.data.frame(results)
  seconds <- sort(tapply(results$real, results$file, sum), decreasing = TRUE)
  seconds <- utils::head(seconds, most)
  cat("    slowest files:", sprintf("%s %.1f s", names(seconds), seconds), sep = "\n    ")
}

# A line for each file as it is done; within a file only where a line can be redrawn.
# However many fail, all run.
reporter <- testthat::ProgressReporter$new(
  show_praise = FALSE, max_failures = Inf,
  update_interval = if (cli::is_dynamic_tty()) 0.1 else Inf
)
results <- testthat::test_dir(
  "tests/testthat",
  package = "gamut", load_package = "installed",
  reporter = reporter, stop_on_failure = FALSE
)
report_slowest(results)
counts <- count_blocks(results)
line <- paste(c("package, R", counts), collapse = "\t")
writeLines(line, commandArgs(trailingOnly = TRUE)[1])
