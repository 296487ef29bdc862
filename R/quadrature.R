# Adaptive quadrature over random effects: where it can be had, and where the Laplace
# approximation is so far from it that the user should know.

#' Number of quadrature points that a model is fitted with
#'
#' A gaussian model with identity link has an exact integral, whatever was asked for.
#' @return `nagq`, or 1.
#' @noRd
quadrature_points <- function(nagq, method, problem, frame, family) {
  if (nagq == 1 || !length(problem$random) || is_profiled(family)) return(1L)
  if (method == "REML") {
    abort_gamut("`nagq` must be 1 with method = \"REML\", which integrates over the ",
                "fixed effects, too; use method = \"ML\".", class = "argument",
                data = list(argument = "nagq"))
  }
  check_quadrature_terms(problem$random)
  if (length(problem$random) == 2L) check_nested(problem$random, frame)
  most <- floor(1e4^(1 / sum(lengths(lapply(problem$random, `[[`, "effects")))))
  if (nagq > min(most, 100)) {
    abort_argument("nagq", paste("at most", min(most, 100), "for this model"), nagq)
  }
  as.integer(nagq)
}

#' @noRd
check_quadrature_terms <- function(random) {
  labels <- unlist(lapply(random, function(entry) {
    vapply(entry$parts, `[[`, "", "label")
  }))
  known <- vapply(random, function(entry) {
    any(vapply(entry$parts, `[[`, "", "structure") == "known")
  }, NA)
  effects <- sum(lengths(lapply(random, `[[`, "effects")))
  if (length(random) <= 2L && !any(known) && effects <= 3L) return(invisible())
  abort_gamut("Quadrature (`nagq` > 1) is for random effects of one factor, or of one ",
              "nested in another, at most three for a level in all, with independent ",
              "levels; this model has ", effects, ": ", enumerate(labels, 6L),
              ". Leave `nagq` at 1, the Laplace approximation.", class = "argument",
              data = list(argument = "nagq"))
}

#' @noRd
check_nested <- function(random, frame) {
  groups <- frame$groups[vapply(random, `[[`, "", "key")]
  codes <- frame$group_codes[names(groups)]
  if (is_nested(codes[[1L]], codes[[2L]]) || is_nested(codes[[2L]], codes[[1L]])) {
    return(invisible())
  }
  labels <- vapply(groups, `[[`, "", "label")
  abort_gamut("Quadrature (`nagq` > 1) is for one grouping factor, or one nested in ",
              "another; `", labels[1L], "` and `", labels[2L], "` are crossed. Leave ",
              "`nagq` at 1, the Laplace approximation.", class = "argument",
              data = list(argument = "nagq"))
}

#' Is each level of `inner` within one level of `outer`?
#' @noRd
is_nested <- function(inner, outer) {
  inner <- as.integer(inner)
  pairs <- inner + as.double(max(inner)) * as.integer(outer)
  length(unique(pairs)) == length(unique(inner))
}

#' Say so where quadrature would give other estimates than the Laplace approximation
#'
#' A shift below a quarter of a standard error is of no consequence beside the sampling
#' error. `laplace_shift` is empty where there is no quadrature to compare with.
#' @noRd
report_laplace <- function(object) {
  shift <- max(0, abs(object$criterion$laplace_shift))
  if (!isTRUE(shift > 0.25)) return(invisible())
  groups <- unique(vapply(object$random, `[[`, "", "group"))
  warn_gamut("the Laplace approximation is off: quadrature would move the estimates by ",
             "about ", format(signif(shift, 2)), " standard errors, as the levels of ",
             paste(ticked(groups), collapse = " and "), " tell little of their effects. ",
             "Fit with nagq = 9, and with more points until the estimates stand still.",
             class = "laplace", call = object$call)
}

#' What is said of the integral in a title
#' @noRd
integral_name <- function(nagq) {
  if (is.null(nagq) || nagq == 1L) return("Laplace approximation")
  paste0("adaptive quadrature, ", nagq, " points")
}
