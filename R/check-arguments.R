# Small checks of arguments: each returns the value in its proper type, or stops with
# an error that names the argument.

#' @noRd
abort_argument <- function(name, must, value) {
  abort_gamut("`", name, "` must be ", must, ", not ", describe_value(value), ".",
              class = "argument", data = list(argument = name))
}

#' @noRd
describe_value <- function(value) {
  if (is.atomic(value) && length(value) == 1L) {
    return(if (is.character(value)) paste0("\"", value, "\"") else format(value))
  }
  if (is.atomic(value) && !is.null(value)) {
    return(paste0("a vector of ", length(value), " values"))
  }
  describe_object(value)
}

#' A number in (above, to]
#' @noRd
check_number <- function(x, name, above = -Inf, to = Inf) {
  if (!is_one_number(x) || x <= above || x > to) {
    least <- if (above > -Inf) paste0(" above ", format(above))
    most <- if (to < Inf) paste0(" and at most ", format(to))
    abort_argument(name, paste0("one number", least, most), x)
  }
  as.double(x)
}

#' @noRd
is_one_number <- function(x) is.numeric(x) && length(x) == 1L && !is.na(x)

#' @noRd
check_count <- function(x, name, least = 1L) {
  fine <- is_one_number(x) && x >= least && x == round(x)
  if (!fine) abort_argument(name, paste0("one whole number, ", least, " or more"), x)
  as.integer(x)
}

#' @noRd
check_flag <- function(x, name) {
  if (!is.logical(x) || length(x) != 1L || is.na(x)) {
    abort_argument(name, "TRUE or FALSE", x)
  }
  x
}

#' One of a few strings; the default is the first, abbreviations are allowed
#' @noRd
check_choice <- function(x, name, choices) {
  if (identical(x, choices)) return(choices[1L])
  chosen <- if (is.character(x) && length(x) == 1L) pmatch(x, choices) else NA
  if (is.na(chosen)) {
    abort_argument(name, paste("one of", paste0("\"", choices, "\"", collapse = ", ")), x)
  }
  choices[chosen]
}

#' Nothing in `...`, or an error that names what is there
#' @noRd
check_no_dots <- function(..., what) {
  if (...length() == 0L) return(invisible())
  names <- names(list(...))
  named <- nzchar(names %||% "")
  shown <- if (any(named)) paste0("`", names[named], "`", collapse = ", ") else
    paste(...length(), "unnamed")
  abort_gamut(what, " does not know the argument ", shown,
              ". Check the spelling, or see ?gamut for what it takes.",
              class = "argument")
}

#' @noRd
`%||%` <- function(a, b) if (is.null(a)) b else a
