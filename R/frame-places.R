# Structures over places: ar1() and toep() correlate effects by the distance of their
# times, exp() and mat() by that of their positions. What stands left of the bar says
# where each row is; the places of the fit are settled here and stay free of rows.

#' Is there more to a structure than which effects are correlated: places, a matrix?
#' @noRd
is_tied_structure <- function(structure) is_placed(structure) || structure == "known"

#' The places of a random term, NULL where its structure has none
#'
#' @param full_levels Levels of all factors, unused ones included.
#' @return list: `key`, of the variable or the codes that tell the place of a row;
#'   `coding`, from levels to places; `names`, of the effects; `positions`, a matrix with
#'   a row for each place (exp, mat); `coordinates`, keys of numeric ones, or NULL.
#' @noRd
settle_places <- function(random, items, full_levels) {
  if (!is_placed(random$structure)) return(NULL)
  spatial <- is_spatial(random$structure)
  kind <- left_side_kind(random)
  if (kind == "factor" && spatial) return(factor_places(random))
  if (kind == "factor") return(factor_times(random, full_levels))
  if (kind == "numbers" && spatial) return(coordinate_places(random, items))
  abort_places(random, random$keys %in% names(random$codings), spatial)
}

#' One factor alone, numbers, or anything else
#' @noRd
left_side_kind <- function(random) {
  order <- attr(random$terms, "order")
  levelled <- random$keys %in% names(random$codings)
  if (!length(order) || any(order > 1L)) return("other")
  if (!any(levelled)) return("numbers")
  if (length(order) > 1L || random$intercept) "other" else "factor"
}

#' @noRd
abort_places <- function(random, levelled, spatial) {
  written <- if (spatial) "pos" else "time"
  if (length(random$keys) == 1L) {
    written <- if (levelled) random$keys else paste0("factor(", random$keys, ")")
  }
  bar <- function(lhs) paste0(random$structure, "(", lhs, " | ", random$group_label, ")")
  abort_gamut(
    "`", random$label, "`: ", random$structure, "() takes one factor whose levels are ",
    if (spatial) "positions" else "times", ", without an intercept: ",
    bar(paste0("0 + ", written)),
    if (spatial) paste0("; or numeric coordinates: ", bar("x + y")), ".",
    class = "formula", data = list(term = random$label)
  )
}

#' Times: places in a row at equal distances, those between that have no data included
#'
#' Levels that are numbers are times, whose step is the largest that meets all of them;
#' other levels are one step apart, in their order.
#' @noRd
factor_times <- function(random, full_levels) {
  key <- random$keys
  present <- random$codings[[key]]$levels
  times <- label_positions(present)
  if (!is.null(times) && ncol(times) == 1L) {
    grid <- time_grid(as.vector(times), random)
    at <- match_near(times, grid)
    labels <- as.character(grid)
    labels[at] <- present
  } else {
    full <- full_levels[[key]] %||% present
    used <- range(match(present, full))
    labels <- full[seq.int(used[1L], used[2L])]
    at <- match(present, labels)
  }
  list(key = key, coding = list(levels = present, map = at, names = labels),
       names = paste0(attr(random$terms, "term.labels"), labels))
}

#' @noRd
time_grid <- function(times, random) {
  steps <- diff(sort(times))
  if (!length(steps)) return(times)
  step <- Reduce(common_step, steps)
  count <- round(diff(range(times)) / step) + 1
  if (count > 10 * length(times)) {
    abort_gamut("`", random$label, "`: the times ", enumerate(sort(times)), " are not ",
                "evenly spaced; for such there is exp(0 + ", random$keys, " | ",
                random$group_label, ").", class = "data",
                data = list(term = random$label))
  }
  min(times) + step * seq.int(0, count - 1)
}

#' The largest common divisor, of numbers with rounding errors
#' @noRd
common_step <- function(a, b) {
  # 1e-8: times have fewer digits, and errors of differences are 1e-16 of the times
  while (b > 1e-8 * a && b > 1e-8) {
    rest <- a %% b
    if (b - rest < 1e-8 * b) rest <- 0
    a <- b
    b <- rest
  }
  a
}

#' @noRd
match_near <- function(x, grid) {
  vapply(x, function(value) which.min(abs(grid - value)), 0L)
}

#' Positions in the labels of a factor, "3.5" or "(1,2)"; NULL where they are no numbers
#' @noRd
label_positions <- function(labels) {
  pieces <- strsplit(gsub("[() ]", "", labels), "[,;]")
  if (length(unique(lengths(pieces))) != 1L) return(NULL)
  numbers <- suppressWarnings(as.numeric(unlist(pieces)))
  if (!all(is.finite(numbers))) return(NULL)
  matrix(numbers, length(labels), byrow = TRUE)
}

