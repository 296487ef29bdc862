# Finds the functions of a C++ file and their lengths by matching braces: no full
# parser, but exact for code in the shape that clang-format gives it.
#
# Comments, literals and preprocessor lines are blanked first, so that no brace in
# them counts. A block is a function when the text that leads to its brace has a
# parameter list and begins with none of the words that open another kind of block.
# Lambdas and blocks inside a function are part of it.

# Replaces every character of the matches by a blank, but keeps line ends.
blank_matches <- function(text, pattern) {
  found <- gregexpr(pattern, text, perl = TRUE)
  regmatches(text, found) <- lapply(
    regmatches(text, found), function(piece) gsub("[^\n]", " ", piece)
  )
  text
}

# One pattern for comments and literals, so that the leftmost wins: a quote inside a
# comment or the start of a comment inside a string mean nothing.
blank_text <- function(text) {
  raw_string <- "R\"([^()\\s]*)\\((?s:.*?)\\)\\1\""
  comment <- "//[^\n]*|/\\*(?s:.*?)\\*/"
  string <- "\"(?:[^\"\\\\\n]|\\\\.)*\""
  character <- "(?<![0-9a-fA-F])'(?:[^'\\\\\n]|\\\\.)+'"
  text <- blank_matches(text, paste(raw_string, comment, string, character, sep = "|"))
  blank_matches(text, "(?m)^[ \t]*#(?:[^\n]*\\\\\n)*[^\n]*")
}

# "template <class T, int N>" in front of a declaration says nothing of its kind.
drop_template <- function(head) {
  angled <- "^template\\s*(<(?:[^<>]|(?1))*>)\\s*"
  while (grepl(angled, head, perl = TRUE)) head <- sub(angled, "", head, perl = TRUE)
  head
}

other_blocks <- "^(namespace|class|struct|union|enum|extern)\\b"

opens_function <- function(head) {
  head <- drop_template(trimws(head))
  grepl("(", head, fixed = TRUE) && !grepl(other_blocks, head) &&
    !grepl("=\\s*$", head)
}

# The last word before the first "(" that belongs to the parameter list.
function_name <- function(head) {
  head <- vapply(head, drop_template, "", USE.NAMES = FALSE)
  head <- gsub("\\s+", " ", head)
  head <- gsub("__attribute__ ?(\\((?:[^()]|(?1))*\\)) ?", "", head, perl = TRUE)
  sub("^.*?((operator[^(]*(\\(\\))?|[~A-Za-z_0-9:]+)) ?\\(.*$", "\\1", head, perl = TRUE)
}

# A brace right behind a word initialises a value; a block has a blank before it.
is_initialiser <- function(text, at) {
  at > 1 && grepl("[A-Za-z0-9_>]", substr(text, at - 1, at - 1))
}

# Where the declaration that leads to a brace begins: behind blanks and "public:".
declaration_start <- function(text, from, to) {
  behind <- "(?:^(?:\\s|(?:public|private|protected)\\s*:)*)\\K"
  from + regexpr(behind, substr(text, from, to), perl = TRUE) - 1
}

block_kind <- function(text, at, head, open) {
  if ("function" %in% open) return("inner")
  if (is_initialiser(text, at) || grepl("=\\s*$", head)) return("initialiser")
  if (opens_function(head)) "function" else "other"
}

# Walks over the braces with a stack of open blocks; gives each block's kind and where
# its declaration starts and its closing brace stands.
find_blocks <- function(text) {
  open <- list(kind = character(), from = integer())
  closed <- list()
  next_from <- 1
  for (at in gregexpr("[{};]", text)[[1]]) {
    mark <- substr(text, at, at)
    kind <- "other"
    if (mark == "{") {
      from <- declaration_start(text, next_from, at - 1)
      kind <- block_kind(text, at, substr(text, from, at - 1), open$kind)
      open <- list(kind = c(open$kind, kind), from = c(open$from, from))
    } else if (mark == "}") {
      last <- length(open$kind)
      if (!last) stop("braces do not match", call. = FALSE)
      kind <- open$kind[last]
      closed <- c(closed, list(data.frame(kind, from = open$from[last], to = at)))
      open <- lapply(open, utils::head, -1)
    }
    # Behind an initialiser the declaration goes on; after all else a new one begins.
    if (kind != "initialiser") next_from <- at + 1
  }
  do.call(rbind, closed)
}

cpp_functions <- function(file) {
  text <- blank_text(paste(readLines(file, warn = FALSE), collapse = "\n"))
  if (!grepl("{", text, fixed = TRUE)) return(NULL)
  line_ends <- gregexpr("\n", text, fixed = TRUE)[[1]]
  line_of <- function(at) findInterval(at - 1, line_ends) + 1
  blocks <- find_blocks(text)
  blocks <- blocks[blocks$kind == "function", ]
  if (!nrow(blocks)) return(NULL)
  line <- line_of(blocks$from)
  name <- function_name(substring(text, blocks$from, blocks$to))
  data.frame(name, line, lines = line_of(blocks$to) - line + 1)
}
