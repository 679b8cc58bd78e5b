"""`docker` on buildah, for machines on which no engine may run; set up by `.ci/engine`."""
