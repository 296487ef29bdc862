# Tests of agreement need the package they compare with. Where it is absent they skip,
# except on CI, which promises that all peers are there: then they fail.

skip_if_no_peer <- function(package, minimum_version = "0") {
  present <- requireNamespace(package, quietly = TRUE) &&
    utils::packageVersion(package) >= minimum_version
  if (present) return(invisible(TRUE))
  if (identical(Sys.getenv("GAMUT_REQUIRE_PEERS"), "true")) {
    stop("the peer package ", package, " is required here, but not installed",
         call. = FALSE)
  }
  testthat::skip(paste0("peer package ", package, " is not installed"))
}

# A data set of a peer, as a plain data frame
peer_data <- function(name, package = "lme4") {
  skip_if_no_peer(package)
  into <- new.env()
  utils::data(list = name, package = package, envir = into)
  as.data.frame(into[[name]])
}
