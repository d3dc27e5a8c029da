package io.loomvisor.gofer.client;

import io.loomvisor.gofer.abi.FileStat;

/**
 * A regular file of the host, donated by the gofer.
 *
 * @param stat attributes at the time of opening; {@code dev} is the host's
 * @param fd the receiver closes it
 */
public record OpenFile(FileStat stat, int fd) {}
