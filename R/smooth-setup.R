# From a smooth as written to the pieces that are fitted: its basis, the by-variable, the
# scale of its penalties, and the constraint that parts it from the intercept.
#
# A piece has a matrix A of p columns over the rows, and penalties S_j (p x p):
#   A = diag(by) B(x) Z,   S_j = Z'P_j Z / a_j,
# with B the basis, P_j its penalties, Z a basis of what the constraint C c = 0 allows and
# a_j = |P_j|_1 / |B|_inf^2, so that smoothing parameters mean much the same for all
# covariates (and the same as in mgcv). A factor `by` makes a piece of each level.

#' Settle the smooths of one predictor
#'
#' @param smooths What `frame_smooth()` gives.
#' @param items Variables of the rows in use, by key.
#' @param knots `NULL` or list by covariate.
#' @param select Penalise what no penalty acts on, too?
#' @param intercept Has the predictor an intercept?
#' @return The smooths, each with `pieces`, a list of `gamut_smooth`s: list(`label`,
#'   `term` (label as written), `basis`, `covariates`, `by`, `by_level`, `map` (Z, or
#'   `NULL`), `S` (penalties), `scale` (a_j), `given` (smoothing parameters for them,
#'   `NaN` where they are estimated), `columns` (p), `copies` (m, if `S` are those
#'   of one of m equal blocks, see smooth-blocks.R), `null_dim`, `id`, `df` (degrees of
#'   freedom, where these are given, see smooth-df.R), `xlevels`).
#' @noRd
settle_smooths <- function(smooths, items, knots = NULL, select = FALSE,
                           intercept = TRUE) {
  for (smooth in smooths) check_df_term(smooth, items, select)
  smooths <- share_ids(smooths)
  for (i in seq_along(smooths)) {
    lead <- smooths[[i]]$lead
    basis <- if (is.null(lead)) linked_basis(i, smooths, items, knots)
             else smooths[[lead]]$basis
    smooths[[i]]$basis <- basis
  }
  smooths <- lapply(smooths, function(smooth) {
    smooth$pieces <- smooth_pieces_of(smooth, items, select)
    smooth["basis"] <- NULL
    smooth
  })
  constrain_nested(smooths, items, intercept)
}

#' Smooths of one id have the settings of the first, and its basis
#' @noRd
share_ids <- function(smooths) {
  ids <- vapply(smooths, function(s) as.character(s$settings$id %||% NA), "")
  for (i in which(duplicated(ids) & !is.na(ids))) {
    first <- match(ids[i], ids)
    same <- smooths[[i]]$fun == smooths[[first]]$fun &&
      length(smooths[[i]]$covariates) == length(smooths[[first]]$covariates)
    if (!same) {
      abort_gamut("`", smooths[[first]]$label, "` and `", smooths[[i]]$label, "` have ",
                  "the id \"", ids[i], "\", but are not of one kind.", class = "smooth",
                  data = list(term = smooths[[i]]$label))
    }
    shared <- setdiff(names(smooths[[first]]$settings), "pc")
    smooths[[i]]$settings[shared] <- smooths[[first]]$settings[shared]
    smooths[[i]]$lead <- first
  }
  smooths
}

#' The basis of smooth `i`, on the data of all smooths that share it
#' @noRd
linked_basis <- function(i, smooths, items, knots) {
  smooth <- smooths[[i]]
  linked <- c(i, which(vapply(smooths, function(s) identical(s$lead, i), NA)))
  data <- lapply(smooths[linked], covariate_data, items = items)
  joined <- do.call(Map, c(list(join_values), lapply(data, unname)))
  names(joined) <- smooth$covariates
  spec <- basis_spec(smooth)
  df <- smooth$settings$df
  knots <- knots[smooth$covariates]
  if (!is.null(df)) knots <- df_knots(spec, joined, knots)
  basis <- check_basis(smooth_basis(spec, joined, knots), smooth$label)
  if (!is.null(df)) check_df_basis(basis, spec, df, joined)
  basis$scale_data <- penalty_scale(basis, joined)
  basis
}

#' @noRd
join_values <- function(...) {
  values <- list(...)
  if (length(values) == 1L) return(basis_values(values[[1L]]))
  if (is.factor(values[[1L]])) return(do.call(c, values))
  unlist(lapply(values, as.vector))
}

#' A matrix covariate is a sum over its columns, whose values all count for the basis
#' @noRd
basis_values <- function(value) if (is.matrix(value)) as.vector(value) else value

