# Rscript tools/function-length.R
#
# Holds the house rules on size: of the functions, nine in ten are under 30 lines (R) or
# under 35 (C++) and none is over 80; files have at most 400 lines (R), 350 (headers),
# 150 (src). A function's length is that of all its lines, from its first to its
# closing brace, comments included.

source("tools/cpp-functions.R")

longest_function <- 80
rules <- list(
  R = list(short = 30, files = list(R = 400)),
  `C++` = list(short = 35, files = list(inst = 350, src = 150))
)

is_generated <- function(files) grepl("RcppExports", basename(files), fixed = TRUE)

list_files <- function(folder, pattern) {
  files <- list.files(folder, pattern, full.names = TRUE, recursive = TRUE)
  files[!is_generated(files)]
}

# Functions that have a name, at any depth; a nameless one counts as part of its
# surroundings.
r_functions <- function(file) {
  data <- utils::getParseData(parse(file, keep.source = TRUE), includeText = TRUE)
  keywords <- data[data$token == "FUNCTION", ]
  rows <- lapply(keywords$parent, function(id) named_function(data, id))
  do.call(rbind, c(list(NULL), rows))
}

named_function <- function(data, id) {
  own <- data[data$id == id, ]
  siblings <- data[data$parent == own$parent, ]
  assigned <- siblings$token %in% c("LEFT_ASSIGN", "EQ_ASSIGN") & siblings$id < id
  if (!any(assigned)) return(NULL)
  data.frame(name = siblings$text[1], line = own$line1, lines = own$line2 - own$line1 + 1)
}

measure <- function(files, functions_of) {
  tables <- lapply(files, function(file) {
    found <- functions_of(file)
    if (length(found) && nrow(found)) cbind(file = file, found)
  })
  do.call(rbind, c(list(NULL), tables))
}

describe <- function(found) {
  sprintf("  %s:%d %s has %d lines", found$file, found$line, found$name, found$lines)
}

# Prints the verdict; TRUE when the rule is kept.
judge_functions <- function(language, found) {
  if (is.null(found)) return(TRUE)
  short <- rules[[language]]$short
  share <- mean(found$lines < short)
  cat(sprintf("%s: %d functions, %.1f %% under %d lines, longest %d\n", language,
              nrow(found), 100 * share, short, max(found$lines)))
  too_long <- found[found$lines > longest_function, ]
  if (nrow(too_long)) cat(describe(too_long), sep = "\n")
  if (share < 0.9) {
    cat("fewer than nine in ten are short; the long ones:\n")
    cat(describe(found[found$lines >= short, ]), sep = "\n")
  }
  share >= 0.9 && !nrow(too_long)
}

judge_files <- function(files, most) {
  lines <- vapply(files, function(file) length(readLines(file, warn = FALSE)), 0L)
  bad <- lines > most
  if (any(bad)) {
    text <- sprintf("  %s has %d lines, more than %d", files[bad], lines[bad], most)
    cat(text, sep = "\n")
  }
  !any(bad)
}

files <- list(
  R = list_files("R", "[.]R$"),
  inst = list_files("inst/include", "[.]hpp$"),
  src = list_files("src", "[.](cpp|h|hpp)$")
)
kept <- c(
  judge_functions("R", measure(files$R, r_functions)),
  judge_functions("C++", measure(c(files$inst, files$src), cpp_functions)),
  judge_files(files$R, rules$R$files$R),
  judge_files(files$inst, rules$`C++`$files$inst),
  judge_files(files$src, rules$`C++`$files$src)
)
if (!all(kept)) quit(status = 1)