#' @noRd
factor_places <- function(random) {
  key <- random$keys
  levels <- random$codings[[key]]$levels
  positions <- label_positions(levels)
  if (is.null(positions)) {
    abort_gamut("`", random$label, "`: the levels of ", ticked(key), " are no ",
                "positions: ", quoted(levels), ". Levels such as \"3.5\" or \"(1,2)\" ",
                "are, and numeric coordinates can stand left of the bar themselves.",
                class = "data",
                data = list(term = random$label, variable = key))
  }
  twice <- anyDuplicated(positions)
  if (twice) {
    abort_gamut("`", random$label, "`: two levels of ", ticked(key), " are at the same ",
                "position, ", quoted(levels[twice]), ".", class = "data",
                data = list(term = random$label, variable = key))
  }
  list(key = key, coding = dummy_coding(levels), positions = positions,
       names = paste0(attr(random$terms, "term.labels"), levels))
}

#' Distinct positions of numeric coordinates, sorted
#'
#' The coding has a further level without a place, for positions of new data.
#' @noRd
coordinate_places <- function(random, items) {
  coordinates <- coordinate_matrix(random$keys, items)
  positions <- unique(coordinates)
  sorted <- do.call(order, unname(as.data.frame(positions)))
  positions <- unname(positions[sorted, , drop = FALSE])
  labels <- paste0("(", apply(positions, 1L, function(at) {
    paste(format(at, trim = TRUE, digits = 7L, drop0trailing = TRUE), collapse = ",")
  }), ")")
  coding <- list(levels = c(labels, "(new)"), names = labels,
                 map = c(seq_along(labels), 0L))
  list(key = paste0(random$label, "\rplaces"), coding = coding, names = labels,
       positions = positions, coordinates = random$keys)
}

#' @noRd
coordinate_matrix <- function(keys, items) {
  unname(do.call(cbind, lapply(items[keys], function(x) unclass(x) + 0)))
}

#' Codes of the places of all rows, by key, where these are given by coordinates
#' @noRd
place_codes <- function(predictors, items) {
  codes <- list()
  for (random in unlist(lapply(unname(predictors), `[[`, "random"), FALSE)) {
    places <- random$places
    if (is.null(places$coordinates)) next
    found <- match(position_key(coordinate_matrix(places$coordinates, items)),
                   position_key(places$positions))
    found[is.na(found)] <- nrow(places$positions) + 1L
    codes[[places$key]] <- found
  }
  codes
}

#' Rows of new data at positions that the fit has no effects of, by the label of the bar
#' @noRd
new_place_rows <- function(frame) {
  random <- unlist(lapply(unname(frame$predictors), `[[`, "random"), FALSE)
  placed <- Filter(function(one) !is.null(one$places$coordinates), random)
  rows <- lapply(placed, function(one) {
    which(frame$codes[[one$places$key]] > nrow(one$places$positions))
  })
  names(rows) <- vapply(placed, `[[`, "", "label")
  Filter(length, rows)
}

#' @param allow As in unknown_rows().
#' @return All those rows.
#' @noRd
check_new_places <- function(frame, allow) {
  found <- new_place_rows(frame)
  if (!length(found)) return(integer())
  rows <- found[[1L]]
  if (!is.null(frame$kept)) rows <- frame$kept[rows]
  if (allow == "error") {
    abort_gamut(
      "`newdata` has positions that the fit of `", names(found)[1L], "` has no effects ",
      "of, in row", if (length(rows) > 1L) "s", " ", enumerate(rows), ". To predict ",
      "there from the positions around, fit with these rows among the data and weights ",
      "of 0. With allow_new_levels = \"population\" the effects are taken as 0, with ",
      "their variance; \"missing\" predicts NA; re.form = NA leaves out all random ",
      "effects.",
      class = c("new_levels", "newdata"), data = list(rows = rows)
    )
  }
  sort(unique(unlist(found)))
}

#' @noRd
position_key <- function(positions) {
  do.call(paste, lapply(seq_len(ncol(positions)), function(j) {
    # 15 digits: coordinates that were computed twice are one place
    sprintf("%.15g", positions[, j])
  }))
}

#' The places as an operand of a column program
#' @noRd
place_operand <- function(places) {
  list(key = places$key, coding = places$coding, names = places$names)
}