#' @noRd
basis_spec <- function(smooth) {
  settings <- smooth$settings
  if (smooth$fun == "lo") settings$bs <- "lo"
  tensor <- !smooth$fun %in% c("s", "lo")
  bs <- settings$bs %||% if (tensor || !is.null(settings$df)) "cr" else "tp"
  if (!is.character(bs) || (!tensor && length(bs) != 1L)) {
    abort_gamut("`", smooth$label, "`: bs must name a basis, such as bs = \"cr\".",
                class = "smooth", data = list(term = smooth$label))
  }
  kind <- if (tensor) smooth$fun else bs
  spec <- list(bs = bs, term = smooth$covariates, k = whole_k(settings$k, smooth$label),
               m = settings$m %||% NA, xt = settings$xt,
               fixed = isTRUE(settings$fx), label = smooth$label, id = settings$id)
  own <- intersect(c("d", "np", "mc", "full", "ord", "span", "degree"), names(settings))
  spec[own] <- settings[own]
  structure(spec, class = c(paste0(kind, "_smooth"), "gamut_basis_spec"))
}

#' @noRd
whole_k <- function(k, label) {
  if (is.null(k) || all(is.na(k)) || identical(k, -1) || identical(k, -1L)) {
    return(NA_integer_)
  }
  if (!is.numeric(k) || !all(is.finite(k) & k == round(k) & k >= 1)) {
    abort_gamut("`", label, "`: k must be a whole number, the dimension of the basis.",
                class = "smooth", data = list(term = label))
  }
  as.integer(k)
}

#' Covariates as a basis wants them: numbers, or factors of all levels of the fit
#' @noRd
covariate_data <- function(smooth, items) {
  # a shared basis goes by the names of the first smooth
  names <- smooth$basis$term %||% smooth$covariates
  lapply(stats::setNames(smooth$covariates, names), function(key) {
    value <- items[[key]]
    levels <- smooth$xlevels[[key]]
    # those of new data may have been let in
    if (!is.null(levels)) {
      return(factor(as.character(value), union(levels, base::levels(value))))
    }
    if (is.matrix(value)) {
      storage.mode(value) <- "double"
      value
    } else {
      as.double(value)
    }
  })
}

#' a_j of each penalty
#' @noRd
penalty_scale <- function(basis, data) {
  n <- NROW(data[[1L]])
  # a scale: some ten thousand rows tell it as well as all
  if (n > 2e4) data <- lapply(data, `[`, round(seq(1, n, length.out = 2e4)))
  rows <- if (is.null(block_codes(basis))) basis_matrix(basis, data)
          else block_values(basis, data)
  size <- max(rowSums(abs(rows)))^2
  vapply(basis$S, function(penalty) norm(penalty, "O") / size, 0)
}

#' The pieces of one smooth
#' @noRd
smooth_pieces_of <- function(smooth, items, select) {
  basis <- smooth$basis
  scale <- basis$scale_data
  basis$scale_data <- NULL
  data <- covariate_data(smooth, items)
  by <- by_levels(smooth, items)
  piece <- list(term = smooth$label, basis = basis, covariates = smooth$covariates,
                by = smooth$by, xlevels = smooth$xlevels[smooth$covariates],
                by_levels = by$known, id = smooth$settings$id, df = smooth$settings$df)
  constraint <- constraint_rows(basis, data, smooth, by$varies)
  map <- constraint_map(constraint)
  piece$map <- map
  piece$columns <- if (is.null(map)) basis$columns else ncol(map)
  piece$copies <- if (is.null(map)) basis$copies %||% 1L else 1L
  piece <- add_penalties(piece, basis, scale, smooth, select)
  piece <- with_storage(piece, items)
  if (!is.null(piece$df)) piece <- natural_piece(piece, data, constraint)
  lapply(by$levels, function(level) {
    piece$by_level <- if (!is.na(level)) level
    piece$label <- paste0(smooth$label, if (!is.na(level)) level)
    structure(piece, class = "gamut_smooth")
  })
}

#' Levels that a by-variable makes pieces of
#'
#' An ordered factor has none for its first level: the others are differences from it.
#' @return list: `levels` (`NA` for one piece), and whether the by-variable takes the
#'   smooth out of the span of the intercept (`varies`).
#' @noRd
by_levels <- function(smooth, items) {
  if (is.null(smooth$by)) return(list(levels = NA_character_, varies = FALSE))
  value <- items[[smooth$by]]
  levels <- smooth$xlevels[[smooth$by]]
  if (is.null(levels) && is.logical(value)) levels <- c("FALSE", "TRUE")
  if (!is.null(levels)) {
    known <- levels
    if (is.ordered(value)) levels <- levels[-1L]
    return(list(levels = levels, known = known, varies = FALSE))
  }
  sums <- if (is.matrix(value)) rowSums(value) else as.double(value)
  list(levels = NA_character_, varies = diff(range(sums)) > 1e-12 * max(abs(sums)))
}

