package io.loomvisor.gofer.server;

/**
 * A directory tree that the sentry may attach to.
 *
 * @param fd its directory (O_PATH will do); stays open as long as the server runs
 * @param readOnly every request that would change something below fails with EROFS
 */
public record GoferRoot(int fd, boolean readOnly) {}
