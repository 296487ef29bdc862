# Questions that later layers ask of a spec: which variables it names, which kinds of
# terms it holds, and whether the engine, or the door that was used, takes them.

#' Kinds of terms in words
#' @noRd
kind_names <- c(parametric = "parametric terms", smooth = "smooths", loess = "lo() terms",
                random = "random effects")

#' What each narrow door takes; gamut() takes all
#' @noRd
door_kinds <- list(
  fit_glm = "parametric",
  fit_gam = c("parametric", "smooth", "loess"),
  fit_glmm = c("parametric", "random"),
  fit_loess = "parametric"
)

#' Labels of the special terms of a predictor, named by kind
#' @noRd
special_labels <- function(predictor) {
  labels <- list(smooth = names(predictor$smooths), loess = names(predictor$loess),
                 random = names(predictor$random))
  kinds <- rep(names(labels), lengths(labels))
  stats::setNames(as.character(unlist(labels)), kinds)
}

#' @noRd
has_random <- function(spec) {
  any(lengths(lapply(spec$predictors, `[[`, "random")) > 0L)
}

#' @noRd
has_smooths <- function(spec) {
  any(vapply(spec$predictors, function(predictor) {
    length(predictor$smooths) + length(predictor$loess) > 0L
  }, NA))
}

#' Special terms of all predictors
#' @noRd
spec_labels <- function(spec) {
  labels <- lapply(unname(spec$predictors), special_labels)
  labels <- do.call(c, labels)
  labels[!duplicated(labels)]
}

#' Names of the variables in a list of expressions; `.` is none
#' @noRd
expr_variables <- function(exprs) {
  pieces <- lapply(exprs, function(expr) {
    lapply(sum_pieces(expr), function(piece) variables_in(piece$expr))
  })
  setdiff(unique(as.character(unlist(pieces))), ".")
}

#' all.vars(), without the names in `pkg::f` and after `$` and `@`
#' @noRd
variables_in <- function(expr) {
  if (!any(c("::", ":::", "$", "@") %in% all.names(expr))) return(all.vars(expr))
  head <- call_head(expr)
  if (is.null(head)) return(unlist(lapply(as.list(expr), variables_in)))
  if (head$package == "" && head$name %in% c("::", ":::")) return(character())
  arguments <- as.list(expr)[-1L]
  if (head$package == "" && head$name %in% c("$", "@")) arguments <- arguments[1L]
  unlist(lapply(arguments, variables_in))
}

#' Variables that a random term, a smooth or a lo() term reads from the data
#'
#' Arguments such as `k = n_knots` or `K = A` are settings, looked up in the
#' environment of the formula, and do not count.
#' @noRd
term_variables <- function(term) {
  expr_variables(c(term$vars, list(term$by, term$lhs[[2L]], term$group)))
}

#' Variables in the smooths, lo() terms and bars of a predictor
#' @noRd
special_variables <- function(predictor) {
  terms <- c(predictor$smooths, predictor$loess, predictor$random)
  unique(as.character(unlist(lapply(terms, term_variables))))
}

#' Variables anywhere in a predictor
#' @noRd
predictor_variables <- function(predictor) {
  unique(c(expr_variables(c(list(predictor$parametric[[2L]]), predictor$offsets)),
           special_variables(predictor)))
}

#' A narrow door takes its own kinds of terms only
#'
#' @param door Name of the function the user called: "gamut", which takes all, or one of
#'   `door_kinds`.
#' @noRd
check_door <- function(spec, door = "gamut") {
  if (door == "gamut") return(invisible(spec))
  labels <- spec_labels(spec)
  foreign <- labels[!names(labels) %in% door_kinds[[door]]]
  if (length(foreign) == 0L) return(invisible(spec))
  abort_gamut(
    door, "() takes ", list_kinds(door_kinds[[door]]), " only, but the formula has ",
    quote_labels(foreign), ". ", right_door(unique(names(labels)), door),
    class = "unsupported_term", data = list(terms = foreign, door = door)
  )
}

#' The door that takes all special kinds of a formula
#' @noRd
right_door <- function(kinds, door) {
  if (door == "fit_loess" && all(kinds == "loess")) {
    return("It smooths over the plain covariates: write y ~ x, and span as its argument.")
  }
  if (all(kinds %in% c("smooth", "loess"))) {
    return("Call fit_gam(), the door for smooths and lo().")
  }
  if (all(kinds == "random")) return("Call fit_glmm(), the door for random effects.")
  "Call gamut(), which takes any mix of terms."
}

#' @noRd
list_kinds <- function(kinds) {
  words <- kind_names[unique(kinds)]
  last <- length(words)
  if (last == 1L) return(words[[1L]])
  paste(paste(words[-last], collapse = ", "), "and", words[[last]])
}

#' @noRd
quote_labels <- function(labels) enumerate(paste0("`", labels, "`"))
