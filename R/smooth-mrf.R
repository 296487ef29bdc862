# Markov random fields: a coefficient for each region, neighbours shrunk towards each
# other. The penalty is the sum over pairs of neighbours of (b_i - b_j)^2.
# Source: Rue & Held (2005) Gaussian Markov Random Fields; Wood (2017) Generalized
# Additive Models, 2nd ed., section 5.8.1, for the bases of low rank.

#' Markov random fields
#'
#' With `k` below the number of regions the functions are those of the smallest ratios of
#' penalty to sum of squares over the data, where regions without data count as if they
#' had one row.
#' @export
#' @noRd
smooth_basis.mrf_smooth <- function(spec, data, knots) {
  if (length(spec$term) != 1L) {
    abort_basis(spec, "bs = \"mrf\" is for one covariate, a factor of regions.")
  }
  seen <- as.factor(data[[spec$term]])
  penalty <- region_penalty(spec)
  regions <- rownames(penalty)
  if (is.null(regions)) {
    regions <- unnamed_regions(spec, penalty, seen, knots[[spec$term]])
  }
  unknown <- setdiff(levels(droplevels(seen)), regions)
  if (length(unknown)) {
    abort_basis(spec, "there are data for regions of which xt says nothing: ",
                enumerate(unknown), ".")
  }
  k <- requested_size(spec, length(regions), 2)
  k <- supported_size(spec, k, 2, length(regions))
  field <- if (k < length(regions)) {
    counts <- tabulate(match(as.character(seen), regions), length(regions))
    low_rank_field(penalty, pmax(counts, 1), k)
  } else {
    list(penalty = unname(penalty), rank = field_rank(penalty))
  }
  new_basis(spec, k, list(field$penalty), field$rank, k - field$rank, regions = regions,
            map = field$map, side = FALSE)
}

#' Without names a penalty is in the order of the levels; mgcv sorts these, so that orders
#' that differ are refused
#' @noRd
unnamed_regions <- function(spec, penalty, seen, given) {
  regions <- levels(if (is.null(given)) seen else as.factor(given))
  if (nrow(penalty) != length(regions)) {
    abort_basis(spec, "the penalty in xt is for ", nrow(penalty), " regions, but there ",
                "are ", length(regions), ". Give it the names of the regions as row ",
                "names.")
  }
  if (is.unsorted(regions)) {
    abort_basis(spec, "the levels of `", spec$term, "` are not in alphabetical order. ",
                "Give the penalty in xt the names of the regions as row names.")
  }
  regions
}

#' The penalty, with the names of the regions if they are known
#' @noRd
region_penalty <- function(spec) {
  penalty <- extra(spec, "penalty")
  neighbours <- extra(spec, "nb")
  polygons <- extra(spec, "polys")
  if (!is.null(penalty)) return(check_region_penalty(spec, penalty))
  if (is.null(neighbours) && is.null(polygons)) {
    abort_basis(spec, "bs = \"mrf\" needs to know which regions are neighbours: give ",
                "xt = list(polys = ), list(nb = ) or list(penalty = ).")
  }
  if (is.null(neighbours)) neighbours <- polygon_neighbours(spec, polygons)
  pairs <- neighbour_matrix(spec, neighbours)
  diag(rowSums(pairs), nrow(pairs)) - pairs
}

#' @noRd
check_region_penalty <- function(spec, penalty) {
  good <- is.matrix(penalty) && is.numeric(penalty) && all(is.finite(penalty)) &&
    nrow(penalty) == ncol(penalty) && isSymmetric(unname(penalty))
  if (!good) abort_basis(spec, "the penalty in xt must be a symmetric numeric matrix.")
  regions <- colnames(penalty)
  if (is.null(regions)) regions <- rownames(penalty)
  if (!is.null(regions)) dimnames(penalty) <- list(regions, regions)
  penalty
}

#' From a list, by region, of its neighbours' names or numbers to a matrix of 0 and 1
#' @noRd
neighbour_matrix <- function(spec, neighbours) {
  regions <- names(neighbours)
  if (!is.list(neighbours) || is.null(regions) || anyDuplicated(regions)) {
    abort_basis(spec, "the neighbours in xt must be a list, named by regions.")
  }
  out <- matrix(0, length(regions), length(regions), dimnames = list(regions, regions))
  for (region in regions) {
    near <- neighbours[[region]]
    place <- if (is.numeric(near)) match(near, seq_along(regions)) else
      match(as.character(near), regions)
    if (anyNA(place)) {
      abort_basis(spec, "region ", region, " has a neighbour in xt that is no region: ",
                  enumerate(near[is.na(place)]), ".")
    }
    out[region, setdiff(place, match(region, regions))] <- 1
  }
  one_way <- which(out != t(out), arr.ind = TRUE)
  if (nrow(one_way)) {
    abort_basis(spec, "of two neighbours each must name the other in xt, but ",
                paste(regions[one_way[1L, ]], collapse = " and "), " do not.")
  }
  out
}

#' Regions are neighbours if their outlines share a point
#' @noRd
polygon_neighbours <- function(spec, polygons) {
  regions <- names(polygons)
  if (!is.list(polygons) || is.null(regions)) {
    abort_basis(spec, "the polygons in xt must be a list, named by regions.")
  }
  points <- lapply(polygons, function(outline) {
    outline <- as.matrix(outline)
    if (ncol(outline) != 2L || !is.numeric(outline)) {
      abort_basis(spec, "each polygon in xt must be a matrix of two columns.")
    }
    outline[stats::complete.cases(outline), , drop = FALSE]
  })
  size <- vapply(points, nrow, 0L)
  all_points <- do.call(rbind, points)
  point <- match(paste(all_points[, 1L], all_points[, 2L]),
                 unique(paste(all_points[, 1L], all_points[, 2L])))
  owner <- rep(regions, size)
  sharing <- lapply(split(owner, point), unique)
  sharing <- sharing[lengths(sharing) > 1L]
  out <- stats::setNames(rep(list(character()), length(unique(regions))), unique(regions))
  for (group in sharing) {
    for (region in group) out[[region]] <- union(out[[region]], setdiff(group, region))
  }
  out
}

#' The `k` directions of least b'S b with b'N b = 1, N the diagonal of `counts`
#' @noRd
low_rank_field <- function(penalty, counts, k) {
  root <- 1 / sqrt(counts)
  pairs <- eigen(penalty * outer(root, root), symmetric = TRUE)
  kept <- seq(to = length(counts), length.out = k)
  rank <- min(field_rank(values = pairs$values) - (length(counts) - k), k)
  values <- pairs$values[kept]
  values[seq_len(k) > rank] <- 0
  list(map = root * pairs$vectors[, kept, drop = FALSE], penalty = diag(values, k),
       rank = max(rank, 0))
}

#' @noRd
field_rank <- function(penalty,
                       values = eigen(penalty, symmetric = TRUE)$values) {
  sum(values > .Machine$double.eps^0.8 * max(values))
}

#' @export
#' @noRd
basis_matrix.mrf_basis <- function(basis, data) {
  x <- as.character(data[[basis$term]])
  unknown <- setdiff(x, c(basis$regions, NA))
  if (length(unknown)) {
    abort_gamut("`", basis$term, "` has regions that are not in the map of its smooth: ",
                enumerate(unknown), ". Nothing is known of them.", class = "smooth",
                data = list(term = basis$term))
  }
  rows <- indicators(x, basis$regions)
  if (is.null(basis$map)) rows else rows %*% basis$map
}
