package io.loomvisor.runtime.oci.verb;

import java.nio.file.Path;

/**
 * Options before the verb.
 *
 * @param root where the state of containers lies
 * @param log where errors are told to programs; null for nowhere
 * @param json the log is lines of JSON
 * @param locked the sentry is locked in
 */
public record GlobalOptions(Path root, Path log, boolean json, boolean debug, boolean locked) {
  static final Path DEFAULT_ROOT = Path.of("/run/loomvisor");
}
