# header-chains.R - the headers of the engine in chains, one a line, each of which
# includes the one before it (itself or by others). A chain can be compiled as one file:
# whatever stands before a header there it would read itself, and so it still shows that
# it needs nothing else.
#
#   Rscript tools/header-chains.R inst/include

root <- commandArgs(trailingOnly = TRUE)[1]
headers <- list.files(root, "[.]hpp$", recursive = TRUE)

included_by <- function(header) {
  lines <- grep("^#include \"", readLines(file.path(root, header)), value = TRUE)
  paths <- file.path(root, dirname(header), sub("^#include \"(.*)\".*$", "\\1", lines))
  substring(normalizePath(paths), nchar(normalizePath(root)) + 2L)
}
direct <- lapply(stats::setNames(headers, headers), included_by)

# All that a header reads, and itself
reads <- list()
closure <- function(header) {
  if (is.null(reads[[header]])) {
    below <- unlist(lapply(direct[[header]], closure))
    reads[[header]] <<- unique(c(below, header))
  }
  reads[[header]]
}
for (header in headers) closure(header)

# The smallest first; each goes on with the chain whose end is the largest it reads
chains <- list()
for (header in headers[order(lengths(reads[headers]), headers)]) {
  ends <- vapply(chains, function(chain) chain[length(chain)], "")
  fits <- which(ends %in% setdiff(reads[[header]], header))
  best <- fits[which.max(lengths(reads[ends[fits]]))]
  if (length(best)) chains[[best]] <- c(chains[[best]], header)
  else chains <- c(chains, list(header))
}
# the longest to compile first, so that all processors end at the same time
size <- vapply(chains, function(chain) length(reads[[chain[length(chain)]]]), 0L)
writeLines(vapply(chains[order(-size)], paste, "", collapse = " "))
