# Rscript tools/check-log.R gamut.Rcheck
#
# Judges the log of R CMD check: no error, no warning, and no note but that of the
# installed size, and that one only when it is the debug symbols that cause it, which
# Debian's R compiles in: without them the package must stay within 9 MB (CRAN's note
# begins at 5). Of the 8.6 that it has, 4.0 are the engine, 2.2 the R code, 1.1 the
# rendered vignettes and 0.8 the headers, which other packages may compile against.

most_megabytes <- 9

# The log as one text for each check, "* checking ..." with the lines below it.
read_checks <- function(file) {
  lines <- readLines(file, warn = FALSE)
  id <- cumsum(grepl("^\\*", lines))
  vapply(split(lines, id), paste, "", collapse = "\n")
}

result_of <- function(checks) {
  result <- regmatches(checks, regexpr("\\.\\.\\.[^\n]*(NOTE|WARNING|ERROR)(?=\n|$)",
                                       checks, perl = TRUE), invert = NA)
  vapply(result, function(pieces) {
    if (length(pieces) < 3) "" else sub("^.*(NOTE|WARNING|ERROR)$", "\\1", pieces[2])
  }, "")
}

# Size in MB of the installed package, its shared libraries without symbols.
stripped_size <- function(installed) {
  files <- list.files(installed, recursive = TRUE, full.names = TRUE)
  bytes <- file.size(files)
  for (i in grep("[.]so$", files)) {
    copy <- tempfile(fileext = ".so")
    system2("strip", c("--strip-debug", "-o", shQuote(copy), shQuote(files[i])))
    bytes[i] <- file.size(copy)
  }
  sum(bytes) / 1024^2
}

# Only libs may be large, beside the code itself, in R and in headers (whose many small
# files take more room on a disk than they hold), and the vignettes: "  sub-directories of
# 1Mb or more:" and then "    R  1.1Mb", "    libs  9Mb". All together must fit without
# the symbols.
is_symbols_note <- function(check, installed) {
  if (!grepl("^\\* checking installed package size", check)) return(FALSE)
  large <- regmatches(check, gregexpr("(?m)^    +\\S+(?= +[0-9.]+Mb$)", check,
                                      perl = TRUE))[[1]]
  all(trimws(large) %in% c("libs", "R", "include", "doc")) &&
    stripped_size(installed) <= most_megabytes
}

folder <- commandArgs(trailingOnly = TRUE)[1]
checks <- read_checks(file.path(folder, "00check.log"))
result <- result_of(checks)
installed <- file.path(folder, "gamut")
allowed <- vapply(checks, is_symbols_note, FALSE, installed = installed)
bad <- nzchar(result) & !(result == "NOTE" & allowed)
complete <- any(grepl("^\\* (DONE|checking PDF)|^Status:", checks)) &&
  any(grepl("Status:", checks))

if (any(bad)) cat("R CMD check complains:", checks[bad], sep = "\n")
if (!complete) cat("R CMD check did not run to its end\n")
for (check in checks[allowed]) cat("allowed, debug symbols:", check, sep = "\n")
if (any(bad) || !complete) quit(status = 1)
cat("R CMD check: no error, no warning, no other note\n")
