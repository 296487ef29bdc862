# What is wrong with the arguments of a fit, before anything is fitted.

#' glm() takes (formula, family, data), and so do many fingers
#' @noRd
check_swapped <- function(data, family) {
  is_family <- inherits(data, "family") || is.function(data) || is.character(data)
  if (is_family && (is.list(family) || is.null(family))) {
    abort_gamut("`data` and `family` are swapped: the order here is (formula, data, ",
                "family). Name them to be safe: `data = `, `family = `.",
                class = "argument", data = list(argument = "family"))
  }
}

#' With as many columns as rows nothing is left that could vary at random
#' @noRd
check_rows <- function(problem) {
  for (place in problem$layout) {
    has_effects <- length(problem$random) || length(problem$smooths)
    if (!has_effects || length(place$names) < problem$rows) next
    abort_gamut("The model has ", length(place$names), " fixed coefficients in `",
                place$name, "` and the data have ", problem$rows, " rows: random ",
                "effects and smooths need more rows than that.", class = "data")
  }
}

#' Arguments of smooths, where there are none
#' @noRd
unused_smoothing <- function(knots, select, smooth) {
  check_flag(select, "select")
  if (smooth) return(NULL)
  list(knots = knots, select = if (select) select)
}

#' Arguments that only other kinds of terms use
#' @noRd
check_kind_arguments <- function(method, nagq, unused, random, bias_reduction,
                                 smooth) {
  if (identical(method, "laplace")) {
    abort_gamut(
      "method = \"laplace\" alone could mean two things: the Laplace approximation of ",
      "the likelihood, which is what \"ML\" and \"REML\" use, or of the posterior, ",
      "which is \"bayes-laplace\".",
      class = "argument", data = list(argument = "method")
    )
  }
  if (random) check_random_arguments(method, nagq, bias_reduction, smooth)
  if (!random && !identical(method, "ML")) {
    abort_argument("method", "\"ML\" for a model of parametric terms only", method)
  }
  if (!random && !identical(as.double(nagq), 1)) {
    abort_argument("nagq", "1 for a model without random effects", nagq)
  }
  for (name in names(unused)) {
    if (is.null(unused[[name]])) next
    abort_gamut("`", name, "` is used by no term of this model: leave it out.",
                class = "argument", data = list(argument = name))
  }
}

#' @noRd
check_random_arguments <- function(method, nagq, bias_reduction, smooth) {
  if (isTRUE(bias_reduction)) {
    abort_argument("bias_reduction", "FALSE for a model with random effects or smooths",
                   TRUE)
  }
  known <- c("ML", "REML", if (smooth) "GCV")
  if (!isTRUE(method %in% known)) {
    abort_argument("method", paste(paste0("\"", known, "\"", collapse = " or "),
                                   "for a model with random effects or smooths"), method)
  }
  whole <- is.numeric(nagq) && length(nagq) == 1L && isTRUE(nagq >= 1) &&
    nagq == round(nagq)
  if (!whole) {
    abort_argument("nagq", "a whole number of quadrature points, 1 or more", nagq)
  }
  if (smooth && nagq > 1) {
    abort_argument("nagq", "1 for a model with smooths, which it does not cover", nagq)
  }
}

#' @noRd
check_start <- function(start, names) {
  if (is.null(start)) return(NULL)
  if (!is.numeric(start) || length(start) != length(names)) {
    abort_gamut("`start` must have one value for each of the ", length(names),
                " coefficients: ", enumerate(names, 8L), ".", class = "start")
  }
  start[is.na(start)] <- 0
  if (any(!is.finite(start))) {
    abort_gamut("`start` must be finite.", class = "start")
  }
  as.double(start)
}
