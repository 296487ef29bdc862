# What every benchmark needs: fair timing, peak memory, a table with the machine named.

#' Median wall-clock seconds of each expression, the runs interleaved so that a change
#' of the machine's speed hits all of them alike.
time_in_turn <- function(runs, ...) {
  expressions <- eval(substitute(alist(...)))
  env <- parent.frame()
  seconds <- matrix(NA_real_, runs, length(expressions),
                    dimnames = list(NULL, names(expressions)))
  for (expression in expressions) eval(expression, env)
  for (run in seq_len(runs)) {
    for (k in seq_along(expressions)) {
      gc(FALSE)
      seconds[run, k] <- system.time(eval(expressions[[k]], env), gcFirst = FALSE)[[3L]]
    }
  }
  apply(seconds, 2L, stats::median)
}

#' Seconds of one run
seconds_of <- function(expr) system.time(expr, gcFirst = TRUE)[["elapsed"]]

#' Peak resident memory in MB of a fresh R process that runs the lines of code
peak_memory <- function(code) {
  file <- tempfile(fileext = ".R")
  read_peak <- "cat(grep('VmHWM', readLines('/proc/self/status'), value = TRUE))"
  writeLines(c(code, read_peak), file)
  rscript <- file.path(R.home("bin"), "Rscript")
  out <- system2(rscript, shQuote(file), stdout = TRUE, stderr = FALSE,
                 env = paste0("R_LIBS=", paste(.libPaths(), collapse = ":")))
  as.numeric(gsub("[^0-9]", "", tail(out, 1L))) / 1024
}

machine <- function() {
  cpu <- tryCatch({
    line <- grep("model name", readLines("/proc/cpuinfo"), value = TRUE)[1L]
    sub(".*: ", "", line)
  }, error = function(e) "unknown processor")
  paste0(cpu, ", ", parallel::detectCores(), " cores, ", R.version.string, ", BLAS ",
         basename(extSoftVersion()[["BLAS"]]))
}

number <- function(x, digits = 3) formatC(x, digits = digits, format = "fg", flag = "#")
count <- function(x) format(x, big.mark = ",", scientific = FALSE, trim = TRUE)

#' What the command line asks for: `small` sizes?, `parts` by name, is one `wanted`, and
#' is it the `whole`, of which results are written?
request <- function(asked = commandArgs(TRUE)) {
  parts <- setdiff(asked, "small")
  small <- "small" %in% asked
  list(small = small, parts = parts, whole = !small && !length(parts),
       wanted = function(part) !length(parts) || part %in% parts)
}

#' Lines of a table in Markdown
markdown_table <- function(table) {
  row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  c(row(names(table)), row(rep("---", ncol(table))), apply(format(table), 1L, row))
}

show <- function(table) cat(markdown_table(table), "", sep = "\n")

#' Write a table as Markdown under results/, with the machine and the date
save_results <- function(table, name, notes = character()) {
  dir.create(file.path("bench", "results"), showWarnings = FALSE, recursive = TRUE)
  text <- c(paste0("# ", name), "", paste0("Machine: ", machine(), "."),
            paste0("Date: ", format(Sys.Date()), ". gamut ",
                   utils::packageVersion("gamut"), ". One thread."), "",
            markdown_table(table), "", notes)
  writeLines(text, file.path("bench", "results", paste0(name, ".md")))
  cat(text, sep = "\n")
}
