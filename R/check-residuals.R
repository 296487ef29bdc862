# Checks of single rows, and of the distribution of all of them.

#' The most extreme residual
#' @noRd
examine_outliers <- function(context) {
  scores <- outlier_scores(context)
  if (is.null(scores)) return(NULL)
  p <- pmin(1, length(scores$p) * scores$p)
  at <- which(p < 0.05)
  at <- at[order(p[at])]
  largest <- which.max(abs(scores$residual))
  if (!length(largest)) return(NULL)
  verdict <- if (p[largest] < 0.01) "problem" else if (length(at)) "note" else "ok"
  text <- paste0("the largest ", scores$kind, " residual is ",
                 short_number(scores$residual[largest]), ", of row ",
                 context$names(largest), " (Bonferroni ", p_text(p[largest]), ")",
                 if (length(at) > 1L) {
                   paste0("; ", length(at), " rows are beyond what their number ",
                          "explains: ", enumerate(context$names(at)))
                 })
  check_row("outliers", verdict, text,
            paste("look these rows up: correct errors; do not leave rows out because",
                  "they do not fit, but say what changes without them"),
            value = scores$residual[largest], p = p[largest],
            rows = if (length(at)) context$names(at))
}

#' Residuals with their two-sided p values, rows that count
#' @noRd
outlier_scores <- function(context) {
  fit <- context$fit
  if (context$family$id == "gaussian" && fit$df.residual > 1 && !is_mixed(fit)) {
    residual <- suppressWarnings(studentised_residuals(fit, context$hat))
    residual <- residual[context$counted]
    # a row of leverage 1 has none
    residual[!is.finite(residual)] <- 0
    return(list(residual = residual, kind = "studentised",
                p = 2 * stats::pt(-abs(residual), fit$df.residual - 1)))
  }
  residual <- context$quantile
  if (is.null(residual)) return(NULL)
  list(residual = residual, kind = "quantile", p = 2 * stats::pnorm(-abs(residual)))
}

#' The largest Cook's distance
#' @noRd
examine_influence <- function(context) {
  # rows of small levels move random effects, as they should: groups are to be left out
  if (length(context$fit$random)) return(NULL)
  distance <- cook_distances(context$fit, hat = context$hat)[context$counted]
  distance[!is.finite(distance)] <- NaN
  if (!any(is.finite(distance))) return(NULL)
  largest <- which.max(distance)
  at <- which(distance > 0.5)
  at <- at[order(-distance[at])]
  verdict <- if (distance[largest] > 1) "problem" else if (length(at)) "note" else "ok"
  check_row("influence", verdict,
            paste0("the largest Cook's distance is ", short_number(distance[largest]),
                   ", of row ", context$names(largest),
                   if (length(at) > 1L) {
                     paste0("; above 0.5: ", enumerate(context$names(at)))
                   }),
            paste0("fit the model without these rows too, and say what changes",
                   if (!is_mixed(context$fit)) {
                     "; see dfbetas() for which coefficients they move"
                   }),
            value = distance[largest], rows = if (length(at)) context$names(at))
}

#' Quantile residuals against the normal distribution
#' @noRd
examine_distribution <- function(context) {
  residual <- context$quantile
  if (is.null(residual)) return(NULL)
  residual <- residual[!is.na(residual)]
  if (length(residual) < 5L) return(NULL)
  # residuals around random effects that follow the rows are too small
  follows <- length(context$fit$random) && !is.null(context$hat) &&
    mean(context$hat) > 0.25
  if (follows) return(NULL)
  # ties come from equal rows of a continuous response
  test <- suppressWarnings(stats::ks.test(residual, "pnorm"))
  distance <- unname(test$statistic)
  verdict <- verdict_of(test$p.value, distance > 0.05)
  text <- paste0("the largest distance of the residuals' distribution from the family's ",
                 "is ", short_number(distance), " (Kolmogorov-Smirnov, ",
                 p_text(test$p.value), ")")
  check_row("distribution", verdict, text,
            paste("plot(check) shows where: tails ask for another family, a curve for",
                  "another function of the variables or another link"),
            value = distance, p = test$p.value)
}

#' Piles of equal responses, and categories with few rows
#' @noRd
examine_response <- function(context) {
  y <- response_y(context$fit)
  if (is_category(context$family)) return(examine_categories(context, y))
  if (!has_no_atoms(context$family, y)) return(NULL)
  examine_pile(y[context$counted])
}

#' Does the family give every single value of a plain response no probability?
#' @noRd
has_no_atoms <- function(family, y) {
  is.numeric(y) && is.null(dim(y)) && family$has_density && !isTRUE(family$discrete) &&
    !isTRUE(family$atoms)
}

#' The larger pile of equal responses at an end
#' @noRd
examine_pile <- function(y) {
  ends <- range(y)
  counts <- c(sum(y == ends[1L]), sum(y == ends[2L]))
  worst <- which.max(counts)
  share <- counts[worst] / length(y)
  verdict <- if (share >= 0.05 && counts[worst] >= 10L) "note" else "ok"
  check_row("response", verdict,
            if (verdict == "ok") {
              "no pile of equal responses at an end"
            } else {
              paste0(count_of(counts[worst], "response"), " (", short_number(100 * share),
                     " %) are all at the ", c("smallest", "largest")[worst], " value, ",
                     short_number(ends[worst]))
            },
            paste("a continuous family gives a single value no probability: were values",
                  "cut off there (censored), or do zeros need a part of their own?"),
            value = share)
}

#' @noRd
examine_categories <- function(context, y) {
  levels <- context$family$levels
  count <- if (is.matrix(y)) colSums(y)
           else tabulate(as.integer(y)[context$counted], length(levels))
  few <- levels[count < 10]
  check_row("response", if (length(few)) "note" else "ok",
            if (length(few)) paste0("fewer than 10 rows are in category ", enumerate(few))
            else "no category is rare",
            "join rare categories, or expect wide intervals for them",
            value = min(count), rows = few)
}