#' C: what the coefficients of the basis must obey, or `NULL`
#' @noRd
constraint_rows <- function(basis, data, smooth, varies) {
  pc <- smooth$settings$pc
  if (!is.null(pc)) point_constraint(basis, pc, smooth)
  else if (varies || identical(basis$constraint, "none")) NULL
  else if (identical(basis$constraint, "sum")) matrix(basis_means(basis, data), 1L)
  else basis$constraint
}

#' Z: coefficients of the basis from those that the constraint leaves
#' @noRd
constraint_map <- function(constraint) {
  if (is.null(constraint) || !nrow(constraint)) return(NULL)
  decomposed <- qr(t(constraint))
  qr.Q(decomposed, complete = TRUE)[, -seq_len(decomposed$rank), drop = FALSE]
}

#' The smooth is 0 at one point
#' @noRd
point_constraint <- function(basis, pc, smooth) {
  at <- as.list(pc)
  if (is.null(names(at))) names(at) <- smooth$covariates[seq_along(at)]
  if (!setequal(names(at), smooth$covariates) || any(lengths(at) != 1L)) {
    abort_gamut("`", smooth$label, "`: pc must give one value for each covariate.",
                class = "smooth", data = list(term = smooth$label))
  }
  basis_matrix(basis, at[smooth$covariates])
}

#' Penalties over the coefficients of a piece, and which smoothing parameters are given
#' @noRd
add_penalties <- function(piece, basis, scale, smooth, select) {
  penalties <- Map(function(j, a) {
    own <- if (is.null(piece$map)) basis$S[[j]]
           else crossprod(piece$map, whole_penalty(basis, j) %*% piece$map)
    (own + t(own)) / (2 * a)
  }, seq_along(basis$S), scale)
  # what a constraint leaves of a penalty may be nothing
  left <- vapply(penalties, function(s) max(abs(s)), 0) >
    1e-10 * vapply(basis$S, function(s) max(abs(s)), 0) / scale
  penalties <- penalties[left]
  scale <- scale[left]
  if (isTRUE(smooth$settings$fx)) penalties <- list()
  if (select && length(penalties)) {
    null <- null_space(penalties)
    if (ncol(null)) penalties <- c(penalties, list(tcrossprod(null)))
    scale <- c(scale, if (ncol(null)) 1)
  }
  piece$S <- unname(penalties)
  piece$scale <- scale[seq_along(penalties)]
  piece$given <- given_smoothing(smooth, length(penalties))
  piece$null_dim <- if (!length(penalties)) piece$columns
                    else ncol(null_space(penalties)) * piece$copies
  piece
}

#' Orthonormal basis of what no penalty acts on
#' @noRd
null_space <- function(penalties) {
  total <- Reduce(`+`, lapply(penalties, function(s) s / norm(s, "F")))
  eigen <- eigen(total, symmetric = TRUE)
  eigen$vectors[, eigen$values < 1e-10 * eigen$values[1L], drop = FALSE]
}

#' @noRd
given_smoothing <- function(smooth, count) {
  sp <- smooth$settings[["sp"]]
  if (is.null(sp)) return(rep(NaN, count))
  if (!is.numeric(sp) || length(sp) != count || anyNA(sp)) {
    abort_gamut("`", smooth$label, "`: sp must have one number for each of the ", count,
                " penalties; negative ones are estimated.", class = "smooth",
                data = list(term = smooth$label))
  }
  ifelse(sp < 0, NaN, pmax(sp, 1e-12))
}

#' The columns of a piece at rows of data
#' @param variables Variables by key, of the fit or of new rows.
#' @return n x p.
#' @noRd
piece_matrix <- function(piece, variables) {
  data <- covariate_data(piece, variables)
  by <- if (!is.null(piece$by)) by_values(piece, variables[[piece$by]])
  x <- covariate_sum(piece$basis, data, if (is.matrix(by)) by)
  if (!is.null(piece$map)) x <- x %*% piece$map
  if (is.null(by) || is.matrix(by)) x else x * by
}

#' @noRd
by_values <- function(piece, value) {
  if (!is.null(piece$by_level)) return(as.double(as.character(value) == piece$by_level))
  if (is.matrix(value)) value else as.double(value)
}

#' The basis at each row; of matrix covariates the sum over their columns, with weights
#' @noRd
covariate_sum <- function(basis, data, weights = NULL) {
  if (!is.matrix(data[[1L]])) return(basis_matrix(basis, data))
  total <- 0
  for (j in seq_len(ncol(data[[1L]]))) {
    own <- basis_matrix(basis, lapply(data, function(value) value[, j]))
    total <- total + if (is.null(weights)) own else own * weights[, j]
  }
  total
}
